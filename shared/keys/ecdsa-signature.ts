/** ECDSA signatures between the forms of X.509 (RFC 3279 2.2.3: SEQUENCE of r and s) and of WebCrypto (r and s, padded). */

import { DerError, readWhole } from '../der/read.ts';
import { encode, sequence, unsignedInteger } from '../der/write.ts';

/** @param raw r and s, each of half the length. */
export function ecdsaSignatureToDer(raw: Uint8Array): Uint8Array<ArrayBuffer> {
  const half = raw.length / 2;
  return encode(sequence(unsignedInteger(raw.subarray(0, half)), unsignedInteger(raw.subarray(half))));
}

/**
 * @param coordinateLength octets of r and of s in the result.
 * @throws {DerError} when it is not such a sequence, or a number is too large.
 */
export function ecdsaSignatureFromDer(der: Uint8Array<ArrayBuffer>, coordinateLength: number): Uint8Array<ArrayBuffer> {
  const reader = readWhole(der, 0x30);
  const raw = new Uint8Array(2 * coordinateLength);
  for (const end of [coordinateLength, 2 * coordinateLength]) {
    const number = reader.unsignedInteger();
    if (number.length > coordinateLength) throw new DerError('number too large for the curve');
    raw.set(number, end - number.length);
  }
  reader.end();
  return raw;
}
