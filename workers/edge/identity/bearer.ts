/** Proof of identity by a JWT of an OAuth 2 or OpenID issuer (RFC 6750, RFC 7519, RFC 9068). */

import { encodeBase64Url } from '../../../shared/encoding/base64.ts';
import { utf8 } from '../../../shared/encoding/bytes.ts';
import { MAX_NAME_LENGTH } from '../../../shared/protocol/identity.ts';
import { isLoopback } from '../../../shared/protocol/loopback.ts';
import {
  ConfigError,
  type IntegerRange,
  integerSetting,
  optionalSetting,
  requiredSetting,
  textSetting,
} from '../../../shared/settings.ts';
import { createKeySet } from './key-set.ts';
import type { IdentityMethod, Proof } from './method.ts';
import { proveToken, scopesOf, type TokenIssuer } from './token.ts';

/** The `typ` of access tokens that RFC 9068 2.1 gives them. */
const ACCESS_TOKEN_TYPE = 'at+jwt';
/** The setting for tokens of any `typ`, or none. */
const ANY_TYPE = 'any';

/** Seconds: a day. */
const MAX_AGE_SECONDS: IntegerRange = { least: 0, most: 31_536_000, byDefault: 86_400 };

/** Issuer and rules of the tokens that are taken. */
interface BearerConfig extends TokenIssuer {
  readonly scopeClaim: string | undefined;
}

/**
 * The issuer of `BEARER_ISSUER`, `BEARER_AUDIENCE` and `BEARER_JWKS_URL`, with the rules of `BEARER_TYPE`,
 * `BEARER_MAX_AGE_SECONDS` and `BEARER_SCOPE_CLAIM`.
 * @throws {ConfigError} when one is missing or not usable.
 */
export function bearerFromSettings(env: object): IdentityMethod {
  const jwks = requiredSetting(env, 'BEARER_JWKS_URL');
  const url = URL.canParse(jwks) ? new URL(jwks) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && !isLoopback(url))) {
    throw new ConfigError('BEARER_JWKS_URL must be an https URL.');
  }
  const issuer = requiredSetting(env, 'BEARER_ISSUER');
  const audience = requiredSetting(env, 'BEARER_AUDIENCE');
  const type = textSetting(env, 'BEARER_TYPE', ACCESS_TOKEN_TYPE);
  const config: BearerConfig = {
    issuer,
    audience,
    keys: createKeySet(url),
    type: type === ANY_TYPE ? undefined : type,
    maxAgeSeconds: integerSetting(env, 'BEARER_MAX_AGE_SECONDS', MAX_AGE_SECONDS),
    scopeClaim: optionalSetting(env, 'BEARER_SCOPE_CLAIM'),
  };
  return {
    name: 'bearer',
    scheme: 'bearer',
    members: { bearerIssuer: issuer },
    challenge,
    prove: (token) => proveBearer(config, token),
  };
}

/** RFC 6750 3. @param refused a sentence without quotes and backslashes. */
function challenge(realm: string, refused?: string): string {
  const error = refused === undefined ? '' : `, error="invalid_token", error_description="${refused}"`;
  return `Bearer realm="${realm}"${error}`;
}

/**
 * @param token after `Bearer` in Authorization.
 * @returns the identity: `sub` with the scopes; a refusal when the token is not good.
 * @throws {IssuerUnavailable} when the issuer's keys cannot be had.
 */
async function proveBearer(config: BearerConfig, token: string): Promise<Proof> {
  const proved = await proveToken(token, config, 'BEARER_JWKS_URL');
  if (!proved.ok) return proved;
  const { value: payload } = proved;
  const { sub, cnf } = payload;
  // It is for the holder of a key (RFC 8705 3, RFC 9449 6), which this edge cannot verify.
  if (cnf !== undefined) return { ok: false, detail: 'The token is bound to a key, by its claim cnf.' };
  if (typeof sub !== 'string') return { ok: false, detail: 'The claim sub of the token is no text.' };
  const scopes = scopesOf(payload, config.scopeClaim);
  if (scopes === undefined) {
    const name = config.scopeClaim ?? 'scope or scp';
    return { ok: false, detail: `The claim ${name} of the token is neither a text nor a list of texts.` };
  }
  return { ok: true, value: { owner: await ownerOf(sub), scopes } };
}

/** @returns the subject; in place of one that is too long for a certificate, `sha-256:` and its digest in base64url. */
async function ownerOf(sub: string): Promise<string> {
  if ([...sub].length <= MAX_NAME_LENGTH) return sub;
  return `sha-256:${encodeBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(sub))))}`;
}
