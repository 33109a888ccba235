/** The edge's options from the environment of a Worker, checked when it starts. */

import { parseOrganization } from '../../shared/protocol/identity.ts';
import { metricsFromSettings } from '../../shared/protocol/request-counts.ts';
import { samplePercentFromSettings } from '../../shared/protocol/request-trace.ts';
import {
  bindingSetting,
  ConfigError,
  checkedSetting,
  checkedValue,
  choiceSetting,
  integerSetting,
  listSetting,
  optionalSetting,
  textSetting,
} from '../../shared/settings.ts';
import { accessFromSettings } from './administration/access.ts';
import { adminTokensFromSettings } from './administration/tokens.ts';
import {
  CLIENT_ADDRESS_FIELD,
  type EdgeOptions,
  parseAllowedOrigin,
  parseFieldName,
  parseTlsCipher,
  type RateLimiter,
  UNSAFE_METHODS,
} from './config.ts';
import { basicFromSettings } from './identity/basic.ts';
import { bearerFromSettings } from './identity/bearer.ts';
import type { IdentityMethod } from './identity/method.ts';
import { UPSTREAM_DEADLINE_MS, type Upstream } from './upstream.ts';

const METHODS: Readonly<Record<string, (env: object) => IdentityMethod>> = {
  basic: basicFromSettings,
  bearer: bearerFromSettings,
};

/**
 * @param env the Worker's variables, secrets and bindings.
 * @throws {ConfigError} when one is missing or not usable.
 *
 * @example
 * import { env } from 'cloudflare:workers';
 * export default createEdge(edgeFromSettings(env));
 */
export function edgeFromSettings(env: object): EdgeOptions {
  const tlsCipher = optionalSetting(env, 'TLS_CIPHER');
  return {
    organization: checkedSetting(env, 'ORGANIZATION', parseOrganization),
    identityMethods: identityMethodsFromSettings(env),
    administration: administrationFromSettings(env),
    adminToken: optionalSetting(env, 'ADMIN_TOKEN'),
    adminTokens: adminTokensFromSettings(env),
    administratorProof: accessFromSettings(env),
    tlsCipher: tlsCipher && checkedValue('TLS_CIPHER', tlsCipher, parseTlsCipher),
    unsafeMethods: choiceSetting(env, 'UNSAFE_METHODS', UNSAFE_METHODS, 'signed'),
    cbcCiphersAllowed: choiceSetting(env, 'CBC_CIPHERS', ['allow', 'refuse'], 'allow') === 'allow',
    allowedOrigins: listSetting(env, 'ALLOWED_ORIGINS').map((each) =>
      checkedValue('ALLOWED_ORIGINS', each, parseAllowedOrigin),
    ),
    authority: bindingSetting<Upstream>(env, 'AUTHORITY', 'fetch'),
    origin: bindingSetting<Upstream>(env, 'ORIGIN', 'fetch'),
    upstreamDeadlineMs: integerSetting(env, 'UPSTREAM_DEADLINE_MS', UPSTREAM_DEADLINE_MS),
    clientAddressField: checkedValue(
      'CLIENT_ADDRESS_FIELD',
      textSetting(env, 'CLIENT_ADDRESS_FIELD', CLIENT_ADDRESS_FIELD),
      parseFieldName,
    ),
    logSamplePercent: samplePercentFromSettings(env),
    metrics: metricsFromSettings(env),
    ...(choiceSetting(env, 'RATE_LIMITS', ['on', 'off'], 'on') === 'on' && limitersFromSettings(env)),
  };
}

/** @returns undefined where there is no binding. @throws {ConfigError} when it is of another kind. */
const administrationFromSettings = (env: object): Upstream | undefined =>
  (env as { ADMINISTRATION?: unknown }).ADMINISTRATION === undefined
    ? undefined
    : bindingSetting<Upstream>(env, 'ADMINISTRATION', 'fetch');

/** @throws {ConfigError} when one is not bound. */
function limitersFromSettings(env: object) {
  const limiter = (name: string): RateLimiter => bindingSetting<RateLimiter>(env, name, 'limit');
  return {
    registrationLimiter: limiter('REGISTRATION_LIMITER'),
    requestLimiter: limiter('REQUEST_LIMITER'),
    siteLimiter: limiter('SITE_LIMITER'),
    guidLimiter: limiter('GUID_LIMITER'),
    ownerLimiter: limiter('OWNER_LIMITER'),
  };
}

function identityMethodsFromSettings(env: object): IdentityMethod[] {
  const names = listSetting(env, 'IDENTITY_METHODS');
  const methods = names.flatMap((name) => METHODS[name] ?? []);
  if (names.length === 0 || methods.length < names.length) {
    throw new ConfigError(`IDENTITY_METHODS must name at least one of: ${Object.keys(METHODS).join(', ')}.`);
  }
  return methods.map((fromSettings) => fromSettings(env));
}
