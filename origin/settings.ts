/** The options of a party behind the edge, out of a Worker's environment. */

import { choiceSetting, optionalSetting, parseSetting, requiredSetting } from '../shared/settings.ts';
import { parseTrustAnchors } from '../shared/x509/trust-anchor.ts';
import { type KeyAndCertificates, parseOriginKey } from './keys.ts';
import type { OriginOptions } from './options.ts';

/** @throws {ConfigError} when a setting is missing or not usable. */
export function originOptionsFromSettings(env: object): OriginOptions {
  parseSetting(env, 'AUTHORITY_CERTIFICATES', parseTrustAnchors);
  return {
    authorities: requiredSetting(env, 'AUTHORITY_CERTIFICATES'),
    signing: keyFromSettings(env, 'ORIGIN_SIGNING'),
    encryption: keyFromSettings(env, 'ORIGIN_ENCRYPTION'),
    unsafeMethods: choiceSetting(env, 'UNSAFE_METHODS', ['signed', 'refuse', 'allow']),
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
