/**
 * The authority whose storage fails as a test asks for by `https://fault/shard/FAULT` and `https://fault/kv/FAULT`. Its
 * Durable Objects are really reset. KV, and the network between authority and objects, have a stand-in in front.
 */

import { env, waitUntil } from 'cloudflare:workers';
import { CredentialShard as Shard } from '../../durable-objects/credential-shard/shard.ts';
import { createAdministeredAuthority } from '../../workers/authority/app.ts';
import type { AuthorityOptions } from '../../workers/authority/options.ts';
import { authorityFromSettings } from '../../workers/authority/settings.ts';

export { ResourceOwner } from '../../durable-objects/resource-owner/resource-owner.ts';

export type ShardFault =
  | 'none'
  | 'resets once'
  | 'resets'
  | 'resets once when it has written'
  | 'hangs'
  | 'overloaded'
  | 'unreachable'
  | 'unreachable once';
export type KvFault = 'none' | 'down' | 'hangs' | 'slow' | 'late' | 'stale';

/** Longer than the deadline that tests set, and shorter. */
const LATE_MS = 2000;
const SLOW_MS = 200;

// The objects of a Worker are in its isolate.
let shardFault: ShardFault = 'none';
let kvFault: KvFault = 'none';
/** Calls of shards since the fault was set. */
let calls = 0;

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const never = () => sleep(2 ** 30);

type Method = (...parameters: unknown[]) => unknown;

export class CredentialShard extends Shard {
  async reset(): Promise<never> {
    this.ctx.abort('reset by a test');
    return never() as Promise<never>;
  }

  async written(): Promise<void> {
    await this.ctx.storage.sync();
  }
}

const FAILING = ['find', 'admit', 'findWithOwner', 'register', 'list', 'summaries', 'revoke'] as const;
for (const name of FAILING) {
  const real = Shard.prototype[name] as Method;
  Object.defineProperty(CredentialShard.prototype, name, {
    async value(this: CredentialShard, ...parameters: unknown[]) {
      calls += 1;
      const fault = shardFault;
      if (fault.startsWith('resets once')) shardFault = 'none';
      if (fault === 'resets' || fault === 'resets once') return this.reset();
      if (fault === 'hangs') return never();
      const result = await real.apply(this, parameters);
      if (fault !== 'resets once when it has written') return result;
      await this.written();
      return this.reset();
    },
  });
}

/** What the platform throws where it has not reached an object. */
function refuseCall(): void {
  const fault = shardFault;
  if (fault !== 'overloaded' && !fault.startsWith('unreachable')) return;
  calls += 1;
  if (fault === 'unreachable once') shardFault = 'none';
  if (fault !== 'overloaded') throw Object.assign(new Error('Network connection lost.'), { retryable: true });
  throw Object.assign(new Error('Durable Object is overloaded.'), { retryable: true, overloaded: true });
}

const shards: AuthorityOptions['shards'] = {
  idFromName: (name) => env.SHARDS.idFromName(name),
  get: (id) => {
    refuseCall();
    return env.SHARDS.get(id);
  },
};

const catalogue = new Proxy(env.CATALOGUE, {
  get: (target, name: keyof KVNamespace) =>
    async function call(...parameters: unknown[]) {
      if (kvFault === 'down') throw new Error('KV PUT failed: 500 Internal Server Error');
      if (kvFault === 'hangs') return never();
      if (kvFault === 'stale' && name === 'get') return null;
      if (kvFault === 'slow') await sleep(SLOW_MS);
      const done = (target[name] as Method)(...parameters) as Promise<unknown>;
      waitUntil(done);
      if (kvFault === 'late') await sleep(LATE_MS);
      return done;
    },
});

const options = { ...authorityFromSettings(env), shards, catalogue };
const { authority, administration } = createAdministeredAuthority(options);

export default {
  async fetch(request: Request, ...more) {
    const { hostname, pathname } = new URL(request.url);
    // The harness leads bindings of the edge to the default entrypoint only.
    if (pathname.startsWith('/admin/')) return administration.fetch(request);
    if (hostname !== 'fault') return authority.fetch(request, ...more);
    const [, storage, fault = ''] = decodeURIComponent(pathname).split('/');
    if (storage === 'shard') {
      shardFault = fault as ShardFault;
      calls = 0;
    }
    if (storage === 'kv') kvFault = fault as KvFault;
    return Response.json({ calls });
  },
} satisfies ExportedHandler;
