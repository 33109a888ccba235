import { env } from 'cloudflare:workers';
import { createDemoOrigin } from './app.ts';
import { demoOriginFromSettings } from './config.ts';

export default createDemoOrigin(demoOriginFromSettings(env));
