/** keyUsage (RFC 5280 4.2.1.3), with one bit set. */

import { equal } from '../encoding/bytes.ts';
import { BIT_STRING } from '../encoding/der/tag.ts';
import { type Extensions, KEY_USAGE } from './extensions.ts';

/** Number of the bit by its name. */
const BITS = { digitalSignature: 0, keyEncipherment: 2, keyAgreement: 4, keyCertSign: 5 } as const;

export type KeyUsage = keyof typeof BITS;

/** @returns DER of the BIT STRING, trailing zero bits left out (X.690 11.2.2). */
export function encodeKeyUsage(usage: KeyUsage): Uint8Array<ArrayBuffer> {
  const bit = BITS[usage];
  return Uint8Array.of(BIT_STRING, 2, 7 - bit, 0x80 >> bit);
}

/** True when keyUsage is there and has this use and no other. */
export function hasKeyUsage(extensions: Extensions, usage: KeyUsage): boolean {
  const extension = extensions.get(KEY_USAGE);
  return extension !== undefined && equal(extension.value, encodeKeyUsage(usage));
}
