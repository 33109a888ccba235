/** Writing DER (X.690 section 10): a tree of parts with lengths known as it is built, written in one pass. */

import { utf8 } from '../bytes.ts';
import { encodeOid } from './oid.ts';
import {
  BIT_STRING,
  BOOLEAN,
  contextTag,
  IA5_STRING,
  INTEGER,
  implicitTag,
  NULL as NULL_TAG,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  SEQUENCE,
  SET,
  UTF8_STRING,
} from './tag.ts';

/** A run of encoded bytes, or an element that is still to be written. */
export type Part = Uint8Array | Element;

interface Element {
  readonly tag: number;
  /** Bytes of the content, without identifier and length. */
  readonly contentLength: number;
  /** Bytes of the whole element. */
  readonly length: number;
  readonly parts: readonly Part[];
}

const LONG_FORM = 0x80;

/** @returns bytes that the length field of `contentLength` takes (X.690 8.1.3). */
function lengthOfLength(contentLength: number): number {
  if (contentLength < LONG_FORM) return 1;
  if (contentLength <= 0xff) return 2;
  if (contentLength <= 0xffff) return 3;
  if (contentLength <= 0xffffff) return 4;
  return 5;
}

/** @returns bytes that an element with a content of `contentLength` bytes takes. */
const lengthOfElement = (contentLength: number): number => 1 + lengthOfLength(contentLength) + contentLength;

/** An element with the identifier byte `tag` around the concatenation of `parts`. */
export function element(tag: number, ...parts: Part[]): Part {
  let contentLength = 0;
  for (const part of parts) contentLength += part.length;
  return { tag, contentLength, length: lengthOfElement(contentLength), parts };
}

export const sequence = (...parts: Part[]): Part => element(SEQUENCE, ...parts);

/** SET of one element: DER has no order to keep then. */
export const setOf = (part: Part): Part => element(SET, part);

export const octetString = (content: Part): Part => element(OCTET_STRING, content);

/** BIT STRING of whole bytes. */
export const bitString = (content: Part): Part => element(BIT_STRING, Uint8Array.of(0), content);

/** [number] around other elements: an EXPLICIT tag, or an IMPLICIT one on a constructed type. */
export const context = (number: number, ...parts: Part[]): Part => element(contextTag(number), ...parts);

/** [number] IMPLICIT on a primitive type. */
export const implicit = (number: number, content: Part): Part => element(implicitTag(number), content);

export const BOOLEAN_TRUE = Uint8Array.of(BOOLEAN, 0x01, 0xff);
export const NULL = Uint8Array.of(NULL_TAG, 0x00);

/** INTEGER out of a non-negative big-endian number of any length. */
export function unsignedInteger(magnitude: Uint8Array): Part {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const digits = magnitude.subarray(start);
  return (digits[0] ?? 0) & 0x80 ? element(INTEGER, Uint8Array.of(0), digits) : element(INTEGER, digits);
}

/** INTEGER from 0 to 127. */
export const smallInteger = (value: number): Uint8Array => Uint8Array.of(INTEGER, 0x01, value);

/** DER of an OBJECT IDENTIFIER out of its dotted form. */
export const objectIdentifier = (dotted: string): Uint8Array<ArrayBuffer> =>
  encode(element(OBJECT_IDENTIFIER, encodeOid(dotted)));

export const utf8String = (text: string): Part => element(UTF8_STRING, utf8(text));
export const ia5String = (text: string): Part => element(IA5_STRING, utf8(text));

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
 * The element as DER, except that `bulk` (one of the parts in the tree) is handed on by reference and not copied.
 * @returns the bytes before `bulk`, `bulk` itself, and the bytes after it.
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
  const bytes = lengthOfLength(part.contentLength) - 1;
  if (bytes === 0) out[next++] = part.contentLength;
  else {
    out[next++] = LONG_FORM | bytes;
    for (let shift = (bytes - 1) * 8; shift >= 0; shift -= 8) out[next++] = part.contentLength >>> shift;
  }
  for (const inner of part.parts) next = write(inner, out, next, hole);
  return next;
}
