/**
 * The options of an authority, as plain values. The bindings among them have types of their own, so that programs get
 * along with this file whether they have the types of Cloudflare or not.
 */

import type { MetricsDataset } from '../../shared/protocol/request-counts.ts';
import type { JURISDICTIONS, LOCATIONS } from './places.ts';

/** The options of an authority. `authorityFromSettings` has them from the environment of a Worker. */
export interface AuthorityOptions {
  /** Domain of the organisation, in lower case. The edge has the same. */
  readonly organization: string;
  /** In PEM. The first one issues; all are trusted, so that keys can be rotated. */
  readonly certificates: string;
  /** The private key of the first certificate: PKCS#8 in PEM. */
  readonly key: string;
  /** base64 of at least 32 random bytes, from which decoys are derived. */
  readonly decoySecret: string;
  /** The binding to the Durable Objects of the class `CredentialShard`. */
  readonly shards: ShardNamespace;
  /** The binding to the Durable Objects of the class `ResourceOwner`. */
  readonly owners: OwnerNamespace;
  /** The binding to a KV namespace, which holds the CSRs. `CredentialShard` expects it under the name `CATALOGUE`. */
  readonly catalogue: CatalogueNamespace;
  /** Milliseconds that a Durable Object or KV may take for one call: 100 to 60000; by default 5000. */
  readonly storageDeadlineMs?: number;
  /** Of a certificate for one request: 2 to 300; by default 10. */
  readonly certificateLifetimeSeconds?: number;
  /** Of a credential, from its registration: 0 (it never ends) to 3650; by default 397. */
  readonly credentialLifetimeDays?: number;
  /** How many valid credentials an owner may have: 1 to 1000; by default 20. */
  readonly credentialsPerOwner?: number;
  /** Number of shards, by default 8. Where there are credentials, set `previousShardCount` to change it. */
  readonly shardCount?: number;
  /**
   * How a GUID gets its shard: `hash` (the default), or `prefix` where there are credentials from before there was a
   * choice. Where there are credentials, set `previousShardCount` to change it.
   */
  readonly shardPlacement?: 'hash' | 'prefix';
  /**
   * The region near which Durable Objects come into being, such as `weur`; by default that of the client who first asks.
   * It has no effect on objects that there are.
   */
  readonly location?: (typeof LOCATIONS)[number] | undefined;
  /** The jurisdiction that they stay in; by default none. Never change it once there are credentials. */
  readonly jurisdiction?: (typeof JURISDICTIONS)[number] | undefined;
  /** Seconds for which an isolate remembers what a shard said of a GUID: 0 to 60; by default 0, not at all. */
  readonly revocationDelaySeconds?: number;
  /** Percent of the requests that were answered, of which a line is logged; by default 100. */
  readonly logSamplePercent?: number;
  /** Number of the shards that credentials move from, while they do; by default 0: they do not move. */
  readonly previousShardCount?: number;
  /** Their placement; by default the same as `shardPlacement`. */
  readonly previousShardPlacement?: 'hash' | 'prefix';
  /**
   * The description of the edge's interface for `/.well-known/cale/openapi.json`, in JSON; `cale-workers/authority/openapi` is
   * one. By default there is none.
   */
  readonly openApi?: string | undefined;
  /** The binding to a dataset of Analytics Engine, which gets one data point a request; by default there is none. */
  readonly metrics?: MetricsDataset | undefined;
}

/** A `durable_objects` binding. */
export interface ShardNamespace {
  idFromName(name: string): object;
  get(id: never): object;
}

/** A `durable_objects` binding. */
export type OwnerNamespace = ShardNamespace;

/** A `kv_namespaces` binding. */
export interface CatalogueNamespace {
  get(key: string): Promise<string | null>;
  put(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
}
