/**
 * The rules for the subjects of CSRs. A subject becomes that of certificates, byte for byte, and so has to be one that
 * other tools read: each value is of a string type, and has only characters of its type. OpenSSL, for one, loads no
 * certificate with an INTEGER, a VisibleString or a BMPString of surrogates in its subject.
 */

import { parseUtf8 } from '../../../shared/encoding/bytes.ts';
import { assertDer } from '../../../shared/encoding/der/assert-der.ts';
import { DerError } from '../../../shared/encoding/der/error.ts';
import { DerReader, type Element, parseSequence } from '../../../shared/encoding/der/reader.ts';
import {
  BMP_STRING,
  IA5_STRING,
  NUMERIC_STRING,
  PRINTABLE_STRING,
  TELETEX_STRING,
  UTF8_STRING,
} from '../../../shared/encoding/der/tag.ts';
import { tryParse } from '../../../shared/encoding/error.ts';
import { attributeName, type Name, parseName } from '../../../shared/x509/name.ts';
import { CsrError, MAX_SUBJECT_BYTES, parseBy } from './csr-rules.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * @param der of what should be one Name.
 * @throws {CsrError} when it breaks a rule.
 */
export function parseSubject(der: Bytes): Name {
  if (der.length > MAX_SUBJECT_BYTES) throw new CsrError('csr-bad-subject', `The subject has ${der.length} bytes.`);
  return parseBy('csr-bad-subject', 'The subject', () => {
    assertDer(new DerReader(der));
    const names = parseSequence(der);
    while (!names.done) assertReadableRdn(names.set());
    return parseName(der);
  });
}

function assertReadableRdn(attributes: DerReader): void {
  do {
    const attribute = attributes.sequence();
    const type = attribute.objectIdentifier();
    const fault = faultOfValue(attribute.next());
    if (fault !== undefined) throw new DerError(`the value of ${attributeName(type)} is ${fault}`);
    attribute.end();
  } while (!attributes.done);
}

interface StringType {
  readonly name: string;
  /** @returns the part of the content that is not of the type. */
  fault(content: Bytes): string | undefined;
}

/** Those of DirectoryString and IA5String (RFC 5280 4.1.2.4), and NumericString; UniversalString is read by few. */
const STRING_TYPES: Readonly<Record<number, StringType>> = {
  [UTF8_STRING]: {
    name: 'a UTF8String',
    fault: (content) => (tryParse(() => parseUtf8(content)) === undefined ? 'bytes that are no UTF-8' : undefined),
  },
  [NUMERIC_STRING]: { name: 'a NumericString', fault: byteOutside(/[0-9 ]/) },
  // X.680 41.4, and two characters more that names of hosts and companies are often written with.
  [PRINTABLE_STRING]: { name: 'a PrintableString', fault: byteOutside(/[A-Za-z0-9 '()+,\-./:=?*&]/) },
  // Read as Latin-1, as other tools do: every byte is a character then.
  [TELETEX_STRING]: { name: 'a TeletexString', fault: () => undefined },
  [IA5_STRING]: { name: 'an IA5String', fault: byteOutside(/[\x00-\x7f]/) },
  [BMP_STRING]: { name: 'a BMPString', fault: faultOfBmpString },
};

function faultOfValue({ tag, content }: Element): string | undefined {
  const type = STRING_TYPES[tag];
  if (type === undefined) return `of the tag 0x${tag.toString(16).padStart(2, '0')}, and has to be a UTF8String`;
  const fault = type.fault(content);
  return fault && `${type.name} with ${fault}: a UTF8String takes any character`;
}

/** @param characters of the type, for one character. */
function byteOutside(characters: RegExp): StringType['fault'] {
  return (content) => {
    const byte = content.find((each) => !characters.test(String.fromCharCode(each)));
    return byte === undefined ? undefined : `the byte 0x${byte.toString(16).padStart(2, '0')}`;
  };
}

/** UCS-2 (X.680 41.15): a character is two bytes, and surrogates are none. */
function faultOfBmpString(content: Bytes): string | undefined {
  if (content.length % 2 !== 0) return 'an odd number of bytes';
  const isSurrogate = content.some((byte, at) => at % 2 === 0 && (byte & 0xf8) === 0xd8);
  return isSurrogate ? 'surrogates' : undefined;
}
