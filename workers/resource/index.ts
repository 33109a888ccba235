import { env } from 'cloudflare:workers';
import { parseSetting } from '../../shared/settings.ts';
import { createResource } from './app.ts';

export default parseSetting(env, 'AUTHORITY_CERTIFICATES', createResource);
