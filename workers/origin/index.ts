import { env } from 'cloudflare:workers';
import { parseSetting } from '../../shared/settings.ts';
import { createOrigin } from './app.ts';

export default parseSetting(env, 'AUTHORITY_CERTIFICATES', (authorities) =>
  createOrigin({ authorities, resourceServer: env.RESOURCE }),
);
