/** The authority's settings, checked when the Worker starts. */

import { type Authority, readAuthorities } from '../../shared/certificate/authority.ts';
import { ConfigError, parsed, required, wholeNumber } from '../../shared/config.ts';
import { readDecoySecret } from '../../shared/decoy/secret.ts';
import { isDomain } from '../../shared/identity.ts';
import { decodePemBlocks } from '../../shared/wire/pem.ts';

export interface AuthorityConfig {
  /** The first issues; all are trusted, so that keys can be rotated. */
  readonly authorities: readonly [Authority, ...Authority[]];
  /** DER of the first authority's PrivateKeyInfo. */
  readonly key: Uint8Array<ArrayBuffer>;
  readonly certificateLifetimeSeconds: number;
  readonly organization: string;
  readonly decoySecret: Uint8Array<ArrayBuffer>;
  readonly shardCount: number;
  readonly shards: AuthorityEnv['SHARDS'];
  readonly catalogue: KVNamespace;
}

/** @throws {ConfigError} */
export function readConfig(env: AuthorityEnv): AuthorityConfig {
  const organization = required(env, 'ORGANIZATION');
  if (!isDomain(organization)) throw new ConfigError('ORGANIZATION must be a domain name in lower case.');
  return {
    authorities: parsed(env, 'AUTHORITY_CERTIFICATES', readAuthorities),
    key: parsed(env, 'AUTHORITY_KEY', (pem) => {
      const [key, ...others] = decodePemBlocks('PRIVATE KEY', pem);
      if (key === undefined || others.length > 0) throw new TypeError('it is not one PRIVATE KEY in PEM (PKCS#8)');
      return key;
    }),
    certificateLifetimeSeconds: wholeNumber(env, 'CERTIFICATE_LIFETIME_SECONDS', 2, 300),
    organization,
    decoySecret: parsed(env, 'DECOY_SECRET', readDecoySecret),
    shardCount: wholeNumber(env, 'AUTHORITY_SHARDS', 1, 65536),
    shards: env.SHARDS,
    catalogue: env.CATALOGUE,
  };
}
