/** The options of a party behind the edge, out of the environment of a Worker or a process. */

import { requestLog } from '../shared/protocol/request-trace.ts';
import {
  bindingSetting,
  choiceSetting,
  integerSetting,
  optionalSetting,
  parseSetting,
  requiredSetting,
} from '../shared/settings.ts';
import { parseTrustAnchors } from '../shared/x509/trust-anchor.ts';
import type { DecoyOptions } from './decoys/decoys.ts';
import { createKvStorage, type TextNamespace } from './decoys/kv-storage.ts';
import { type KeyAndCertificates, parseOpeningKeys, parseSigningKey } from './keys.ts';
import { DEADLINE_MS, type OriginOptions } from './options.ts';

/**
 * @param env with `AUTHORITY_CERTIFICATES`, and by choice `ORIGIN_SIGNING_KEY`, `ORIGIN_SIGNING_CERTIFICATES`,
 *   `ORIGIN_ENCRYPTION_KEY`, `ORIGIN_ENCRYPTION_CERTIFICATES`, `UNSAFE_METHODS`, `ANSWER_DEADLINE_MS`,
 *   `LOG_SAMPLE_PERCENT` and, in Workers, a KV namespace `DECOYS`.
 * @param waitUntil that of `cloudflare:workers`; needed for `DECOYS`.
 * @throws {ConfigError} when one is missing or not usable.
 *
 * @example
 * const origin = createOrigin(originOptionsFromSettings(process.env));
 */
export function originOptionsFromSettings(env: object, waitUntil?: (promise: Promise<unknown>) => void): OriginOptions {
  parseSetting(env, 'AUTHORITY_CERTIFICATES', parseTrustAnchors);
  return {
    authorities: requiredSetting(env, 'AUTHORITY_CERTIFICATES'),
    signing: keyFromSettings(env, 'ORIGIN_SIGNING', parseSigningKey),
    encryption: keyFromSettings(env, 'ORIGIN_ENCRYPTION', parseOpeningKeys),
    unsafeMethods: choiceSetting(env, 'UNSAFE_METHODS', ['signed', 'refuse', 'allow'], 'signed'),
    deadlineMs: integerSetting(env, 'ANSWER_DEADLINE_MS', DEADLINE_MS),
    decoys: decoysFromSettings(env, waitUntil),
    onRequest: requestLog('origin', env),
  };
}

function decoysFromSettings(env: object, waitUntil?: (promise: Promise<unknown>) => void): DecoyOptions {
  if (waitUntil === undefined || (env as { DECOYS?: unknown }).DECOYS === undefined) return {};
  return { storage: createKvStorage(bindingSetting<TextNamespace>(env, 'DECOYS', 'put'), waitUntil) };
}

/** @returns undefined where there is neither key nor certificates. */
function keyFromSettings(
  env: object,
  name: string,
  parse: (pair: KeyAndCertificates) => unknown,
): KeyAndCertificates | undefined {
  const [keyName, certificatesName] = [`${name}_KEY`, `${name}_CERTIFICATES`];
  if (optionalSetting(env, keyName) === undefined && optionalSetting(env, certificatesName) === undefined) {
    return undefined;
  }
  const certificates = requiredSetting(env, certificatesName);
  return parseSetting(env, keyName, (key) => {
    const pair = { key, certificates };
    parse(pair);
    return pair;
  });
}
