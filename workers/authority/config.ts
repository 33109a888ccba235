/** The configuration of an authority, which its options amount to. */

import type { CredentialShard } from '../../durable-objects/credential-shard/shard.ts';
import type { ResourceOwner } from '../../durable-objects/resource-owner/resource-owner.ts';
import { EncodingError } from '../../shared/encoding/error.ts';
import { parsePem } from '../../shared/encoding/pem.ts';
import { parseOrganization } from '../../shared/protocol/identity.ts';
import type { MetricsDataset } from '../../shared/protocol/request-counts.ts';
import { LOG_SAMPLE_PERCENT } from '../../shared/protocol/request-trace.ts';
import { ConfigError, type IntegerRange, parseInteger, parseValue } from '../../shared/settings.ts';
import { parseTrustAnchors, type TrustAnchor } from '../../shared/x509/trust-anchor.ts';
import { parsePlacement } from './credentials/placement.ts';
import type { Layout } from './credentials/shards.ts';
import { parseDecoySecret } from './decoys/secret.ts';
import type { AuthorityOptions } from './options.ts';
import { type ObjectsByName, placedNamespace } from './placed-namespace.ts';
import { boundedCalls, boundedNamespace } from './storage-calls.ts';

/** Options that were checked, with their defaults filled in. */
export interface AuthorityConfig {
  /** The first one issues; all are trusted. */
  readonly anchors: readonly [TrustAnchor, ...TrustAnchor[]];
  /** DER of the first anchor's PrivateKeyInfo. */
  readonly key: Uint8Array<ArrayBuffer>;
  readonly certificateLifetimeSeconds: number;
  readonly organization: string;
  readonly decoySecret: Uint8Array<ArrayBuffer>;
  /** How credentials are spread over shards. */
  readonly layout: Layout;
  /** Null: they never end. */
  readonly credentialLifetimeDays: number | null;
  readonly credentialsPerOwner: number;
  readonly shards: ObjectsByName<CredentialShard>;
  readonly owners: ObjectsByName<ResourceOwner>;
  readonly catalogue: KVNamespace;
  readonly openApi: string | undefined;
  readonly logSamplePercent: number;
  /** 0: each request asks the shard. */
  readonly revocationDelaySeconds: number;
  readonly metrics: MetricsDataset | undefined;
}

export const LIFETIME_SECONDS: IntegerRange = { least: 2, most: 300, byDefault: 10 };
export const SHARD_COUNT: IntegerRange = { least: 1, most: 65536, byDefault: 8 };
/** 0: credentials do not move. */
export const PREVIOUS_SHARD_COUNT: IntegerRange = { least: 0, most: 65536, byDefault: 0 };
export const CREDENTIALS_PER_OWNER: IntegerRange = { least: 1, most: 1000, byDefault: 20 };
/** 0: they never end. */
export const CREDENTIAL_LIFETIME_DAYS: IntegerRange = { least: 0, most: 3650, byDefault: 397 };

/** Milliseconds that a Durable Object or KV may take for one call. */
export const REVOCATION_DELAY_SECONDS: IntegerRange = { least: 0, most: 60, byDefault: 0 };
export const STORAGE_DEADLINE_MS: IntegerRange = { least: 100, most: 60_000, byDefault: 5000 };

/** @throws {ConfigError} with the name of the option that is not usable. */
export function parseAuthorityOptions(options: AuthorityOptions): AuthorityConfig {
  const { certificateLifetimeSeconds, credentialLifetimeDays, credentialsPerOwner } = options;
  // A deployment of before has none, and would fail at the first registration only.
  if (options.owners === undefined) throw new ConfigError('owners is missing: the binding to the class ResourceOwner.');
  const deadlineMs = parseInteger('storageDeadlineMs', options.storageDeadlineMs, STORAGE_DEADLINE_MS);
  const catalogue = options.catalogue as KVNamespace;
  const place = <T extends Rpc.DurableObjectBranded>(namespace: DurableObjectNamespace<T>) =>
    placedNamespace(namespace, { location: options.location, jurisdiction: options.jurisdiction });
  const shards = parseValue('jurisdiction', options.shards as DurableObjectNamespace<CredentialShard>, place);
  const owners = parseValue('jurisdiction', options.owners as DurableObjectNamespace<ResourceOwner>, place);
  return {
    anchors: parseValue('certificates', options.certificates, parseTrustAnchors),
    key: parseValue('key', options.key, parsePrivateKey),
    certificateLifetimeSeconds: parseInteger(
      'certificateLifetimeSeconds',
      certificateLifetimeSeconds,
      LIFETIME_SECONDS,
    ),
    organization: parseValue('organization', options.organization, parseOrganization),
    decoySecret: parseValue('decoySecret', options.decoySecret, parseDecoySecret),
    layout: parseLayout(options),
    credentialLifetimeDays:
      parseInteger('credentialLifetimeDays', credentialLifetimeDays, CREDENTIAL_LIFETIME_DAYS) || null,
    credentialsPerOwner: parseInteger('credentialsPerOwner', credentialsPerOwner, CREDENTIALS_PER_OWNER),
    shards: boundedNamespace(shards, deadlineMs),
    owners: boundedNamespace(owners, deadlineMs),
    catalogue: boundedCalls(() => catalogue, deadlineMs),
    revocationDelaySeconds: parseInteger(
      'revocationDelaySeconds',
      options.revocationDelaySeconds,
      REVOCATION_DELAY_SECONDS,
    ),
    openApi: options.openApi,
    logSamplePercent: parseInteger('logSamplePercent', options.logSamplePercent, LOG_SAMPLE_PERCENT),
    metrics: options.metrics,
  };
}

function parseLayout(options: AuthorityOptions): Layout {
  const { shardCount, shardPlacement = 'hash', previousShardCount, previousShardPlacement } = options;
  const placement = parseValue('shardPlacement', shardPlacement, parsePlacement);
  const before = parseInteger('previousShardCount', previousShardCount, PREVIOUS_SHARD_COUNT);
  // Two settings that belong together: one of them by itself is a slip, which would not find the credentials.
  if (before === 0 && previousShardPlacement !== undefined) {
    throw new ConfigError('previousShardPlacement is set, and previousShardCount is not.');
  }
  return {
    count: parseInteger('shardCount', shardCount, SHARD_COUNT),
    placement,
    previous:
      before === 0
        ? null
        : {
            count: before,
            placement: parseValue('previousShardPlacement', previousShardPlacement ?? placement, parsePlacement),
          },
  };
}

/** @throws {EncodingError} when it is not one private key. */
export function parsePrivateKey(pem: string): Uint8Array<ArrayBuffer> {
  const [key, ...others] = parsePem('PRIVATE KEY', pem);
  if (key === undefined || others.length > 0) throw new EncodingError('it is not one PRIVATE KEY in PEM (PKCS#8)');
  return key;
}
