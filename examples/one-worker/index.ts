import { env } from 'cloudflare:workers';
import { authorityFromSettings, createAdministeredAuthority } from 'cale-workers/authority';
import { createEdge, edgeFromSettings } from 'cale-workers/edge';
import { originOptionsFromSettings } from 'cale-workers/origin';
import { type CaleEnv, seal } from 'cale-workers/origin/hono';
import { Hono } from 'hono';

export { CredentialShard, ResourceOwner } from 'cale-workers/authority';
export { PasswordGuard } from 'cale-workers/edge';

// In place of a secret for each name, SECRETS may be the file that `cale secrets --deploy --single` makes.
const settings = { ...JSON.parse(env.SECRETS ?? '{}'), ...env };

const origin = seal(new Hono<CaleEnv>(), originOptionsFromSettings(settings));
origin.get('/balance', (c) => c.json({ owner: c.var.client.owner, balance: 42 }));
origin.post('/payments', async (c) => c.json({ owner: c.var.client.owner, paid: await c.req.json() }, 201));

const { authority, administration } = createAdministeredAuthority(authorityFromSettings(settings));
const parties = { AUTHORITY: authority, ADMINISTRATION: administration, ORIGIN: origin };
const edge = createEdge(edgeFromSettings({ ...settings, ...parties }));

// Only the edge is reachable. The cron trigger is the authority's.
export default { fetch: edge.fetch, scheduled: authority.scheduled };
