import { env } from 'cloudflare:workers';
import { parsed } from '../../shared/config.ts';
import { origin } from './app.ts';

export default parsed(env, 'AUTHORITY_CERTIFICATES', (authorities) =>
  origin({ authorities, resourceServer: env.RESOURCE }),
);
