/** The package's `cale-workers/authority`: the authority as a library. */

import { CredentialShard as Shard } from '../../durable-objects/credential-shard/shard.ts';
import { ResourceOwner as Owner } from '../../durable-objects/resource-owner/resource-owner.ts';

export type { MetricsDataset } from '../../shared/protocol/request-counts.ts';
export { ConfigError } from '../../shared/settings.ts';
export {
  type AdministeredAuthority,
  type Authority,
  type AuthorityAdministration,
  createAdministeredAuthority,
  createAuthority,
} from './app.ts';
export type { AuthorityOptions, CatalogueNamespace, OwnerNamespace, ShardNamespace } from './options.ts';
export { authorityFromSettings } from './settings.ts';

/**
 * The class of the Durable Objects that hold the credentials, which the Worker of the authority exports. It needs a KV
 * namespace under the name `CATALOGUE` in the Worker's environment.
 */
export interface CredentialShard {
  /** Cloudflare's types know a Durable Object by this. */
  readonly __DURABLE_OBJECT_BRAND: never;
}
/** The class itself, without the types of Cloudflare, so that programs that have others can import this module. */
export const CredentialShard = Shard as unknown as new (state: never, env: never) => CredentialShard;

/** The class of the Durable Objects that hold the lists of owners, which the Worker of the authority exports too. */
export interface ResourceOwner {
  /** Cloudflare's types know a Durable Object by this. */
  readonly __DURABLE_OBJECT_BRAND: never;
}
/** The class itself, without the types of Cloudflare. */
export const ResourceOwner = Owner as unknown as new (state: never, env: never) => ResourceOwner;
