/** `CALE-Request-Id`: names one request in the logs of all parties, and to its client. The edge makes it. */

import { encodeBase64Url } from '../encoding/base64.ts';
import { CALE_REQUEST_ID } from './headers.ts';

const RANDOM_BYTES = 16;
/** Always of the same length, because answers and decoys have it inside. */
const REQUEST_ID = /^[A-Za-z0-9_-]{22}$/;

/** @returns 16 random bytes in base64url, so that it says nothing of the request. */
export const newRequestId = (): string => encodeBase64Url(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)));

/** @returns the id that another party says; a new one where there is none in good form. */
export function requestIdOf(headers: Headers): string {
  const id = headers.get(CALE_REQUEST_ID);
  return id !== null && REQUEST_ID.test(id) ? id : newRequestId();
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * Chooses by the id, so that all parties choose the same requests, and that the choice has nothing to do with the GUID.
 * @param percent of all requests, 0 to 100.
 */
export function isSampled(requestId: string, percent: number): boolean {
  const [first = '', second = ''] = requestId;
  return ALPHABET.indexOf(first) * ALPHABET.length + ALPHABET.indexOf(second) < (percent / 100) * ALPHABET.length ** 2;
}
