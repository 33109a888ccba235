/** The demo's origin, with routes that the tests of the client want besides: redirects, and one that says what it was sent. */

import { env } from 'cloudflare:workers';
import { hex } from '../../shared/encoding/bytes.ts';
import { createDemoOrigin } from '../../workers/origin/app.ts';
import { originFromSettings } from '../../workers/origin/config.ts';

/** Number of writes that were done. */
let count = 0;

const app = createDemoOrigin(originFromSettings(env as unknown as Parameters<typeof originFromSettings>[0]));

app.all('/redirect/:status', (c) =>
  c.body(null, Number(c.req.param('status')) as 302, { Location: c.req.query('to') ?? '/mirror' }),
);
app.all('/mirror', async (c) => {
  const { proof, isSealed } = c.var.client;
  return c.json({
    method: c.req.method,
    headers: c.req.header(),
    body: await c.req.text(),
    search: new URL(c.req.url).search,
    proof,
    isSealed,
  });
});
app.all('/digest', async (c) => {
  const body = await c.req.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', body));
  return c.json({ length: body.byteLength, sha256: hex(digest), type: c.req.header('Content-Type') });
});
app.all('/bytes', async (c) => c.body(await c.req.arrayBuffer()));
app.get('/count', (c) => c.json(count));
app.post('/count', (c) => {
  count++;
  return c.json(count);
});
app.get('/cookies', (c) => {
  c.header('Set-Cookie', 'a=1; Path=/', { append: true });
  c.header('Set-Cookie', 'b=2; Expires=Wed, 01 Jan 2031 00:00:00 GMT', { append: true });
  return c.text('two cookies');
});
app.get('/loop', (c) => c.redirect('/loop'));
app.get('/empty', (c) => c.body(null, 204));

export default app;
