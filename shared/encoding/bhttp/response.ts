/** A whole answer, status and header fields included, as Binary HTTP (RFC 9292). */

import { type BinaryFields, encodeFields, expectPadding, parseContent, parseFields } from './fields.ts';
import { BinaryHttpError, BinaryReader } from './reader.ts';
import { type Allocate, allocate, BinaryWriter, integerLength } from './writer.ts';

export interface BinaryResponse {
  /** 200 to 599. */
  readonly status: number;
  readonly headers: BinaryFields;
  readonly content: Uint8Array<ArrayBuffer>;
}

/** Framing indicators of responses (RFC 9292 3.3). */
const KNOWN_LENGTH = 1;
const INDETERMINATE_LENGTH = 3;

/**
 * @param pad gives the length that a message of a length is padded to, with zeros (RFC 9292 3.8).
 * @returns a known-length response without trailers (RFC 9292 3.1).
 */
export function encodeResponse(
  { status, headers, content }: BinaryResponse,
  pad: (length: number) => number = (length) => length,
  allocateMessage: Allocate = allocate,
): Uint8Array<ArrayBuffer> {
  const fields = encodeFields(headers);
  const length =
    integerLength(KNOWN_LENGTH) +
    integerLength(status) +
    fields.length +
    integerLength(content.length) +
    content.length +
    integerLength(0);
  const out = new BinaryWriter(allocateMessage(pad(length)));
  out.integer(KNOWN_LENGTH);
  out.integer(status);
  fields.write(out);
  out.counted(content);
  out.integer(0);
  out.pad();
  return out.bytes;
}

/**
 * Reads responses of either framing. Informational ones before it, and its trailers, are ignored.
 * @throws {BinaryHttpError} when it is no response, is cut off, or is padded with anything but zeros.
 */
export function parseResponse(message: Uint8Array<ArrayBuffer>): BinaryResponse {
  const reader = new BinaryReader(message);
  const framing = reader.integer();
  if (framing !== KNOWN_LENGTH && framing !== INDETERMINATE_LENGTH) throw new BinaryHttpError('not a response');
  const isKnownLength = framing === KNOWN_LENGTH;
  let status = reader.integer();
  while (status >= 100 && status < 200) {
    parseFields(reader, isKnownLength);
    status = reader.integer();
  }
  if (status < 200 || status > 599) throw new BinaryHttpError('status out of range');
  const headers = parseFields(reader, isKnownLength);
  const content = parseContent(reader, isKnownLength);
  parseFields(reader, isKnownLength);
  expectPadding(reader);
  return { status, headers, content };
}
