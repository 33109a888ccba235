import { env } from 'cloudflare:workers';
// Built by scripts/build-page.ts, which wrangler runs before it bundles the edge.
import page from '../../build/page.html';
import { choiceSetting } from '../../shared/settings.ts';
import { createEdge } from './app.ts';
import { edgeFromSettings } from './settings.ts';

export { PasswordGuard } from '../../durable-objects/password-guard/guard.ts';

const isDemo = choiceSetting(env, 'DEMO', ['on', 'off']) === 'on';

export default createEdge({ ...edgeFromSettings(env), page: isDemo ? page : undefined });
