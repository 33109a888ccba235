import { env } from 'cloudflare:workers';
import { ConfigError, choiceSetting } from '../../shared/settings.ts';
import { createEdge } from './app.ts';
import { edgeFromSettings } from './settings.ts';

export { PasswordGuard } from '../../durable-objects/password-guard/guard.ts';

if (choiceSetting(env, 'DEMO', ['on', 'off'], 'off') === 'on') {
  throw new ConfigError('DEMO is on, and this bundle has no page: build it from workers/edge/tour/index.ts.');
}

export default createEdge(edgeFromSettings(env));
