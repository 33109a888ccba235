/** The tokens that open `/admin`, and the names of those who have them. */

import { timingSafeEqual } from 'node:crypto';
import { utf8 } from '../../../shared/encoding/bytes.ts';
import { EncodingError } from '../../../shared/encoding/error.ts';
import { tryParseJsonObject } from '../../../shared/encoding/json.ts';
import { optionalSetting, parseValue } from '../../../shared/settings.ts';

export interface AdminToken {
  readonly name: string;
  readonly token: string;
}

/** Printable ASCII, because it goes to the authority in a header field. In the trail a comma separates names. */
const NAME = /^(?! )[\x20-\x2b\x2d-\x7e]{1,64}(?<! )$/;
/** As they can stand behind `Bearer` in Authorization. */
const TOKEN = /^[\x21-\x7e]{16,}$/;

/**
 * @param tokens by the names of administrators.
 * @throws {EncodingError} with a sentence that quotes no name and no token.
 */
export function parseAdminTokens(tokens: Readonly<Record<string, unknown>>): AdminToken[] {
  const parsed = Object.entries(tokens).map(([name, token]) => {
    if (!NAME.test(name))
      throw new EncodingError('a name is not 1 to 64 printable characters of ASCII without a comma');
    if (typeof token !== 'string' || !TOKEN.test(token)) {
      throw new EncodingError('a token is not 16 or more printable characters of ASCII without a space');
    }
    return { name, token };
  });
  if (new Set(parsed.map(({ token }) => token)).size < parsed.length) {
    throw new EncodingError('two names have the same token');
  }
  return parsed;
}

/**
 * The secret `ADMIN_TOKENS`, `{"alice": "token", ...}` in JSON.
 * @returns an object without members where it is missing.
 * @throws {ConfigError} when it is not usable.
 */
export function adminTokensFromSettings(env: object): Readonly<Record<string, string>> {
  const json = optionalSetting(env, 'ADMIN_TOKENS');
  if (json === undefined) return {};
  const tokens = parseValue('ADMIN_TOKENS', json, (text) => {
    const members = tryParseJsonObject(text);
    if (members === undefined || Array.isArray(members)) throw new EncodingError('it is not a JSON object');
    return parseAdminTokens(members);
  });
  return Object.fromEntries(tokens.map(({ name, token }) => [name, token]));
}

/**
 * Compares a token with each one, by digests, so that neither content nor length nor place shows in the time that it takes.
 * @returns the name of who has it; undefined when it is none of them.
 */
export async function findAdministrator(token: string, tokens: readonly AdminToken[]): Promise<string | undefined> {
  const [digest, ...digests] = await Promise.all([token, ...tokens.map((each) => each.token)].map(digestOf));
  let found: string | undefined;
  for (const [at, { name }] of tokens.entries()) {
    const other = digests[at];
    if (digest !== undefined && other !== undefined && timingSafeEqual(digest, other)) found = name;
  }
  return found;
}

const digestOf = async (text: string): Promise<Buffer> =>
  Buffer.from(await crypto.subtle.digest('SHA-256', utf8(text)));
