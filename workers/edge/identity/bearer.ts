/** Proof of identity by a JWT of an OAuth 2 or OpenID issuer (RFC 6750, RFC 7519, RFC 9068). */

import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { ConfigError, required } from '../../../shared/config.ts';

export interface BearerIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: JWTVerifyGetKey;
}

/** Signatures alone: a shared secret would let every holder of it be anybody. */
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
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** @throws {ConfigError} */
export function readBearerIssuer(env: object): BearerIssuer {
  const jwks = required(env, 'BEARER_JWKS_URL');
  const url = URL.canParse(jwks) ? new URL(jwks) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && !LOOPBACK.includes(url.hostname))) {
    throw new ConfigError('BEARER_JWKS_URL must be an https URL.');
  }
  const issuer = required(env, 'BEARER_ISSUER');
  return { issuer, audience: required(env, 'BEARER_AUDIENCE'), keys: createRemoteJWKSet(url) };
}

/** The issuer's keys could not be had, so that nothing can be said of the token. */
export class IssuerUnavailable extends Error {
  override name = 'IssuerUnavailable';
}

/**
 * @param token what follows `Bearer` in Authorization.
 * @returns who it is: `sub` with the scopes of `scope`; undefined when the token is not good.
 * @throws {IssuerUnavailable} when the issuer's keys cannot be had.
 */
export async function checkBearer(
  { issuer, audience, keys }: BearerIssuer,
  token: string,
): Promise<{ owner: string; scopes: readonly string[] } | undefined> {
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
