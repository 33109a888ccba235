/** Proof of identity by HTTP Basic (RFC 7617). */

import { timingSafeEqual } from 'node:crypto';
import { parseBase64 } from '../../../shared/encoding/base64.ts';
import { parseUtf8 } from '../../../shared/encoding/bytes.ts';
import { EncodingError, tryParse } from '../../../shared/encoding/error.ts';
import { isScope } from '../../../shared/protocol/identity.ts';
import { parseSetting } from '../../../shared/settings.ts';
import type { IdentityMethod, Proof } from './method.ts';
import { hashLike, isLike, parseScryptHash, type ScryptHash } from './scrypt.ts';

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

/**
 * Users and passwords of the secret `BASIC_USERS`.
 * @throws {ConfigError} when it is not usable.
 */
export function basicFromSettings(env: object): IdentityMethod {
  const users = parseSetting(env, 'BASIC_USERS', parseBasicUsers);
  return {
    name: 'basic',
    scheme: 'basic',
    members: {},
    challenge: (realm) => `Basic realm="${realm}", charset="UTF-8"`,
    prove: (credentials) => proveBasic(users, credentials),
  };
}

const WRONG = 'The user name or the password is wrong.';
const MALFORMED = 'The credentials of Basic are not base64 of a user name, a colon and a password in UTF-8.';

/**
 * @param credentials after `Basic` in Authorization.
 * @returns the identity; a refusal when user or password is wrong. An unknown user costs what a known one does.
 */
async function proveBasic(users: BasicUsers, credentials: string): Promise<Proof> {
  const parsed = tryParse(() => parseCredentials(credentials));
  if (parsed === undefined) return { ok: false, detail: MALFORMED };
  const { name, password } = parsed;
  const user = users.get(name);
  const [anyUser] = users.values();
  const expected = user?.password ?? anyUser?.password;
  if (expected === undefined) return { ok: false, detail: WRONG };
  const isRight = timingSafeEqual(await hashLike(expected, password), expected.hash);
  if (!isRight || user === undefined) return { ok: false, detail: WRONG };
  return { ok: true, value: { owner: name, scopes: user.scopes } };
}

/** The same name in the one form that macOS types and in the one that others type (RFC 7617 2.1, RFC 8265 3.4). */
const prepareName = (name: string): string => name.normalize('NFC');

/** @throws {EncodingError} when they are not base64 of a name, a colon and a password (RFC 7617 2). */
function parseCredentials(credentials: string): { name: string; password: string } {
  const text = parseUtf8(parseBase64(credentials));
  const colon = text.indexOf(':');
  if (colon < 0) throw new EncodingError('no colon');
  return { name: prepareName(text.slice(0, colon)), password: text.slice(colon + 1) };
}
