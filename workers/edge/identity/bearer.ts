/** Proof of identity by a JWT of an OAuth 2 or OpenID issuer (RFC 6750, RFC 7519, RFC 9068). */

import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { isLoopback } from '../../../shared/protocol/loopback.ts';
import { ConfigError, requiredSetting } from '../../../shared/settings.ts';
import type { IdentityMethod, ProvedIdentity } from './method.ts';

/** Only signatures: a shared secret would let every holder of it claim any identity. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
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
    challenge: (realm) => `Bearer realm="${realm}"`,
    prove: (token) => proveBearer({ issuer, audience, keys }, token),
  };
}

interface BearerIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: JWTVerifyGetKey;
}

/** The issuer's keys could not be had, so that nothing can be said of the token. */
export class IssuerUnavailable extends Error {
  override name = 'IssuerUnavailable';
}

/**
 * @param token after `Bearer` in Authorization.
 * @returns the identity: `sub` with the scopes of `scope`; undefined when the token is not good.
 * @throws {IssuerUnavailable} when the issuer's keys cannot be had.
 */
async function proveBearer(
  { issuer, audience, keys }: BearerIssuer,
  token: string,
): Promise<ProvedIdentity | undefined> {
  try {
    const options = { issuer, audience, algorithms: ALGORITHMS, requiredClaims: ['sub', 'exp'] };
    const { payload } = await jwtVerify(token, keys, options);
    if (typeof payload.sub !== 'string') return undefined;
    const scope = typeof payload['scope'] === 'string' ? payload['scope'] : '';
    return { owner: payload.sub, scopes: scope.split(' ').filter((name) => name !== '') };
  } catch (error) {
    if (isFaultOfToken(error)) return undefined;
    throw new IssuerUnavailable();
  }
}

const FAULTS_OF_TOKEN = [
  errors.JWTInvalid,
  errors.JWTExpired,
  errors.JWTClaimValidationFailed,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
];

const isFaultOfToken = (error: unknown): boolean => FAULTS_OF_TOKEN.some((fault) => error instanceof fault);
