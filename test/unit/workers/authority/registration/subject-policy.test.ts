import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { element, encode, objectIdentifier, type Part, sequence } from '../../../../../shared/encoding/der/writer.ts';
import { tryParse } from '../../../../../shared/encoding/error.ts';
import { encodeCommonName, encodeRdn, formatName, parseName } from '../../../../../shared/x509/name.ts';
import { parseSubject } from '../../../../../workers/authority/registration/subject-policy.ts';
import { fromHex } from '../../../../support/bytes.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const CN = '2.5.4.3';
const string = (tag: number, digits: string): Part => element(tag, fromHex(digits));
const nameOf = (tag: number, digits: string, type = CN): Bytes =>
  encode(sequence(encodeRdn(type, string(tag, digits))));
const pair = (digits: string): Part => sequence(objectIdentifier(CN), string(0x0c, digits));

test.each([
  ['without attributes', encodeCommonName(''), ''],
  ['of a UTF8String', nameOf(0x0c, 'c3a9f09f9880'), 'CN=é😀'],
  ['of a UTF8String without characters', nameOf(0x0c, ''), 'CN='],
  ['of a NumericString', nameOf(0x12, '3120', '2.5.4.5'), 'serialNumber=1\\ '],
  ['of a PrintableString', nameOf(0x13, '2a2e612d3120'), 'CN=*.a-1\\ '],
  ['of a TeletexString in Latin-1', nameOf(0x14, 'e9'), 'CN=é'],
  ['of an IA5String', nameOf(0x16, '6140', '1.2.840.113549.1.9.1'), 'emailAddress=a@'],
  ['of a BMPString', nameOf(0x1e, '00e90151'), 'CN=éő'],
  [
    'of a type that is a UUID (X.667)',
    nameOf(0x0c, '78', `2.25.${2n ** 128n - 1n}`),
    `2.25.${2n ** 128n - 1n}=#0c0178`,
  ],
  [
    'of two attributes in one RDN, in their order',
    encode(sequence(element(0x31, pair('61'), pair('62')))),
    'CN=a+CN=b',
  ],
  ['of 1,024 bytes', encodeCommonName('x'.repeat(1003)), `CN=${'x'.repeat(1003)}`],
])('a subject %s is accepted', (_, der, text) => {
  expect(formatName(parseSubject(der))).toBe(text);
});

describe('a subject is refused, with what was found:', () => {
  test.each([
    ['1,025 bytes', encodeCommonName('x'.repeat(1004)), 'The subject has 1025 bytes.'],
    ['an RDN without attributes', encode(sequence(element(0x31))), 'The subject: expected tag 0x30, found the end'],
    ['two attributes out of order', encode(sequence(element(0x31, pair('62'), pair('61')))), 'SET not in its order'],
    ['a string in pieces', nameOf(0x2c, '0c0161'), 'element of tag 0x2c not in DER'],
    ['an indefinite length', fromHex('3080 0000'), 'indefinite length at byte 1'],
    ['bytes behind it', fromHex('3000 0500'), 'The subject: '],
    ['a value of no string', nameOf(0x02, '05'), 'the value of CN is of the tag 0x02, and has to be a UTF8String.'],
    ['a VisibleString', nameOf(0x1a, '61'), 'the value of CN is of the tag 0x1a'],
    ['a UniversalString', nameOf(0x1c, '00000061'), 'the value of CN is of the tag 0x1c'],
    [
      'a value that is itself a SEQUENCE',
      nameOf(0x30, '0c0161', '2.5.4.16'),
      'the value of 2.5.4.16 is of the tag 0x30',
    ],
    ['a UTF8String that is none', nameOf(0x0c, 'ff'), 'a UTF8String with bytes that are no UTF-8'],
    ['a UTF8String of surrogates', nameOf(0x0c, 'eda080'), 'a UTF8String with bytes that are no UTF-8'],
    ['a NumericString of letters', nameOf(0x12, '61'), 'a NumericString with the byte 0x61'],
    ['a PrintableString with an at sign', nameOf(0x13, '6140'), 'a PrintableString with the byte 0x40'],
    [
      'an IA5String beyond ASCII',
      nameOf(0x16, '61c3b0', '1.2.840.113549.1.9.1'),
      'The subject: the value of emailAddress is an IA5String with the byte 0xc3: a UTF8String takes any character.',
    ],
    ['a BMPString of an odd length', nameOf(0x1e, '006100'), 'a BMPString with an odd number of bytes'],
    ['a BMPString with a pair of surrogates', nameOf(0x1e, 'd83dde00'), 'a BMPString with surrogates'],
    ['a BMPString with half a pair', nameOf(0x1e, '0061dc00'), 'a BMPString with surrogates'],
  ])('%s', (_, der, detail) => {
    expect(() => parseSubject(der)).toThrow(expect.objectContaining({ name: 'CsrError', fault: 'csr-bad-subject' }));
    expect(() => parseSubject(der)).toThrow(detail);
  });
});

test('every subject that is accepted is one that parties behind the edge read', () => {
  const value = fc.tuple(
    fc.constantFrom(0x02, 0x0c, 0x12, 0x13, 0x14, 0x16, 0x1a, 0x1c, 0x1e),
    fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc.string().map((text) => new TextEncoder().encode(text)),
    ),
  );
  let accepted = 0;
  fc.assert(
    fc.property(value, ([tag, content]) => {
      const der = encode(sequence(encodeRdn(CN, element(tag, content))));
      if (tryParse(() => parseSubject(der)) === undefined) return;
      accepted++;
      expect(parseName(der)[0]?.[0]?.text).toBeTypeOf('string');
    }),
    { numRuns: 1000 },
  );
  expect(accepted).toBeGreaterThan(100);
});
