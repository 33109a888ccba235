/** The origin's settings, checked when the Worker starts. */

import { type KeyAndCertificates, parseOriginKey } from '../../origin/keys.ts';
import type { OriginOptions } from '../../origin/options.ts';
import { choiceSetting, optionalSetting, parseSetting, requiredSetting } from '../../shared/settings.ts';
import { parseTrustAnchors } from '../../shared/x509/trust-anchor.ts';

/** The origin's secrets, which no generated type knows: see wrangler.toml. */
interface Secrets {
  readonly AUTHORITY_CERTIFICATES?: string;
  readonly ORIGIN_SIGNING_KEY?: string;
  readonly ORIGIN_SIGNING_CERTIFICATES?: string;
  readonly ORIGIN_ENCRYPTION_KEY?: string;
  readonly ORIGIN_ENCRYPTION_CERTIFICATES?: string;
}

export interface DemoOriginConfig {
  readonly options: OriginOptions;
  readonly resourceServer: Fetcher;
}

/** @throws {ConfigError} when a setting is missing or not usable. */
export function originFromSettings(env: OriginEnv & Secrets): DemoOriginConfig {
  parseSetting(env, 'AUTHORITY_CERTIFICATES', parseTrustAnchors);
  return {
    options: {
      authorities: requiredSetting(env, 'AUTHORITY_CERTIFICATES'),
      signing: keyFromSettings(env, 'ORIGIN_SIGNING'),
      encryption: keyFromSettings(env, 'ORIGIN_ENCRYPTION'),
      unsafeMethods: choiceSetting(env, 'UNSAFE_METHODS', ['signed', 'refuse', 'allow']),
    },
    resourceServer: env.RESOURCE,
  };
}

/** @returns undefined where there is neither key nor certificates. */
function keyFromSettings(env: object, name: string): KeyAndCertificates | undefined {
  const [keyName, certificatesName] = [`${name}_KEY`, `${name}_CERTIFICATES`];
  if (optionalSetting(env, keyName) === undefined && optionalSetting(env, certificatesName) === undefined) {
    return undefined;
  }
  const certificates = requiredSetting(env, certificatesName);
  return parseSetting(env, keyName, (key) => {
    const pair = { key, certificates };
    parseOriginKey(pair);
    return pair;
  });
}
