/**
 * Writing DER (X.690 section 10): a tree of parts with lengths known as it is built, written in one pass.
 */

/** A run of encoded bytes, or an element that is still to be written. */
export type Part = Uint8Array | Element;

interface Element {
  readonly tag: number;
  /** Octets of the content, without identifier and length. */
  readonly contentLength: number;
  /** Octets of the whole element. */
  readonly length: number;
  readonly parts: readonly Part[];
}

const LONG_FORM = 0x80;

/** @returns octets that the length field of `contentLength` takes (X.690 8.1.3). */
function lengthOfLength(contentLength: number): number {
  if (contentLength < LONG_FORM) return 1;
  if (contentLength <= 0xff) return 2;
  if (contentLength <= 0xffff) return 3;
  if (contentLength <= 0xffffff) return 4;
  return 5;
}

/** An element with the identifier octet `tag` around the concatenation of `parts`. */
export function element(tag: number, ...parts: Part[]): Part {
  let contentLength = 0;
  for (const part of parts) contentLength += part.length;
  return { tag, contentLength, length: 1 + lengthOfLength(contentLength) + contentLength, parts };
}

export const sequence = (...parts: Part[]): Part => element(0x30, ...parts);

export const octetString = (content: Part): Part => element(0x04, content);

/** BIT STRING of whole octets. */
export const bitString = (content: Part): Part => element(0x03, Uint8Array.of(0), content);

/** [number] constructed: an EXPLICIT tag, or an IMPLICIT one on a constructed type. */
export const context = (number: number, ...parts: Part[]): Part => element(0xa0 | number, ...parts);

/** [number] IMPLICIT on a primitive type. */
export const contextPrimitive = (number: number, content: Part): Part => element(0x80 | number, content);

export const BOOLEAN_TRUE = Uint8Array.of(0x01, 0x01, 0xff);
export const NULL = Uint8Array.of(0x05, 0x00);

/** INTEGER out of a non-negative big-endian number of any length. */
export function unsignedInteger(magnitude: Uint8Array): Part {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const digits = magnitude.subarray(start);
  return (digits[0] ?? 0) & 0x80 ? element(0x02, Uint8Array.of(0), digits) : element(0x02, digits);
}

/** INTEGER from 0 to 127. */
export const smallInteger = (value: number): Uint8Array => Uint8Array.of(0x02, 0x01, value);

/** OBJECT IDENTIFIER out of its dotted form (X.690 8.19). */
export function objectIdentifier(dotted: string): Uint8Array<ArrayBuffer> {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const content: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const digits = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift((left % 128) | 0x80);
    content.push(...digits);
  }
  return encode(element(0x06, Uint8Array.from(content)));
}

const UTF8 = new TextEncoder();

export const utf8String = (text: string): Part => element(0x0c, UTF8.encode(text));
export const ia5String = (text: string): Part => element(0x16, UTF8.encode(text));

/**
 * The element as DER.
 * @returns one buffer of exactly its length.
 */
export function encode(part: Part): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(part.length);
  write(part, out, 0);
  return out;
}

/**
 * The element as DER, but with `bulk` (one of the parts in the tree) handed on by reference and not copied.
 * @returns what precedes `bulk`, `bulk` itself, and what follows it.
 * @throws {RangeError} when `bulk` is not a part of the tree.
 */
export function encodeAround(part: Part, bulk: Uint8Array): [head: Uint8Array, bulk: Uint8Array, tail: Uint8Array] {
  const out = new Uint8Array(part.length - bulk.length);
  const hole = { bulk, at: -1 };
  write(part, out, 0, hole);
  if (hole.at < 0) throw new RangeError('bulk is not a part of the element');
  return [out.subarray(0, hole.at), bulk, out.subarray(hole.at)];
}

function write(part: Part, out: Uint8Array, at: number, hole?: { bulk: Uint8Array; at: number }): number {
  if (part instanceof Uint8Array) {
    if (hole !== undefined && part === hole.bulk) {
      hole.at = at;
      return at;
    }
    out.set(part, at);
    return at + part.length;
  }
  let next = at;
  out[next++] = part.tag;
  const octets = lengthOfLength(part.contentLength) - 1;
  if (octets === 0) out[next++] = part.contentLength;
  else {
    out[next++] = LONG_FORM | octets;
    for (let shift = (octets - 1) * 8; shift >= 0; shift -= 8) out[next++] = part.contentLength >>> shift;
  }
  for (const inner of part.parts) next = write(inner, out, next, hole);
  return next;
}
