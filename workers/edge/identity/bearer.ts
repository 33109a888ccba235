/** Proof of identity by a JWT of an OAuth 2 or OpenID issuer (RFC 6750, RFC 7519, RFC 9068). */

import { createRemoteJWKSet, type JWTPayload } from 'jose';
import { reasonOf } from '../../../shared/log.ts';
import { isLoopback } from '../../../shared/protocol/loopback.ts';
import { ConfigError, requiredSetting } from '../../../shared/settings.ts';
import type { IdentityMethod, Proof } from './method.ts';
import { faultOfToken, scopesOf, type TokenIssuer, verifyToken } from './token.ts';

/**
 * The issuer of `BEARER_ISSUER`, `BEARER_AUDIENCE` and `BEARER_JWKS_URL`.
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
  const keys = createRemoteJWKSet(url);
  return {
    name: 'bearer',
    scheme: 'bearer',
    members: { bearerIssuer: issuer },
    challenge,
    prove: (token) => proveBearer({ issuer, audience, keys }, token),
  };
}

/** RFC 6750 3. @param refused a sentence without quotes and backslashes. */
function challenge(realm: string, refused?: string): string {
  const error = refused === undefined ? '' : `, error="invalid_token", error_description="${refused}"`;
  return `Bearer realm="${realm}"${error}`;
}

/** The issuer's keys could not be had or used, so that nothing can be said of the token. */
export class IssuerUnavailable extends Error {
  override name = 'IssuerUnavailable';
}

/**
 * @param token after `Bearer` in Authorization.
 * @returns the identity: `sub` with the scopes; a refusal when the token is not good.
 * @throws {IssuerUnavailable} when the issuer's keys cannot be had.
 */
async function proveBearer(issuer: TokenIssuer, token: string): Promise<Proof> {
  let payload: JWTPayload;
  try {
    payload = await verifyToken(token, issuer);
  } catch (error) {
    const detail = faultOfToken(error);
    if (detail !== undefined) return { ok: false, detail };
    throw new IssuerUnavailable(`the keys of BEARER_JWKS_URL cannot be had or used: ${reasonOf(error)}`);
  }
  const { sub } = payload;
  if (typeof sub !== 'string') return { ok: false, detail: 'The claim sub of the token is no text.' };
  const scopes = scopesOf(payload);
  if (scopes === undefined) {
    return { ok: false, detail: 'The claim scope or scp of the token is neither a text nor a list of texts.' };
  }
  return { ok: true, value: { owner: sub, scopes } };
}
