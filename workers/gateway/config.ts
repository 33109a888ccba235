/** The gateway's settings, checked when the Worker starts. */

import type { OriginOptions } from '../../origin/options.ts';
import { originOptionsFromSettings } from '../../origin/settings.ts';
import { requestLog } from '../../shared/protocol/request-trace.ts';
import {
  ConfigError,
  choiceSetting,
  type IntegerRange,
  integerSetting,
  optionalSetting,
  parseSetting,
} from '../../shared/settings.ts';
import { bearerToken, type Credential, messageSignature, noCredential } from './credential.ts';
import { type AuthKind, type Entry, parseEntry, parseTable } from './table.ts';
import type { Upstream } from './upstreams.ts';

export interface GatewayConfig {
  readonly options: OriginOptions;
  /** The longest prefix first. */
  readonly upstreams: readonly Upstream[];
  /** Maximum size of an answer, in bytes. */
  readonly maxAnswerBytes: number;
}

/** Largest request and answer that may be configured: each is in memory several times, of 128 MB in all. */
const BYTES = { least: 1, most: 20 * 1024 * 1024 };
const REQUEST_BYTES: IntegerRange = { ...BYTES, byDefault: 10 * 1024 * 1024 };
const ANSWER_BYTES: IntegerRange = { ...BYTES, byDefault: 16 * 1024 * 1024 };
const MIN_SECRET_LENGTH = 16;
/** Answers are of one client: no cache of the platform may give them to another. */
const NO_CACHE: RequestInit = { cache: 'no-store' };

/** @param waitUntil that of `cloudflare:workers`. @throws {ConfigError} when a setting is missing or not usable. */
export function gatewayFromSettings(env: object, waitUntil?: (promise: Promise<unknown>) => void): GatewayConfig {
  const maxRequestBytes = integerSetting(env, 'MAX_REQUEST_BYTES', REQUEST_BYTES);
  const maxAnswerBytes = integerSetting(env, 'MAX_ANSWER_BYTES', ANSWER_BYTES);
  const auth = choiceSetting(env, 'UPSTREAM_AUTH', ['bearer', 'signature'], 'bearer');
  const entries = entriesFromSettings(env);
  // Each API has its own deadline, which comes first.
  const deadlineMs = Math.ceil(Math.max(...entries.map(({ deadline }) => deadline)) + 1) * 1000;
  return {
    options: {
      ...originOptionsFromSettings(env, waitUntil),
      maxRequestBytes,
      maxAnswerBytes,
      deadlineMs,
      onRequest: requestLog('gateway', env),
    },
    upstreams: entries.map((entry) => ({
      ...entry,
      credential: credentialFromSettings(env, entry, auth, maxRequestBytes),
      fetch: fetchFromSettings(env, entry),
    })),
    maxAnswerBytes,
  };
}

function entriesFromSettings(env: object): Entry[] {
  const isHttpAllowed = choiceSetting(env, 'UPSTREAM_HTTP', ['loopback', 'anywhere'], 'loopback') === 'anywhere';
  const table = tableSetting(env);
  if (table === undefined) {
    return [parseSetting(env, 'UPSTREAM', (url) => parseEntry({ url }, isHttpAllowed))];
  }
  if (optionalSetting(env, 'UPSTREAM') !== undefined) {
    throw new ConfigError('UPSTREAM and UPSTREAMS are both set: give one API by UPSTREAM, or several by UPSTREAMS.');
  }
  return parseSetting({ UPSTREAMS: table }, 'UPSTREAMS', (text) => parseTable(text, isHttpAllowed));
}

/** The table as JSON: a variable can be a text, or a value that wrangler.toml has spelled out. */
function tableSetting(env: { UPSTREAMS?: unknown }): string | undefined {
  const value = env.UPSTREAMS;
  return typeof value === 'object' ? JSON.stringify(value) : optionalSetting(env, 'UPSTREAMS');
}

function credentialFromSettings(
  env: object,
  { prefix, auth, secret }: Entry,
  authOfAll: AuthKind,
  maxRequestBytes: number,
): Credential {
  const isNone = auth === undefined && secret === undefined && optionalSetting(env, 'UPSTREAM_SECRET') === undefined;
  if (isNone || auth === 'none') return noCredential;
  const name = secret ?? 'UPSTREAM_SECRET';
  const value = optionalSetting(env, name);
  if (value === undefined)
    throw new ConfigError(`${name} is missing: the API of ${prefix} is to know its caller by it.`);
  if (value.length < MIN_SECRET_LENGTH || !/^[\x21-\x7e]+$/.test(value)) {
    throw new ConfigError(`${name} must be ${MIN_SECRET_LENGTH} or more characters of ASCII, without spaces.`);
  }
  return (auth ?? authOfAll) === 'bearer' ? bearerToken(value) : messageSignature(value, maxRequestBytes);
}

function fetchFromSettings(env: object, { prefix, binding }: Entry): Upstream['fetch'] {
  if (binding === undefined) return (request) => fetch(request, NO_CACHE);
  const bound = (env as Readonly<Record<string, unknown>>)[binding] as Partial<Fetcher> | undefined;
  if (typeof bound !== 'object' || typeof bound.fetch !== 'function') {
    throw new ConfigError(`${binding} is no binding that the API of ${prefix} can be called through.`);
  }
  return (request) => (bound as Fetcher).fetch(request, NO_CACHE);
}
