import { describe, expect, test } from 'vitest';
import { assertDer } from '../../../../shared/encoding/der/assert-der.ts';
import { DerError } from '../../../../shared/encoding/der/error.ts';
import { DerReader } from '../../../../shared/encoding/der/reader.ts';
import { fromHex } from '../../../support/bytes.ts';

const look = (digits: string, isSet = false) => assertDer(new DerReader(fromHex(digits)), isSet);

test.each([
  ['nothing', ''],
  ['both BOOLEANs', '010100 0101ff'],
  ['INTEGERs in their shortest form', '020100 02017f 02020080 0201ff 0202ff7f 020180'],
  ['BIT STRINGs with zeros behind their last bit', '030100 0302000f 03020780'],
  ['an OID of a UUID', `06146983${'ff'.repeat(17)}7f`],
  ['strings, in one piece', '0c0161 130161 1e020061 16017f'],
  ['tags of other classes, with any content', '800101 a003010100 4101ff'],
  ['a SET in the order of its encodings', '3106 020101 020102'],
  ['a SET of several types, in the order of their tags', '3105 a000 8101ff'],
  ['a SET of the same twice', '3106 020101 020101'],
])('%s: is DER', (_, digits) => {
  expect(() => look(digits)).not.toThrow();
});

describe('is no DER:', () => {
  test.each([
    ['a BOOLEAN that is true in another way', '010101', 'tag 0x01'],
    ['a BOOLEAN of two bytes', '0102ffff', 'tag 0x01'],
    ['an empty INTEGER', '0200', 'tag 0x02'],
    ['an INTEGER with a needless zero', '02020001', 'tag 0x02'],
    ['an INTEGER with a needless sign', '0202ff80', 'tag 0x02'],
    ['an ENUMERATED with a needless zero', '0a020001', 'tag 0x0a'],
    ['a BIT STRING without its first byte', '0300', 'tag 0x03'],
    ['a BIT STRING with ones behind its last bit', '03020481', 'tag 0x03'],
    ['a BIT STRING with more unused bits than there are', '03020800', 'tag 0x03'],
    ['an empty BIT STRING with unused bits', '030101', 'tag 0x03'],
    ['a NULL with content', '050100', 'tag 0x05'],
    ['an OID with a needless byte', '06032a8001', 'tag 0x06'],
    ['an OCTET STRING in pieces', '2403040100', 'tag 0x24'],
    ['a UTF8String in pieces', '2c030c0161', 'tag 0x2c'],
    ['a SEQUENCE that holds no elements', '1000', 'tag 0x10'],
    ['the end of an indefinite length', '0000', 'tag 0x00'],
    ['a SET out of order', '3106 020102 020101', 'SET not in its order at byte 5'],
    ['an indefinite length, three levels down', '3006 a204 3080 0000', 'indefinite length at byte 5'],
    ['a tag of several bytes', '1f8100 00', 'tag of several bytes at byte 0'],
    ['a tag without a length', '30', 'unexpected end at byte 1'],
  ])('%s', (_, digits, fault) => {
    expect(() => look(digits)).toThrow(DerError);
    expect(() => look(digits)).toThrow(fault);
  });

  test('the elements of a SET that was entered already, out of order', () => {
    expect(() => look('020102 020101')).not.toThrow();
    expect(() => look('020102 020101', true)).toThrow('SET not in its order at byte 3');
  });

  test('elements more than 16 levels deep', () => {
    const nested = (levels: number): string => {
      let digits = '';
      for (let level = 0; level < levels; level++) {
        digits = `30${(digits.length / 2).toString(16).padStart(2, '0')}${digits}`;
      }
      return digits;
    };
    expect(() => look(nested(16))).not.toThrow();
    expect(() => look(nested(17))).toThrow('elements nested more than 16 deep at byte 32');
  });
});
