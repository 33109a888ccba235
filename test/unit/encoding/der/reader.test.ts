import { describe, expect, test } from 'vitest';
import { DerError } from '../../../../shared/encoding/der/error.ts';
import { DerReader, parseSequence } from '../../../../shared/encoding/der/reader.ts';
import { encode, sequence } from '../../../../shared/encoding/der/writer.ts';
import { fromHex } from '../../../support/bytes.ts';

const reader = (digits: string) => new DerReader(fromHex(digits));

test('elements are read in their order, each by the name of its type', () => {
  const elements = '020105 0402abcd 0603551d11 0303000102 0101ff 0500 8001aa a103020101 31020500 3003020102';
  const fields = parseSequence(encode(sequence(fromHex(elements))));
  expect(fields.smallInteger()).toBe(5);
  expect(fields.octetString()).toEqual(fromHex('abcd'));
  expect(fields.objectIdentifier()).toBe('2.5.29.17');
  expect(fields.bitString()).toEqual(fromHex('0102'));
  expect(fields.booleanDefaultFalse()).toBe(true);
  expect(fields.booleanDefaultFalse()).toBe(false);
  fields.null();
  expect(fields.implicit(0)).toEqual(fromHex('aa'));
  expect(fields.optionalContext(0)).toBeUndefined();
  expect(fields.optionalContext(1)?.smallInteger()).toBe(1);
  fields.set().null();
  const last = fields.wholeSequence();
  expect(last.encoding).toEqual(fromHex('3003 020102'));
  expect(last.content).toEqual(fromHex('020102'));
  expect(last.isConstructed).toBe(true);
  expect(last.enter().smallInteger()).toBe(2);
  expect(fields.done).toBe(true);
  fields.end();
});

test('what is left can be had without being read', () => {
  const fields = parseSequence(fromHex('3006 020101 ffffff'));
  fields.next();
  expect(fields.rest()).toEqual(fromHex('ffffff'));
  expect(() => fields.end()).toThrow(DerError);
});

describe('what is not DER is refused:', () => {
  test.each([
    ['an indefinite length', '3080 0000'],
    ['a length in more bytes than it needs', '308101 00'],
    ['a length with a leading zero', `30820081 ${'00'.repeat(0x81)}`],
    ['a length of more than four bytes', '30850000000001 00'],
    ['an element longer than the input', '3002 00'],
    ['a tag of several bytes', '1f8100 00'],
    ['nothing at all', ''],
    ['a tag without a length', '30'],
    ['a length that breaks off', '3082 01'],
  ])('%s', (_, digits) => {
    expect(() => reader(digits).next()).toThrow(DerError);
  });

  test('an element longer than the one around it', () => {
    expect(() => new DerReader(fromHex('3003 0402 aa bb')).sequence().octetString()).toThrow(DerError);
  });

  test('bytes after the one SEQUENCE, or another type in its place', () => {
    expect(() => parseSequence(fromHex('3000 00'))).toThrow(DerError);
    expect(() => parseSequence(fromHex('3100'))).toThrow(DerError);
  });

  test.each([
    ['a negative INTEGER', '020180', 'unsignedInteger'],
    ['an INTEGER with a needless zero', '02020001', 'unsignedInteger'],
    ['an empty INTEGER', '0200', 'unsignedInteger'],
    ['an INTEGER above 127 where a small one is wanted', '02020080', 'smallInteger'],
    ['a small INTEGER with a needless zero', '02020001', 'smallInteger'],
    ['a BIT STRING with unused bits', '03020101', 'bitString'],
    ['a BIT STRING without its first byte', '0300', 'bitString'],
    ['a constructed OCTET STRING', '2403040100', 'octetString'],
    ['a BOOLEAN that is false where that is the default', '010100', 'booleanDefaultFalse'],
    ['a BOOLEAN that is true in another way', '010101', 'booleanDefaultFalse'],
    ['a NULL with content', '050100', 'null'],
    ['an OID that breaks off', '06022a86', 'objectIdentifier'],
    ['an OID with a needless zero', '06032a8001', 'objectIdentifier'],
    ['an empty OID', '0600', 'objectIdentifier'],
    ['an OID of 65 bytes', `0641 ${'01'.repeat(65)}`, 'objectIdentifier'],
  ] as const)('%s', (_, digits, method) => {
    expect(() => reader(digits)[method]()).toThrow(DerError);
  });
});
