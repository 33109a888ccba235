/** The resource server: holds the data, and answers the origin in the clear. */

import { env } from 'cloudflare:workers';
import { type CaleEnv, seal } from 'cale-workers/origin/hono';
import { Hono } from 'hono';

const app = seal(new Hono<CaleEnv>(), { authorities: env.AUTHORITY_CERTIFICATES, answers: 'clear' });

app.get('/stock', (c) => c.json({ apples: 12, seenBy: c.var.client.owner }));

export default app;
