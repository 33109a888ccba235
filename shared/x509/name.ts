/** Distinguished names (RFC 5280 4.1.2.4): their attributes, and their string form (RFC 4514). */

import { hex, parseUtf8 } from '../encoding/bytes.ts';
import { DerError } from '../encoding/der/error.ts';
import { parseSequence } from '../encoding/der/reader.ts';
import {
  BMP_STRING,
  IA5_STRING,
  NUMERIC_STRING,
  PRINTABLE_STRING,
  TELETEX_STRING,
  UTF8_STRING,
  VISIBLE_STRING,
} from '../encoding/der/tag.ts';
import { encode, objectIdentifier, type Part, sequence, setOf, utf8String } from '../encoding/der/writer.ts';
import { tryParse } from '../encoding/error.ts';
import { parseLatin1 } from '../encoding/latin1.ts';

/** Attributes of names (RFC 4519). */
export const COMMON_NAME = '2.5.4.3';
export const ORGANIZATIONAL_UNIT_NAME = '2.5.4.11';
export const DOMAIN_COMPONENT = '0.9.2342.19200300.100.1.25';

/** A part of a name (RFC 5280 4.1.2.4). */
export interface Attribute {
  /** Dotted OID. */
  readonly type: string;
  /** The value's text; undefined when it is of no string type. */
  readonly text: string | undefined;
  /** DER of the value. */
  readonly encoding: Uint8Array;
}

/** RDNs as they are encoded, the most significant first; nearly always of one attribute each. */
export type Name = readonly (readonly Attribute[])[];

/**
 * @param der DER of a Name.
 * @throws {DerError} when it is not one, or a string is not of its type.
 */
export function parseName(der: Uint8Array<ArrayBuffer>): Name {
  const rdns: Attribute[][] = [];
  const names = parseSequence(der);
  while (!names.done) {
    const set = names.set();
    const attributes: Attribute[] = [];
    do {
      const attribute = set.sequence();
      const type = attribute.objectIdentifier();
      const value = attribute.next();
      attribute.end();
      attributes.push({ type, text: parseText(value.tag, value.content), encoding: value.encoding });
    } while (!set.done);
    rdns.push(attributes);
  }
  return rdns;
}

interface StringType {
  /** By functions of this project: not every platform has a TextDecoder for each encoding. @throws {EncodingError} */
  readonly parse: (content: Uint8Array) => string;
  /** The characters of the type. */
  readonly pattern: RegExp;
}

const UNICODE = /^[^\ud800-\udfff]*$/u;

/** Types of strings by their tags. Senders of a TeletexString mean ISO 8859-1 by it, as OpenSSL does. */
const STRING_TYPES: Readonly<Record<number, StringType>> = {
  [UTF8_STRING]: { parse: parseUtf8, pattern: UNICODE },
  [NUMERIC_STRING]: { parse: parseLatin1, pattern: /^[0-9 ]*$/ },
  [PRINTABLE_STRING]: { parse: parseLatin1, pattern: /^[\x20-\x7e]*$/ },
  [TELETEX_STRING]: { parse: parseLatin1, pattern: UNICODE },
  [IA5_STRING]: { parse: parseLatin1, pattern: /^[\x00-\x7f]*$/ },
  [VISIBLE_STRING]: { parse: parseLatin1, pattern: /^[\x20-\x7e]*$/ },
  [BMP_STRING]: { parse: parseUtf16, pattern: UNICODE },
};

/** Big-endian. */
function parseUtf16(bytes: Uint8Array): string {
  if (bytes.length % 2 !== 0) throw new DerError('BMPString of an odd length');
  let text = '';
  for (let at = 0; at < bytes.length; at += 2) {
    text += String.fromCharCode(((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
  }
  return text;
}

function parseText(tag: number, content: Uint8Array): string | undefined {
  const type = STRING_TYPES[tag];
  if (type === undefined) return undefined;
  const text = tryParse(() => type.parse(content));
  if (text === undefined) throw new DerError('string not in its encoding');
  if (!type.pattern.test(text)) throw new DerError('string outside its character set');
  return text;
}

/** A RelativeDistinguishedName of one attribute. */
export const encodeRdn = (type: string, value: Part): Part => setOf(sequence(objectIdentifier(type), value));

/** @returns DER of a Name with one commonName; of one without attributes when `text` is empty. */
export const encodeCommonName = (text: string): Uint8Array<ArrayBuffer> =>
  encode(text === '' ? sequence() : sequence(encodeRdn(COMMON_NAME, utf8String(text))));

const SHORT_NAMES: Record<string, string> = {
  [COMMON_NAME]: 'CN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  [ORGANIZATIONAL_UNIT_NAME]: 'OU',
  [DOMAIN_COMPONENT]: 'DC',
  '0.9.2342.19200300.100.1.1': 'UID',
  '1.2.840.113549.1.9.1': 'emailAddress',
};

/** @returns the short name of a type of attribute; its OID, when it has none. */
export const attributeName = (type: string): string => SHORT_NAMES[type] ?? type;

/** The name as RFC 4514 writes it: the last RDN first, special characters escaped. */
export function formatName(name: Name): string {
  return [...name]
    .reverse()
    .map((rdn) => rdn.map(formatAttribute).join('+'))
    .join(',');
}

function formatAttribute({ type, text, encoding }: Attribute): string {
  const shortName = SHORT_NAMES[type];
  if (shortName === undefined || text === undefined) return `${shortName ?? type}=#${hex(encoding)}`;
  const escaped = text
    .replace(/[\\",+;<>=]/g, '\\$&')
    .replace(/^[ #]| $/g, '\\$&')
    .replace(/[\x00-\x1f\x7f]/g, (control) => `\\${hex(Uint8Array.of(control.charCodeAt(0)))}`);
  return `${shortName}=${escaped}`;
}
