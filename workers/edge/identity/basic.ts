/** Proof of identity by HTTP Basic (RFC 7617). */

import { FailureCounts } from '../../../durable-objects/password-guard/failure-counts.ts';
import type { PasswordGuard, Verdict } from '../../../durable-objects/password-guard/guard.ts';
import { isLike, parseScryptHash, type ScryptHash } from '../../../durable-objects/password-guard/scrypt.ts';
import { parseBase64 } from '../../../shared/encoding/base64.ts';
import { parseUtf8 } from '../../../shared/encoding/bytes.ts';
import { EncodingError, tryParse } from '../../../shared/encoding/error.ts';
import { isScope } from '../../../shared/protocol/identity.ts';
import { resolveWithin } from '../../../shared/resolve-within.ts';
import { bindingSetting, parseSetting } from '../../../shared/settings.ts';
import type { IdentityMethod, Proof } from './method.ts';

export interface BasicUser {
  readonly password: ScryptHash;
  readonly scopes: readonly string[];
}

/** By user name in NFC; never empty. */
export type BasicUsers = ReadonlyMap<string, BasicUser>;

/**
 * @param json `{"alice": {"password": "$scrypt$...", "scopes": ["read"]}, ...}`
 * @throws {EncodingError} with a sentence that quotes no secret.
 */
function parseBasicUsers(json: string): BasicUsers {
  const users = new Map<string, BasicUser>();
  for (const [written, entry] of Object.entries(parseObject(json))) {
    const name = prepareName(written);
    const { password, scopes } = (entry ?? {}) as { password?: unknown; scopes?: unknown };
    if (name === '' || name.includes(':')) throw new EncodingError('a user name is empty or holds a colon');
    if (typeof password !== 'string') throw new EncodingError('a user has no password');
    if (!Array.isArray(scopes) || !scopes.every((scope) => typeof scope === 'string' && isScope(scope))) {
      throw new EncodingError('the scopes of a user are not a list of scope names');
    }
    if (users.has(name)) throw new EncodingError('two user names are the same in NFC');
    users.set(name, { password: parseScryptHash(password), scopes });
  }
  const [first, ...others] = users.values();
  if (first === undefined) throw new EncodingError('it names no user');
  // Otherwise the time of an answer would tell which users there are.
  if (!others.every(({ password }) => isLike(password, first.password))) {
    throw new EncodingError('its passwords do not all have the same ln, r, p and length');
  }
  return users;
}

function parseObject(json: string): object {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    value = undefined;
  }
  if (typeof value !== 'object' || value === null) throw new EncodingError('it is not a JSON object');
  return value;
}

/** What proving takes. */
interface Basic {
  readonly users: BasicUsers;
  /** An object for each name that somebody says, known or not. */
  readonly passwords: DurableObjectNamespace<PasswordGuard>;
  /** Failures of each network over all names, in this isolate, so that one that tries many names is stopped too. */
  readonly failures: FailureCounts;
}

const MAX_FAILURES_OF_NETWORK = 30;
const WINDOW_SECONDS = 300;
const MAX_NETWORKS = 10_000;
/** Time for a password with those that wait before it, some 150 ms each. */
const DEADLINE_MS = 10_000;

/**
 * Users and passwords of the secret `BASIC_USERS`; the binding `PASSWORDS` leads to the class `PasswordGuard`.
 * @throws {ConfigError} when one of them is missing or not usable.
 */
export function basicFromSettings(env: object): IdentityMethod {
  const basic: Basic = {
    users: parseSetting(env, 'BASIC_USERS', parseBasicUsers),
    passwords: bindingSetting(env, 'PASSWORDS', 'idFromName'),
    failures: new FailureCounts({
      limit: MAX_FAILURES_OF_NETWORK,
      windowSeconds: WINDOW_SECONDS,
      capacity: MAX_NETWORKS,
    }),
  };
  return {
    name: 'basic',
    scheme: 'basic',
    members: {},
    challenge: (realm) => `Basic realm="${realm}", charset="UTF-8"`,
    prove: (credentials, { network }) => proveBasic(basic, credentials, network),
  };
}

const WRONG = 'The user name or the password is wrong.';
const MALFORMED = 'The credentials of Basic are not base64 of a user name, a colon and a password in UTF-8.';

/**
 * @param credentials after `Basic` in Authorization.
 * @returns the identity; a refusal when user or password is wrong, or after too many of those. An unknown user costs what
 *   a known one does.
 */
async function proveBasic(basic: Basic, credentials: string, network: string): Promise<Proof> {
  const parsed = tryParse(() => parseCredentials(credentials));
  if (parsed === undefined) return { ok: false, detail: MALFORMED };
  const charge = basic.failures.charge(network);
  if (!charge.ok) return { ok: false, retryAfterSeconds: charge.retryAfterSeconds };
  const verdict = await check(basic, parsed, network).catch((error: unknown) => {
    charge.cancel();
    throw error;
  });
  if ('retryAfterSeconds' in verdict) {
    charge.cancel();
    return { ok: false, retryAfterSeconds: verdict.retryAfterSeconds };
  }
  const user = basic.users.get(parsed.name);
  if (!verdict.isRight || user === undefined) return { ok: false, detail: WRONG };
  charge.cancel();
  return { ok: true, value: { owner: parsed.name, scopes: user.scopes } };
}

/**
 * Has the object of the name check the password. Not once more after a failure, because attempts are counted there.
 * @throws {DeadlineError} when it does not answer.
 */
async function check({ users, passwords }: Basic, { name, password }: Credentials, network: string): Promise<Verdict> {
  const user = users.get(name);
  const [anyUser] = users.values();
  const expected = user?.password ?? anyUser?.password;
  if (expected === undefined) return { isRight: false };
  const attempt = { network, password, expected, isKnown: user !== undefined };
  return resolveWithin<Verdict>(passwords.getByName(name).check(attempt) as Promise<Verdict>, DEADLINE_MS);
}

/** The same name in the one form that macOS types and in the one that others type (RFC 7617 2.1, RFC 8265 3.4). */
const prepareName = (name: string): string => name.normalize('NFC');

interface Credentials {
  /** In NFC. */
  readonly name: string;
  readonly password: string;
}

/** @throws {EncodingError} when they are not base64 of a name, a colon and a password (RFC 7617 2). */
function parseCredentials(credentials: string): Credentials {
  const text = parseUtf8(parseBase64(credentials));
  const colon = text.indexOf(':');
  if (colon < 0) throw new EncodingError('no colon');
  return { name: prepareName(text.slice(0, colon)), password: text.slice(colon + 1) };
}
