import { env, waitUntil } from 'cloudflare:workers';
import { createDemoOrigin } from './app.ts';
import { originFromSettings } from './config.ts';

export default createDemoOrigin(originFromSettings(env, waitUntil));
