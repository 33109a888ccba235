/** A whole request as Binary HTTP (RFC 9292). */

import { parseLatin1 } from '../latin1.ts';
import { type BinaryFields, encodeFields, encodeText, expectPadding, parseContent, parseFields } from './fields.ts';
import { BinaryHttpError, BinaryReader } from './reader.ts';
import { allocate, BinaryWriter, integerLength } from './writer.ts';

export interface BinaryRequest {
  readonly method: string;
  /** Such as `https://api.example.com/balance?currency=EUR`. */
  readonly targetUri: string;
  readonly headers: BinaryFields;
  readonly content: Uint8Array<ArrayBuffer>;
}

/** Framing indicators of requests (RFC 9292 3.3). */
const KNOWN_LENGTH = 0;
const INDETERMINATE_LENGTH = 2;

/** Scheme, authority, and path with query (RFC 9292 3.4): visible ASCII, without a fragment. */
const TARGET = /^(https?):\/\/([!-"$-.0->@-~]+)(\/[!-"$-~]*)$/;

/**
 * @param pad gives the length that a message of a length is padded to, with zeros (RFC 9292 3.8).
 * @returns a known-length request without trailers (RFC 9292 3.1).
 * @throws {TypeError} when the target URI is none of http or https in its normal form.
 */
export function encodeRequest(
  { method, targetUri, headers, content }: BinaryRequest,
  pad: (length: number) => number = (length) => length,
): Uint8Array<ArrayBuffer> {
  const [, scheme, authority, path] = TARGET.exec(targetUri) ?? [];
  if (scheme === undefined || authority === undefined || path === undefined) throw new TypeError('no target URI');
  const control = [method, scheme, authority, path].map(encodeText);
  const fields = encodeFields(headers);
  const length =
    integerLength(KNOWN_LENGTH) +
    control.reduce((sum, text) => sum + integerLength(text.length) + text.length, 0) +
    fields.length +
    integerLength(content.length) +
    content.length +
    integerLength(0);
  const out = new BinaryWriter(allocate(pad(length)));
  out.integer(KNOWN_LENGTH);
  for (const text of control) out.counted(text);
  fields.write(out);
  out.counted(content);
  out.integer(0);
  return out.bytes;
}

/** token of RFC 9110 5.6.2. */
const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * Reads requests of either framing; trailers are ignored.
 * @throws {BinaryHttpError} when it is no request, is cut off, or is padded with anything but zeros.
 */
export function parseRequest(message: Uint8Array<ArrayBuffer>): BinaryRequest {
  const reader = new BinaryReader(message);
  const framing = reader.integer();
  if (framing !== KNOWN_LENGTH && framing !== INDETERMINATE_LENGTH) throw new BinaryHttpError('not a request');
  const isKnownLength = framing === KNOWN_LENGTH;
  const [method = '', scheme = '', authority = '', path = ''] = parseControlData(message, reader);
  const targetUri = `${scheme}://${authority}${path}`;
  // An authority with a slash could be read as one with a path.
  const isTarget = TARGET.exec(targetUri)?.[2] === authority;
  if (!METHOD.test(method) || !isTarget) throw new BinaryHttpError('malformed control data');
  const headers = parseFields(reader, isKnownLength);
  const content = parseContent(reader, isKnownLength);
  parseFields(reader, isKnownLength);
  expectPadding(reader);
  return { method, targetUri, headers, content };
}

/** Method, scheme, authority and path (RFC 9292 3.4), decoded at once as fields are. */
function parseControlData(message: Uint8Array<ArrayBuffer>, reader: BinaryReader): string[] {
  const places: [start: number, end: number][] = [];
  while (places.length < 4) places.push([reader.skip(reader.integer()), reader.at]);
  const text = parseLatin1(message.subarray(0, reader.at));
  return places.map(([start, end]) => text.slice(start, end));
}
