/** keyUsage (RFC 5280 4.2.1.3), with one bit set. */

import { BIT_STRING } from '../encoding/der/tag.ts';

/** Number of the bit by its name. */
const BITS = { digitalSignature: 0, keyEncipherment: 2, keyAgreement: 4, keyCertSign: 5 } as const;

export type KeyUsage = keyof typeof BITS;

/** @returns DER of the BIT STRING, trailing zero bits left out (X.690 11.2.2). */
export function encodeKeyUsage(usage: KeyUsage): Uint8Array<ArrayBuffer> {
  const bit = BITS[usage];
  return Uint8Array.of(BIT_STRING, 2, 7 - bit, 0x80 >> bit);
}
