/** The authority's options from the environment of a Worker, checked when it starts. */

import { parseOrganization } from '../../shared/protocol/identity.ts';
import { metricsFromSettings } from '../../shared/protocol/request-counts.ts';
import { samplePercentFromSettings } from '../../shared/protocol/request-trace.ts';
import {
  bindingSetting,
  checkedSetting,
  choiceSetting,
  integerSetting,
  optionalSetting,
} from '../../shared/settings.ts';
import { parseTrustAnchors } from '../../shared/x509/trust-anchor.ts';
import {
  CREDENTIAL_LIFETIME_DAYS,
  CREDENTIALS_PER_OWNER,
  LIFETIME_SECONDS,
  PREVIOUS_SHARD_COUNT,
  parsePrivateKey,
  REVOCATION_DELAY_SECONDS,
  SHARD_COUNT,
  STORAGE_DEADLINE_MS,
} from './config.ts';
import { PLACEMENTS } from './credentials/placement.ts';
import { parseDecoySecret } from './decoys/secret.ts';
import type { AuthorityOptions, CatalogueNamespace, OwnerNamespace, ShardNamespace } from './options.ts';
import { JURISDICTIONS, LOCATIONS } from './places.ts';

/**
 * @param env the Worker's variables, secrets and bindings.
 * @throws {ConfigError} when one is missing or not usable.
 *
 * @example
 * import { env } from 'cloudflare:workers';
 * export default createAuthority(authorityFromSettings(env));
 */
export function authorityFromSettings(env: object): AuthorityOptions {
  return {
    certificates: checkedSetting(env, 'AUTHORITY_CERTIFICATES', parseTrustAnchors),
    key: checkedSetting(env, 'AUTHORITY_KEY', parsePrivateKey),
    certificateLifetimeSeconds: integerSetting(env, 'CERTIFICATE_LIFETIME_SECONDS', LIFETIME_SECONDS),
    credentialLifetimeDays: integerSetting(env, 'CREDENTIAL_LIFETIME_DAYS', CREDENTIAL_LIFETIME_DAYS),
    credentialsPerOwner: integerSetting(env, 'CREDENTIALS_PER_OWNER', CREDENTIALS_PER_OWNER),
    organization: checkedSetting(env, 'ORGANIZATION', parseOrganization),
    decoySecret: checkedSetting(env, 'DECOY_SECRET', parseDecoySecret),
    shardCount: integerSetting(env, 'AUTHORITY_SHARDS', SHARD_COUNT),
    shardPlacement: choiceSetting(env, 'SHARD_PLACEMENT', PLACEMENTS, 'hash'),
    revocationDelaySeconds: integerSetting(env, 'REVOCATION_DELAY_SECONDS', REVOCATION_DELAY_SECONDS),
    storageDeadlineMs: integerSetting(env, 'STORAGE_DEADLINE_MS', STORAGE_DEADLINE_MS),
    previousShardCount: integerSetting(env, 'PREVIOUS_AUTHORITY_SHARDS', PREVIOUS_SHARD_COUNT),
    ...(optionalSetting(env, 'PREVIOUS_SHARD_PLACEMENT') !== undefined && {
      previousShardPlacement: choiceSetting(env, 'PREVIOUS_SHARD_PLACEMENT', PLACEMENTS),
    }),
    location: optionalChoice(env, 'AUTHORITY_LOCATION', LOCATIONS),
    jurisdiction: optionalChoice(env, 'AUTHORITY_JURISDICTION', JURISDICTIONS),
    shards: bindingSetting<ShardNamespace>(env, 'SHARDS', 'idFromName'),
    owners: bindingSetting<OwnerNamespace>(env, 'OWNERS', 'idFromName'),
    catalogue: bindingSetting<CatalogueNamespace>(env, 'CATALOGUE', 'put'),
    logSamplePercent: samplePercentFromSettings(env),
    metrics: metricsFromSettings(env),
  };
}

/** @returns undefined where the setting is missing or empty. @throws {ConfigError} unless it is one of the choices. */
const optionalChoice = <T extends string>(env: object, name: string, choices: readonly T[]): T | undefined =>
  optionalSetting(env, name) === undefined ? undefined : choiceSetting(env, name, choices);
