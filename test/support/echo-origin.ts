/** An origin that seals what it was sent, so that a test can see what the edge forwards. */

import { env } from 'cloudflare:workers';
import { Hono } from 'hono';
import { type CaleEnv, seal } from '../../origin/hono.ts';

interface Settings {
  readonly AUTHORITY_CERTIFICATES: string;
  readonly UNSAFE_METHODS: 'signed' | 'allow';
}
const { AUTHORITY_CERTIFICATES: authorities, UNSAFE_METHODS: unsafeMethods } = env as unknown as Settings;

const app = seal(new Hono<CaleEnv>(), { authorities, unsafeMethods });
app.all('*', async (c) =>
  c.json({
    method: c.req.method,
    url: c.req.url,
    headers: c.req.header(),
    body: await c.req.text(),
    owner: c.var.client.owner,
  }),
);

export default app;
