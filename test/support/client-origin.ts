/** The demo's origin, with routes that the tests of the client want besides: redirects, and one that says what it was sent. */

import { env } from 'cloudflare:workers';
import { createOrigin } from '../../workers/origin/app.ts';

interface Bindings {
  readonly AUTHORITY_CERTIFICATES: string;
  readonly RESOURCE: Fetcher;
}

const { AUTHORITY_CERTIFICATES, RESOURCE } = env as unknown as Bindings;
const app = createOrigin({ authorities: AUTHORITY_CERTIFICATES, resourceServer: RESOURCE });

app.all('/redirect/:status', (c) =>
  c.body(null, Number(c.req.param('status')) as 302, { Location: c.req.query('to') ?? '/echo' }),
);
app.all('/echo', async (c) =>
  c.json({
    method: c.req.method,
    headers: c.req.header(),
    body: await c.req.text(),
    search: new URL(c.req.url).search,
  }),
);
app.get('/loop', (c) => c.redirect('/loop'));
app.get('/empty', (c) => c.body(null, 204));

export default app;
