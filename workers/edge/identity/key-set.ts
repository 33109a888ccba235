/** The published keys of a token issuer (RFC 7517), asked for seldom. */

import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';

/** Least time between two requests to the issuer, whether it answered or not. */
const COOLDOWN_MS = 10_000;
const DEADLINE_MS = 5_000;

/** Faults of a token, not of the issuer. */
const TOKEN_FAULTS = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

/**
 * @returns the keys behind the URL. The issuer is asked at most once in 10 seconds, by tokens of unknown keys too and
 *   while it is down: strangers must not be able to make this service call it.
 */
export function createKeySet(url: URL): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(url, { cooldownDuration: COOLDOWN_MS, timeoutDuration: DEADLINE_MS });
  // jose waits only after an answer, and not after a failure.
  let failure: { readonly error: unknown; readonly at: number } | undefined;
  return async (header, token) => {
    if (failure !== undefined && Date.now() - failure.at < COOLDOWN_MS) throw failure.error;
    try {
      const key = await keys(header, token);
      failure = undefined;
      return key;
    } catch (error) {
      if (!TOKEN_FAULTS.some((type) => error instanceof type)) failure = { error, at: Date.now() };
      throw error;
    }
  };
}
