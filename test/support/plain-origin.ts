/** An API with routes of its own, behind the library: it signs its answers, as every origin should. */

import { env } from 'cloudflare:workers';
import { Hono } from 'hono';
import { type CaleEnv, seal } from '../../origin/hono.ts';
import { originFromSettings } from '../../workers/origin/config.ts';

const settings = { ...env, UNSAFE_METHODS: 'signed' } as unknown as Parameters<typeof originFromSettings>[0];
const app = seal(new Hono<CaleEnv>(), originFromSettings(settings).options);
app.get('/', (c) => c.json({ hello: c.var.client.owner }));
app.get('/things', (c) => c.json({ things: new URL(c.req.url).search }));

export default app;
