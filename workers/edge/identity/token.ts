/** JWTs as real issuers make them: verified by any key that fits, and named by the claim that is at fault. */

import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { reasonOf } from '../../../shared/log.ts';

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

/** How far the clock of an issuer may be ahead: by so much `nbf` may be later than now. `exp` has no leeway. */
const LEEWAY_SECONDS = 60;

/** The issuer whose tokens are taken, and the rules for them. */
export interface TokenIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: JWTVerifyGetKey;
  /** The `typ` in the header of its access tokens (RFC 9068 2.1); undefined for any. */
  readonly type: string | undefined;
  /** Seconds since `iat`; 0 for no limit. */
  readonly maxAgeSeconds: number;
}

/** The issuer's keys could not be had or used, so that nothing can be said of the token. */
export class IssuerUnavailable extends Error {
  override name = 'IssuerUnavailable';
}

/** The claims of a good token; or its fault, in a sentence that quotes nothing of it. */
export type ProvedToken =
  | { readonly ok: true; readonly value: JWTPayload }
  | { readonly ok: false; readonly detail: string };

/**
 * @param setting that says where the issuer's keys are.
 * @returns the claims: `sub` and `exp` are among them.
 * @throws {IssuerUnavailable} when the issuer's keys cannot be had.
 */
export async function proveToken(token: string, issuer: TokenIssuer, setting: string): Promise<ProvedToken> {
  try {
    return { ok: true, value: await verifyToken(token, issuer) };
  } catch (error) {
    const detail = faultOfToken(error);
    if (detail !== undefined) return { ok: false, detail };
    throw new IssuerUnavailable(`the keys of ${setting} cannot be had or used: ${reasonOf(error)}`);
  }
}

/** @throws what jose throws, which {@link faultOfToken} tells apart. */
async function verifyToken(
  token: string,
  { keys, issuer, audience, type, maxAgeSeconds }: TokenIssuer,
): Promise<JWTPayload> {
  const options = {
    issuer,
    audience,
    algorithms: ALGORITHMS,
    requiredClaims: ['sub', 'exp'],
    clockTolerance: LEEWAY_SECONDS,
    ...(type !== undefined && { typ: type }),
    ...(maxAgeSeconds > 0 && { maxTokenAge: maxAgeSeconds }),
  };
  const verify = async (key: CryptoKey) => (await jwtVerify(token, key, options)).payload;
  try {
    const { payload } = await jwtVerify(token, keys, options);
    return withoutLeeway(payload);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    return withoutLeeway(await verifyByAny(error, verify));
  }
}

/** A token need not name its key, nor a key have a name (RFC 7515 4.1.4, RFC 7517 4.5): each key that fits is tried. */
async function verifyByAny(
  keys: AsyncIterable<CryptoKey>,
  verify: (key: CryptoKey) => Promise<JWTPayload>,
): Promise<JWTPayload> {
  for await (const key of keys) {
    try {
      return await verify(key);
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}

/** Makes sure of `exp`, to which jose gives the leeway of `nbf` as well. */
function withoutLeeway(payload: JWTPayload): JWTPayload {
  const now = Math.floor(Date.now() / 1000);
  if (payload.exp !== undefined && payload.exp <= now) throw new errors.JWTExpired('expired', payload, 'exp');
  return payload;
}

/**
 * @param error what {@link verifyToken} threw.
 * @returns the fault of the token, in a sentence that quotes nothing of it; undefined when it is not the token's.
 */
function faultOfToken(error: unknown): string | undefined {
  if (error instanceof errors.JWTExpired) {
    return error.claim === 'iat'
      ? 'The token is older than is taken for a registration, by its claim iat.'
      : 'The token has expired, by its claim exp.';
  }
  if (error instanceof errors.JWTClaimValidationFailed) return faultOfClaim(error);
  return FAULTS.find(([type]) => error instanceof type)?.[1];
}

function faultOfClaim({ claim, reason }: errors.JWTClaimValidationFailed): string {
  if (claim === 'typ') return 'The typ of the token is not that of an access token of the issuer.';
  if (reason === 'missing') return `The token has no claim ${claim}.`;
  if (reason === 'invalid') return `The claim ${claim} of the token is of another type than it has to be.`;
  return claim === 'nbf'
    ? 'The token is not valid yet, by its claim nbf.'
    : `The claim ${claim} of the token is not the expected one.`;
}

const NO_JWT = 'The token is not a signed JWT.';
const FAULTS = [
  [errors.JWSSignatureVerificationFailed, 'The signature of the token is not by a key of the issuer.'],
  [errors.JWKSNoMatchingKey, 'The issuer has no key that fits the kid and the alg of the token.'],
  [errors.JOSEAlgNotAllowed, 'The alg of the token is none that is taken.'],
  [errors.JOSENotSupported, 'The header of the token asks for what is not supported.'],
  [errors.JWTInvalid, NO_JWT],
  [errors.JWSInvalid, NO_JWT],
] as const;

/** The claims that hold scopes, where no setting names one: RFC 9068 2.2.3, and what other issuers write. */
const SCOPE_CLAIMS = ['scope', 'scp'];

/**
 * @param claim that holds the scopes, such as `roles`; undefined for `scope`, or else `scp`. It is a text with spaces
 *   between the scopes, or a list.
 * @returns undefined when the claim is neither.
 */
export function scopesOf(payload: JWTPayload, claim: string | undefined): string[] | undefined {
  const names = claim === undefined ? SCOPE_CLAIMS : [claim];
  const value = names.map((name) => payload[name]).find((each) => each !== undefined && each !== null) ?? '';
  const texts: unknown[] = Array.isArray(value) ? value : [value];
  if (!texts.every((text) => typeof text === 'string')) return undefined;
  return [...new Set(texts.flatMap((text) => text.split(' ')))].filter((scope) => scope !== '');
}
