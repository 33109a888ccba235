/** Field sections and content of Binary HTTP (RFC 9292 3.6, 3.7), in both framings. */

import { concat, utf8 } from '../bytes.ts';
import { isLatin1, parseLatin1 } from '../latin1.ts';
import { BinaryHttpError, BinaryReader } from './reader.ts';
import { type BinaryWriter, integerLength } from './writer.ts';

/** Names in lower case; a name may be there more than once. */
export type BinaryFields = readonly (readonly [name: string, value: string])[];

/** A field section whose size is known before it is written. */
export interface EncodedFields {
  /** Bytes of the section with its own length. */
  readonly length: number;
  write(writer: BinaryWriter): void;
}

/** @returns the section of a known-length message. */
export function encodeFields(fields: BinaryFields): EncodedFields {
  const texts: (string | Uint8Array)[] = [];
  let size = 0;
  for (const field of fields) {
    for (const part of field) {
      const text = encodeText(part);
      texts.push(text);
      size += integerLength(text.length) + text.length;
    }
  }
  return {
    length: integerLength(size) + size,
    write(writer) {
      writer.integer(size);
      for (const text of texts) writer.counted(text);
    },
  };
}

/** @throws {BinaryHttpError} when a field is malformed. */
export function parseFields(reader: BinaryReader, isKnownLength: boolean): BinaryFields {
  const fields: (readonly [string, string])[] = [];
  if (isKnownLength) {
    const bytes = reader.take(reader.integerOrEnd());
    const section = new BinaryReader(bytes);
    // Decoded at once: fields are short, and each call of a decoder costs as much as some hundred bytes.
    const text = parseLatin1(bytes);
    while (!section.done) {
      const name = text.slice(section.skip(section.integer()), section.at);
      fields.push(checkedField(name, text.slice(section.skip(section.integer()), section.at)));
    }
    return fields;
  }
  for (let length = reader.integerOrEnd(); length > 0; length = reader.integerOrEnd()) {
    fields.push(checkedField(parseLatin1(reader.take(length)), parseLatin1(reader.take(reader.integer()))));
  }
  return fields;
}

/** @throws {BinaryHttpError} when it is cut off. */
export function parseContent(reader: BinaryReader, isKnownLength: boolean): Uint8Array<ArrayBuffer> {
  if (isKnownLength) return reader.take(reader.integerOrEnd());
  const chunks: Uint8Array[] = [];
  for (let length = reader.integerOrEnd(); length > 0; length = reader.integerOrEnd()) chunks.push(reader.take(length));
  return concat(chunks);
}

/** Makes sure that only padding is left (RFC 9292 3.8). @throws {BinaryHttpError} when it is not of zeros. */
export function expectPadding(reader: BinaryReader): void {
  if (!isZero(reader.rest())) throw new BinaryHttpError('padding not of zeros');
}

/** Looks at four bytes at a time where they are aligned, because padding can be many kilobytes. */
function isZero(bytes: Uint8Array): boolean {
  const start = Math.min(-bytes.byteOffset & 3, bytes.length);
  const end = bytes.length - ((bytes.length - start) & 3);
  let bits = 0;
  for (let at = 0; at < start; at++) bits |= bytes[at] ?? 0;
  for (let at = end; at < bytes.length; at++) bits |= bytes[at] ?? 0;
  if (end > start) {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset + start, (end - start) / 4);
    for (let at = 0; at < words.length; at++) bits |= words[at] ?? 0;
  }
  return bits === 0;
}

/** token of RFC 9110 5.6.2, in lower case (RFC 9292 3.6). */
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** Characters that values must not have (RFC 9110 5.5), because they could be read as the end of the field. */
const NOT_IN_VALUES = /[\0\r\n]/;

function checkedField(name: string, value: string): readonly [string, string] {
  if (!FIELD_NAME.test(name) || NOT_IN_VALUES.test(value)) throw new BinaryHttpError('malformed field');
  return [name, value];
}

/** Field values are bytes, which Fetch shows as characters of the same numbers; others are written as UTF-8. */
export const encodeText = (text: string): string | Uint8Array => (isLatin1(text) ? text : utf8(text));
