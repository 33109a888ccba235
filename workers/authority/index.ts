import { env } from 'cloudflare:workers';
import { authority } from './app.ts';
import { sweepCatalogue } from './catalogue.ts';
import { readConfig } from './config.ts';
import { Shards } from './shards.ts';

export { CredentialShard } from '../../durable-objects/shard.ts';

const config = readConfig(env);
const app = authority(config);

export default {
  fetch: (request, _env, context) => app.fetch(request, undefined, context),
  async scheduled() {
    const shards = new Shards(config.shards, config.shardCount);
    const removed = await sweepCatalogue(config.catalogue, shards, Date.now());
    console.log(JSON.stringify({ event: 'catalogue-swept', removed }));
  },
} satisfies ExportedHandler;
