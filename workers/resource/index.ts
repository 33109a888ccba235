import { env } from 'cloudflare:workers';
import { parsed } from '../../shared/config.ts';
import { resource } from './app.ts';

export default parsed(env, 'AUTHORITY_CERTIFICATES', resource);
