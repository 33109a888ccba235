/** An API with routes of its own, behind the library: it signs its answers, as every origin should. */

import { env } from 'cloudflare:workers';
import { Hono } from 'hono';
import { type CaleEnv, seal } from '../../origin/hono.ts';
import { originOptionsFromSettings } from '../../origin/settings.ts';

const app = seal(new Hono<CaleEnv>(), originOptionsFromSettings(env));
app.get('/', (c) => c.json({ hello: c.var.client.owner }));
app.get('/things', (c) => c.json({ things: new URL(c.req.url).search }));

export default app;
