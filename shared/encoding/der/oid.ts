/** OBJECT IDENTIFIERs between their dotted form and the content of their encoding (X.690 8.19). */

import { DerError } from './error.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Maximum size of an OID that is read, in bytes. */
const MAX_OID_BYTES = 64;

const BITS_PER_BYTE = 7n;
const MORE = 0x80;

/**
 * @param content of an OBJECT IDENTIFIER.
 * @returns its dotted form; arcs may be of any size, as those of UUIDs are (X.667).
 * @throws {DerError} when it is malformed or too long.
 */
export function parseOid(content: Uint8Array): string {
  if ((content[content.length - 1] ?? MORE) & MORE) throw new DerError('malformed OBJECT IDENTIFIER');
  if (content.length > MAX_OID_BYTES) throw new DerError('OBJECT IDENTIFIER out of range');
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const byte of content) {
    if (arc === 0n && byte === MORE) throw new DerError('OBJECT IDENTIFIER not in its shortest form');
    arc = (arc << BITS_PER_BYTE) | BigInt(byte & ~MORE);
    if (byte & MORE) continue;
    if (arcs.length === 0) {
      const first = arc < 80n ? arc / 40n : 2n;
      arcs.push(first, arc - first * 40n);
    } else arcs.push(arc);
    arc = 0n;
  }
  return arcs.join('.');
}

/**
 * @param dotted form of an OID, such as `2.5.4.3`.
 * @returns the content of its encoding, without identifier and length.
 */
export function encodeOid(dotted: string): Uint8Array<ArrayBuffer> {
  const [first = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt);
  const content: number[] = [];
  for (const arc of [first * 40n + second, ...rest]) {
    const digits = [Number(arc & 0x7fn)];
    for (let left = arc >> BITS_PER_BYTE; left > 0n; left >>= BITS_PER_BYTE)
      digits.unshift(Number(left & 0x7fn) | MORE);
    content.push(...digits);
  }
  return Uint8Array.from(content);
}

/** OIDs that were read before, by the length of their content: messages repeat the same few. */
const knownOids = Array.from({ length: 16 }, (): { readonly content: Bytes; readonly dotted: string }[] => []);
const MAX_KNOWN_OIDS = 32;

/**
 * @param bytes of a message, in which the content of an OBJECT IDENTIFIER is from `start` to `end`.
 * @returns it in dotted form, as {@link parseOid} does, without reading again what was read before.
 * @throws {DerError} when it is malformed.
 */
export function readOid(bytes: Bytes, start: number, end: number): string {
  const alike = knownOids[end - start];
  const known = alike?.find(({ content }) => endsWith(bytes, end, content));
  if (known !== undefined) return known.dotted;
  const content = bytes.slice(start, end);
  const dotted = parseOid(content);
  if (alike !== undefined && alike.length < MAX_KNOWN_OIDS) alike.push({ content, dotted });
  return dotted;
}

/** True when the bytes before `end` are those of `suffix`; compared backwards, because OIDs differ at their ends. */
function endsWith(bytes: Bytes, end: number, suffix: Bytes): boolean {
  for (let back = 1; back <= suffix.length; back++) {
    if (bytes[end - back] !== suffix[suffix.length - back]) return false;
  }
  return true;
}
