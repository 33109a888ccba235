import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DerError } from '../../../shared/encoding/der/error.ts';
import { element, encode, objectIdentifier, type Part, sequence } from '../../../shared/encoding/der/writer.ts';
import { encodeCommonName, encodeRdn, formatName, parseName } from '../../../shared/x509/name.ts';
import { fromHex } from '../../support/bytes.ts';

const formatted = (...rdns: Part[]): string => formatName(parseName(encode(sequence(...rdns))));
const string = (tag: number, digits: string): Part => element(tag, fromHex(digits));
const COMMON_NAME = '2.5.4.3';

test('a common name is read back, in any script; an empty one is a name without attributes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), (text) => {
      expect(parseName(encodeCommonName(text))).toMatchObject([[{ type: COMMON_NAME, text }]]);
    }),
  );
  expect(parseName(encodeCommonName(''))).toEqual([]);
});

test.each([
  // RFC 4514 4, with its escapes by characters in place of digits, which 2.4 has as another way.
  ['James "Jim" Smith, III', 'CN=James \\"Jim\\" Smith\\, III'],
  ['Before\rAfter', 'CN=Before\\0dAfter'],
  ['# first', 'CN=\\# first'],
  [' both ', 'CN=\\ both\\ '],
  ['a+b<c>d;e=f\\g', 'CN=a\\+b\\<c\\>d\\;e\\=f\\\\g'],
  ['Lučić', 'CN=Lučić'],
])('%j is written as %s', (text, expected) => {
  expect(formatName(parseName(encodeCommonName(text)))).toBe(expected);
});

test('the last RDN comes first, the attributes of one are joined, an unknown type is its OID and its encoding', () => {
  const attribute = (oid: string, digits: string) => sequence(objectIdentifier(oid), string(0x0c, digits));
  const both = element(0x31, attribute('2.5.4.3', '61'), attribute('2.5.4.11', '62'));
  expect(formatted(encodeRdn('2.5.4.6', string(0x13, '4445')), both)).toBe('CN=a+OU=b,C=DE');
  expect(formatted(encodeRdn('1.2.3.4', string(0x0c, '61')))).toBe('1.2.3.4=#0c0161');
  expect(formatted(encodeRdn(COMMON_NAME, string(0x02, '05')))).toBe('CN=#020105');
});

test.each([
  ['UTF8String', 0x0c, 'c3a9', 'é'],
  ['NumericString', 0x12, '3120', '1 '],
  ['PrintableString', 0x13, '6140', 'a@'],
  ['TeletexString', 0x14, 'e9', 'é'],
  ['IA5String', 0x16, '61', 'a'],
  ['VisibleString', 0x1a, '61', 'a'],
  ['BMPString', 0x1e, '00e90151', 'éő'],
  ['UTF8String with a byte order mark, which is a character of it,', 0x0c, 'efbbbf61', '\ufeffa'],
])('a %s is read as text', (_, tag, digits, text) => {
  expect(parseName(encode(sequence(encodeRdn(COMMON_NAME, string(tag, digits)))))).toMatchObject([[{ text }]]);
});

describe('is no name:', () => {
  test.each([
    ['a UTF8String that is not UTF-8', encode(sequence(encodeRdn(COMMON_NAME, string(0x0c, 'ff'))))],
    ['a NumericString of letters', encode(sequence(encodeRdn(COMMON_NAME, string(0x12, '61'))))],
    ['a PrintableString with a control', encode(sequence(encodeRdn(COMMON_NAME, string(0x13, '0a'))))],
    ['an IA5String beyond ASCII', encode(sequence(encodeRdn(COMMON_NAME, string(0x16, 'c3a9'))))],
    ['a UTF8String with a surrogate', encode(sequence(encodeRdn(COMMON_NAME, string(0x0c, 'eda080'))))],
    ['a BMPString with half of a pair', encode(sequence(encodeRdn(COMMON_NAME, string(0x1e, 'd8000061'))))],
    ['a BMPString of an odd length', encode(sequence(encodeRdn(COMMON_NAME, string(0x1e, '0061ff'))))],
    ['an RDN without attributes', encode(sequence(element(0x31)))],
    [
      'an attribute of three parts',
      encode(sequence(element(0x31, sequence(objectIdentifier('2.5.4.3'), string(0x0c, '61'), string(0x0c, '61'))))),
    ],
    ['bytes behind it', fromHex('3000 00')],
  ])('%s', (_, der) => {
    expect(() => parseName(der)).toThrow(DerError);
  });
});
