/** Checking all settings before anything is created: by the Workers' own code, and by the sizes of the platform. */

import { originOptionsFromSettings } from '../../origin/settings.ts';
import { ConfigError, parseSetting } from '../../shared/settings.ts';
import { parseTrustAnchors } from '../../shared/x509/trust-anchor.ts';
import { parseAuthorityOptions } from '../../workers/authority/config.ts';
import { authorityFromSettings } from '../../workers/authority/settings.ts';
import { parseEdgeOptions } from '../../workers/edge/config.ts';
import { edgeFromSettings } from '../../workers/edge/settings.ts';
import { gatewayFromSettings } from '../../workers/gateway/config.ts';
import { MAX_SECRET_BYTES } from '../ca/bundles.ts';
import type { Configuration } from './configuration.ts';
import { DeployError } from './error.ts';
import type { Party } from './project.ts';
import type { CheckSettings } from './run.ts';

/** Cloudflare's limit for the number of variables and secrets of a Worker on the free plan. */
const MAX_SETTINGS = 64;

const CHECKS: Readonly<Record<Party, (env: object) => unknown>> = {
  edge: (env) => parseEdgeOptions(edgeFromSettings(env)),
  authority: (env) => parseAuthorityOptions(authorityFromSettings(env)),
  origin: originOptionsFromSettings,
  resource: (env) => parseSetting(env, 'AUTHORITY_CERTIFICATES', parseTrustAnchors),
  gateway: (env) => gatewayFromSettings(env, () => undefined),
};

/** @throws {DeployError} with the Worker and the setting that is missing, not usable or too long. */
export const checkSettings: CheckSettings = ({ parties, config, secrets, areBindingsChecked }) => {
  const texts = { ...config.vars, ...secrets };
  for (const [name, value] of Object.entries(texts)) {
    const bytes = Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value));
    if (bytes > MAX_SECRET_BYTES) throw new DeployError(`${config.name}: ${tooLong(name, bytes)}`);
  }
  if (Object.keys(texts).length > MAX_SETTINGS) {
    throw new DeployError(
      `${config.name}: there are more than ${MAX_SETTINGS} variables and secrets, the most there may be.`,
    );
  }
  try {
    const env = { ...texts, ...standIns(config), ...(!areBindingsChecked && standInsOfParties()) };
    for (const party of parties) CHECKS[party](env);
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new DeployError(`${config.name}: ${cause.message}`, { cause });
  }
};

function tooLong(name: string, bytes: number): string {
  const sentence = `${name} has ${bytes} bytes; ${MAX_SECRET_BYTES} is the most that Cloudflare takes.`;
  return name === 'BASIC_USERS'
    ? `${sentence} That is room for some 35 users: more of them need IDENTITY_METHODS = "bearer" and an issuer of tokens.`
    : sentence;
}

function nothing(): never {
  throw new TypeError('a stand-in was called');
}

/** An object for each binding of a configuration, which has the methods by which settings know it, and does nothing. */
function standIns({ services, kv_namespaces, ratelimits, durable_objects }: Configuration): Record<string, object> {
  const made: Record<string, object> = {};
  for (const { binding } of services ?? []) made[binding] = { fetch: nothing };
  for (const { binding } of kv_namespaces ?? []) made[binding] = { get: nothing, put: nothing, delete: nothing };
  for (const { name } of ratelimits ?? []) made[name] = { limit: nothing };
  for (const { name } of durable_objects?.bindings ?? []) made[name] = standInOfObjects();
  return made;
}

const standInsOfParties = (): Record<string, object> =>
  Object.fromEntries(['AUTHORITY', 'ADMINISTRATION', 'ORIGIN'].map((name) => [name, { fetch: nothing }]));

/** One of a jurisdiction is of the same form. */
function standInOfObjects(): object {
  const namespace = { idFromName: nothing, getByName: nothing, get: nothing, jurisdiction: () => namespace };
  return namespace;
}
