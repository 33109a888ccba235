/** Proof of identity by HTTP Basic (RFC 7617). */

import { timingSafeEqual } from 'node:crypto';
import { fromUtf8 } from '../../../shared/bytes.ts';
import { isScope } from '../../../shared/identity.ts';
import { decodeBase64 } from '../../../shared/wire/base64.ts';
import { hashLike, isLike, readScryptHash, type ScryptHash } from './scrypt.ts';

export interface BasicUser {
  readonly password: ScryptHash;
  readonly scopes: readonly string[];
}

/** By user name; never empty. */
export type BasicUsers = ReadonlyMap<string, BasicUser>;

/**
 * @param json `{"alice": {"password": "$scrypt$...", "scopes": ["read"]}, ...}`
 * @throws {TypeError} with a sentence that quotes no secret.
 */
export function readBasicUsers(json: string): BasicUsers {
  const users = new Map<string, BasicUser>();
  for (const [name, entry] of Object.entries(parseObject(json))) {
    const { password, scopes } = (entry ?? {}) as { password?: unknown; scopes?: unknown };
    if (name.includes(':')) throw new TypeError('a user name holds a colon');
    if (typeof password !== 'string') throw new TypeError('a user has no password');
    if (!Array.isArray(scopes) || !scopes.every((scope) => typeof scope === 'string' && isScope(scope))) {
      throw new TypeError('the scopes of a user are not a list of scope names');
    }
    users.set(name, { password: readScryptHash(password), scopes });
  }
  const [first, ...others] = users.values();
  if (first === undefined) throw new TypeError('it names no user');
  // Otherwise the time of an answer would tell which users there are.
  if (!others.every(({ password }) => isLike(password, first.password))) {
    throw new TypeError('its passwords do not all have the same ln, r, p and length');
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
  if (typeof value !== 'object' || value === null) throw new TypeError('it is not a JSON object');
  return value;
}

/**
 * @param credentials what follows `Basic` in Authorization.
 * @returns who it is, or undefined when user or password is wrong. An unknown user costs what a known one does.
 */
export async function checkBasic(
  users: BasicUsers,
  credentials: string,
): Promise<{ owner: string; scopes: readonly string[] } | undefined> {
  const { name, password } = splitCredentials(credentials);
  const user = users.get(name);
  const [anyUser] = users.values();
  const expected = user?.password ?? anyUser?.password;
  if (expected === undefined) return undefined;
  const isRight = timingSafeEqual(await hashLike(expected, password), expected.hash);
  return isRight && user !== undefined ? { owner: name, scopes: user.scopes } : undefined;
}

/** What is malformed becomes a user whom nobody is. */
function splitCredentials(credentials: string): { name: string; password: string } {
  try {
    const text = fromUtf8(decodeBase64(credentials));
    const colon = text.indexOf(':');
    if (colon >= 0) return { name: text.slice(0, colon), password: text.slice(colon + 1) };
  } catch {
    // Falls through to nobody.
  }
  return { name: '', password: '' };
}
