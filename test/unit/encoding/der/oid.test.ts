import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hex } from '../../../../shared/encoding/bytes.ts';
import { DerReader } from '../../../../shared/encoding/der/reader.ts';
import { objectIdentifier } from '../../../../shared/encoding/der/writer.ts';
import { ID_KP_WHOAMI, ID_PE_NONCE } from '../../../../shared/protocol/oids.ts';

test.each([
  // X.690 8.19.5 for the second; the others follow from 8.19.2 to 8.19.4.
  ['2.5.29.17', '0603551d11'],
  ['2.999.3', '0603883703'],
  ['1.2.840.113549.1.9.16.1.23', '060b2a864886f70d0109100117'],
  ['0.9.2342.19200300.100.1.25', '060a0992268993f22c640119'],
  ['0.0', '060100'],
  ['1.39', '06014f'],
  ['2.39', '060177'],
  ['2.40', '060178'],
  ['1.2.9007199254740993', '06092a9080808080808001'],
  // The UUID f81d4fae-7dec-11d0-a765-00a0c91e6bf6, as X.667 writes it; the encoding is that of `openssl asn1parse`.
  ['2.25.329800735698586629295641978511506172918', '06146983f09da7ebcfdee0c7a1a7b2c0948cc8f9d776'],
  // The largest one, of 128 bits.
  ['2.25.340282366920938463463374607431768211455', `06146983${'ff'.repeat(17)}7f`],
])('the OID %s is written as %s, and read back', (dotted, digits) => {
  const der = objectIdentifier(dotted);
  expect(hex(der)).toBe(digits);
  // Twice, because what was read before is remembered.
  expect(new DerReader(der).objectIdentifier()).toBe(dotted);
  expect(new DerReader(der).objectIdentifier()).toBe(dotted);
});

test('the arc of this protocol is that of its UUID', () => {
  const uuid = BigInt(`0x${'24314519-f04c-4f93-9bb0-17560e4e5930'.replaceAll('-', '')}`);
  expect([ID_KP_WHOAMI, ID_PE_NONCE]).toEqual([`2.25.${uuid}.1.1`, `2.25.${uuid}.2.1`]);
  for (const oid of [ID_KP_WHOAMI, ID_PE_NONCE]) {
    expect(new DerReader(objectIdentifier(oid)).objectIdentifier()).toBe(oid);
  }
});

test('an OID of arcs of any size is read back', () => {
  const arc = fc.bigInt({ min: 0n, max: 2n ** 130n });
  const dotted = fc
    .tuple(fc.constantFrom(0n, 1n, 2n), arc, fc.array(arc, { maxLength: 1 }))
    .map(([first, second, rest]) => [first, first < 2n ? second % 40n : second, ...rest].join('.'));
  fc.assert(
    fc.property(dotted, (oid) => {
      expect(new DerReader(objectIdentifier(oid)).objectIdentifier()).toBe(oid);
    }),
  );
});

test('an OID that ends as one that was read before is another one', () => {
  const [first, second] = [objectIdentifier('1.3.6.1.4.1.99999.7'), objectIdentifier('1.3.6.1.4.2.99999.7')];
  expect(new DerReader(first).objectIdentifier()).toBe('1.3.6.1.4.1.99999.7');
  expect(new DerReader(second).objectIdentifier()).toBe('1.3.6.1.4.2.99999.7');
});
