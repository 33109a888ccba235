/** Field sections and content of Binary HTTP (RFC 9292 3.6, 3.7), in both framings. */

import { concat, parseLatin1, utf8 } from '../bytes.ts';
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
  const texts = fields.flatMap(([name, value]) => [encodeText(name), encodeText(value)]);
  const size = texts.reduce((sum, { length }) => sum + integerLength(length) + length, 0);
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
    const section = new BinaryReader(reader.take(reader.integerOrEnd()));
    while (!section.done) fields.push(parseField(section, section.integer()));
    return fields;
  }
  for (let length = reader.integerOrEnd(); length > 0; length = reader.integerOrEnd()) {
    fields.push(parseField(reader, length));
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
  const padding = reader.rest();
  for (let at = 0; at < padding.length; at++) if (padding[at] !== 0) throw new BinaryHttpError('padding not of zeros');
}

/** token of RFC 9110 5.6.2, in lower case (RFC 9292 3.6). */
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** Characters that values must not have (RFC 9110 5.5), because they could be read as the end of the field. */
const NOT_IN_VALUES = /[\0\r\n]/;

function parseField(reader: BinaryReader, nameLength: number): readonly [string, string] {
  const name = parseLatin1(reader.take(nameLength));
  const value = parseLatin1(reader.take(reader.integer()));
  if (!FIELD_NAME.test(name) || NOT_IN_VALUES.test(value)) throw new BinaryHttpError('malformed field');
  return [name, value];
}

/** The reverse of `parseLatin1`. Field values are bytes, which Fetch shows as such characters; others become UTF-8. */
export const encodeText = (text: string): string | Uint8Array => (/[^\x00-\xff]/.test(text) ? utf8(text) : text);
