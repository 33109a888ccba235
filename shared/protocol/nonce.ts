/** `CALE-Nonce`: names one request, `<unix seconds>.<22 characters of base64url>`, chosen by the client. */

import { encodeBase64Url } from '../encoding/base64.ts';

declare const brand: unique symbol;
/** A nonce in its one form. */
export type Nonce = string & { readonly [brand]: 'Nonce' };

const NONCE = /^[1-9][0-9]{9}\.[A-Za-z0-9_-]{22}$/;
const RANDOM_BYTES = 16;

/** How far the time of a nonce may be from the clock of the party that admits it, in seconds. */
export const NONCE_WINDOW_SECONDS = 300;

/**
 * @param now milliseconds since 1970, by the edge's clock.
 * @param random source of the random bytes.
 */
export function newNonce(now: number, random: Pick<Crypto, 'getRandomValues'> = crypto): Nonce {
  const bytes = random.getRandomValues(new Uint8Array(RANDOM_BYTES));
  return `${Math.floor(now / 1000)}.${encodeBase64Url(bytes)}` as Nonce;
}

/** @returns the nonce that the value is, or undefined. */
export const tryParseNonce = (value: string): Nonce | undefined => (NONCE.test(value) ? (value as Nonce) : undefined);

/** @returns unix seconds. */
export const secondsOf = (nonce: Nonce): number => Number(nonce.slice(0, nonce.indexOf('.')));
