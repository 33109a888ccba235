/** The key derivation function of ANSI X9.63 (SEC 1 3.6.1), for keys that are no longer than its hash. */

import { concat } from '../encoding/bytes.ts';

const FIRST_BLOCK = Uint8Array.of(0, 0, 0, 1);

/**
 * @param hash WebCrypto's name; its output is at least `length` bytes.
 * @returns `length` bytes: with such a hash the KDF is one call of it.
 */
export async function deriveX963(
  hash: string,
  secret: Uint8Array,
  sharedInfo: Uint8Array,
  length: number,
  subtle: SubtleCrypto,
): Promise<Uint8Array<ArrayBuffer>> {
  const derived = await subtle.digest(hash, concat([secret, FIRST_BLOCK, sharedInfo]));
  return new Uint8Array(derived, 0, length);
}
