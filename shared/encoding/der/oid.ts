/** OBJECT IDENTIFIERs between their dotted form and the content of their encoding (X.690 8.19). */

import { DerError } from './error.ts';

/** Maximum size of an OID that is read, in bytes. */
const MAX_OID_BYTES = 64;

/**
 * @param content of an OBJECT IDENTIFIER.
 * @returns its dotted form.
 * @throws {DerError} when it is malformed, too long, or has an arc beyond 2^46.
 */
export function parseOid(content: Uint8Array): string {
  if (content.length === 0 || (content.at(-1) ?? 0) & 0x80) throw new DerError('malformed OBJECT IDENTIFIER');
  if (content.length > MAX_OID_BYTES) throw new DerError('OBJECT IDENTIFIER out of range');
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content) {
    if (arc === 0 && byte === 0x80) throw new DerError('OBJECT IDENTIFIER not in its shortest form');
    arc = arc * 128 + (byte & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER / 128) throw new DerError('OBJECT IDENTIFIER out of range');
    if (byte & 0x80) continue;
    if (arcs.length === 0) {
      const first = Math.min(Math.floor(arc / 40), 2);
      arcs.push(first, arc - first * 40);
    } else arcs.push(arc);
    arc = 0;
  }
  return arcs.join('.');
}

/**
 * @param dotted form of an OID, such as `2.5.4.3`.
 * @returns the content of its encoding, without identifier and length.
 */
export function encodeOid(dotted: string): Uint8Array<ArrayBuffer> {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const content: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const digits = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift((left % 128) | 0x80);
    content.push(...digits);
  }
  return Uint8Array.from(content);
}
