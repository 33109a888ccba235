/** The authority's settings, checked when the Worker starts. */

import { EncodingError } from '../../shared/encoding/error.ts';
import { parsePem } from '../../shared/encoding/pem.ts';
import { parseDecoySecret } from '../../shared/protocol/decoy.ts';
import { parseOrganization } from '../../shared/protocol/identity.ts';
import { integerSetting, parseSetting } from '../../shared/settings.ts';
import { parseTrustAnchors, type TrustAnchor } from '../../shared/x509/trust-anchor.ts';

export interface AuthorityConfig {
  /** The first one issues; all are trusted, so that keys can be rotated. */
  readonly anchors: readonly [TrustAnchor, ...TrustAnchor[]];
  /** DER of the first anchor's PrivateKeyInfo. */
  readonly key: Uint8Array<ArrayBuffer>;
  readonly certificateLifetimeSeconds: number;
  readonly organization: string;
  readonly decoySecret: Uint8Array<ArrayBuffer>;
  readonly shardCount: number;
  readonly shards: AuthorityEnv['SHARDS'];
  readonly catalogue: KVNamespace;
}

/** @throws {ConfigError} when a setting is missing or not usable. */
export function authorityFromSettings(env: AuthorityEnv): AuthorityConfig {
  return {
    anchors: parseSetting(env, 'AUTHORITY_CERTIFICATES', parseTrustAnchors),
    key: parseSetting(env, 'AUTHORITY_KEY', parsePrivateKey),
    certificateLifetimeSeconds: integerSetting(env, 'CERTIFICATE_LIFETIME_SECONDS', 2, 300),
    organization: parseSetting(env, 'ORGANIZATION', parseOrganization),
    decoySecret: parseSetting(env, 'DECOY_SECRET', parseDecoySecret),
    shardCount: integerSetting(env, 'AUTHORITY_SHARDS', 1, 65536),
    shards: env.SHARDS,
    catalogue: env.CATALOGUE,
  };
}

/** @throws {EncodingError} when it is not one private key. */
function parsePrivateKey(pem: string): Uint8Array<ArrayBuffer> {
  const [key, ...others] = parsePem('PRIVATE KEY', pem);
  if (key === undefined || others.length > 0) throw new EncodingError('it is not one PRIVATE KEY in PEM (PKCS#8)');
  return key;
}
