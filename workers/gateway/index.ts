import { env, waitUntil } from 'cloudflare:workers';
import { createGateway } from './app.ts';
import { gatewayFromSettings } from './config.ts';

export default createGateway(gatewayFromSettings(env, waitUntil));
