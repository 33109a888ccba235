import { env } from 'cloudflare:workers';
import { edge } from './app.ts';
import { readConfig } from './config.ts';

export default edge(readConfig(env));
