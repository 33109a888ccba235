/** An origin that keeps middlewares outside of ours, and answers without it. */

import { env } from 'cloudflare:workers';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { etag } from 'hono/etag';
import { type CaleEnv, cale } from '../../origin/hono.ts';

const { AUTHORITY_CERTIFICATES: authorities } = env as unknown as { readonly AUTHORITY_CERTIFICATES: string };

const app = new Hono<CaleEnv>();
app.use('/limited', bodyLimit({ maxSize: 10 }));
app.use('/tagged', etag());
app.get('/plain', (c) => c.text('secret'));
app.get('/moved', (c) => c.redirect('https://elsewhere.example/secret'));
app.get('/fails', (c) => c.text('secret', 500));
app.get('/throws', () => {
  throw 'secret';
});
app.use(cale({ authorities, unsafeMethods: 'allow' }));
app.post('/limited', async (c) => c.text(await c.req.text()));
app.get('/tagged', (c) => c.text('tagged'));

export default app;
