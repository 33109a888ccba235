/** A whole answer, status and header fields included, as Binary HTTP (RFC 9292). */

import { concat, utf8 } from '../bytes.ts';
import { BinaryHttpError, BinaryReader } from './reader.ts';
import { BinaryWriter, integerLength } from './writer.ts';

export interface BinaryResponse {
  /** 200 to 599. */
  readonly status: number;
  /** Names in lower case; a name may be there more than once. */
  readonly headers: readonly (readonly [name: string, value: string])[];
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
): Uint8Array<ArrayBuffer> {
  const fields = headers.flatMap(([name, value]) => [encodeFieldText(name), encodeFieldText(value)]);
  const fieldsLength = fields.reduce((sum, { length }) => sum + integerLength(length) + length, 0);
  const length =
    integerLength(KNOWN_LENGTH) +
    integerLength(status) +
    integerLength(fieldsLength) +
    fieldsLength +
    integerLength(content.length) +
    content.length +
    integerLength(0);
  const out = new BinaryWriter(pad(length));
  out.integer(KNOWN_LENGTH);
  out.integer(status);
  out.integer(fieldsLength);
  for (const field of fields) out.counted(field);
  out.counted(content);
  out.integer(0);
  return out.bytes;
}

/**
 * Reads responses of either framing. Informational ones before it, and its trailers, are passed over.
 * @throws {BinaryHttpError} when it is no response, is cut off, or is padded with anything but zeros.
 */
export function parseResponse(message: Uint8Array<ArrayBuffer>): BinaryResponse {
  const reader = new BinaryReader(message);
  const framing = reader.integer();
  if (framing !== KNOWN_LENGTH && framing !== INDETERMINATE_LENGTH) throw new BinaryHttpError('not a response');
  const isKnownLength = framing === KNOWN_LENGTH;
  let status = reader.integer();
  while (status >= 100 && status < 200) {
    readFields(reader, isKnownLength);
    status = reader.integer();
  }
  if (status < 200 || status > 599) throw new BinaryHttpError('status out of range');
  const headers = readFields(reader, isKnownLength);
  const content = isKnownLength ? reader.take(reader.integerOrEnd()) : readChunks(reader);
  readFields(reader, isKnownLength);
  if (reader.rest().some((byte) => byte !== 0)) throw new BinaryHttpError('padding not of zeros');
  return { status, headers, content };
}

type Field = readonly [name: string, value: string];

/** A field section (RFC 9292 3.6). */
function readFields(reader: BinaryReader, isKnownLength: boolean): Field[] {
  const fields: Field[] = [];
  if (isKnownLength) {
    const section = new BinaryReader(reader.take(reader.integerOrEnd()));
    while (!section.done) fields.push(readField(section, section.integer()));
    return fields;
  }
  for (let length = reader.integerOrEnd(); length > 0; length = reader.integerOrEnd()) {
    fields.push(readField(reader, length));
  }
  return fields;
}

/** token of RFC 9110 5.6.2, in lower case (RFC 9292 3.6). */
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** Characters that values must not have (RFC 9110 5.5), because they could be read as the end of the field. */
const NO_VALUE = /[\0\r\n]/;

function readField(reader: BinaryReader, nameLength: number): Field {
  const name = latin1(reader.take(nameLength));
  const value = latin1(reader.take(reader.integer()));
  if (!FIELD_NAME.test(name) || NO_VALUE.test(value)) throw new BinaryHttpError('malformed field');
  return [name, value];
}

function readChunks(reader: BinaryReader): Uint8Array<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  for (let length = reader.integerOrEnd(); length > 0; length = reader.integerOrEnd()) {
    chunks.push(reader.take(length));
  }
  return concat(chunks);
}

/** Field values are bytes, which Fetch shows as characters of the same numbers; others are taken as UTF-8. */
function encodeFieldText(text: string): Uint8Array {
  const isLatin1 = /^[\x00-\xff]*$/.test(text);
  return isLatin1 ? Uint8Array.from(text, (character) => character.charCodeAt(0)) : utf8(text);
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
