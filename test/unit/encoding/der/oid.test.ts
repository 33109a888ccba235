import { expect, test } from 'vitest';
import { hex } from '../../../../shared/encoding/bytes.ts';
import { DerReader } from '../../../../shared/encoding/der/reader.ts';
import { objectIdentifier } from '../../../../shared/encoding/der/writer.ts';

test.each([
  // X.690 8.19.5 for the second; the others follow from 8.19.2 to 8.19.4.
  ['2.5.29.17', '0603551d11'],
  ['2.999.3', '0603883703'],
  ['1.2.840.113549.1.9.16.1.23', '060b2a864886f70d0109100117'],
  ['0.9.2342.19200300.100.1.25', '060a0992268993f22c640119'],
  ['0.0', '060100'],
  ['1.39', '06014f'],
  ['2.39', '060177'],
])('the OID %s is written as %s, and read back', (dotted, digits) => {
  const der = objectIdentifier(dotted);
  expect(hex(der)).toBe(digits);
  // Twice, because what was read before is remembered.
  expect(new DerReader(der).objectIdentifier()).toBe(dotted);
  expect(new DerReader(der).objectIdentifier()).toBe(dotted);
});

test('an OID that ends as one that was read before is another one', () => {
  const [first, second] = [objectIdentifier('1.3.6.1.4.1.99999.7'), objectIdentifier('1.3.6.1.4.2.99999.7')];
  expect(new DerReader(first).objectIdentifier()).toBe('1.3.6.1.4.1.99999.7');
  expect(new DerReader(second).objectIdentifier()).toBe('1.3.6.1.4.2.99999.7');
});
