/** `DECOY_SECRET`, the same for edge and authority. */

import { decodeBase64 } from '../wire/base64.ts';

const MIN_OCTETS = 32;

/**
 * @param text base64 of at least 32 random octets.
 * @throws {TypeError} when it is not.
 */
export function readDecoySecret(text: string): Uint8Array<ArrayBuffer> {
  const secret = decodeBase64(text);
  if (secret.length < MIN_OCTETS) throw new TypeError(`it has fewer than ${MIN_OCTETS} octets`);
  return secret;
}
