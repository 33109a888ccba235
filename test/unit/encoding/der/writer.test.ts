import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concat, hex } from '../../../../shared/encoding/bytes.ts';
import { DerReader } from '../../../../shared/encoding/der/reader.ts';
import {
  element,
  encode,
  encodeAround,
  octetString,
  sequence,
  unsignedInteger,
} from '../../../../shared/encoding/der/writer.ts';
import { magnitudeOf } from '../../../support/bytes.ts';

const bytes = fc.uint8Array({ maxLength: 70_000 }).map((bytes) => Uint8Array.from(bytes));

test('content of any length is read back as it was written', () => {
  fc.assert(
    fc.property(bytes, fc.constantFrom(0x04, 0x30, 0xa0), (content, tag) => {
      const reader = new DerReader(encode(element(tag, content)));
      const read = reader.next();
      expect([read.tag, read.content]).toEqual([tag, content]);
      reader.end();
    }),
    // Around the bounds of the forms of length.
    { numRuns: 50, examples: [127, 128, 255, 256, 65_535, 65_536].map((length) => [new Uint8Array(length), 0x04]) },
  );
});

test('an INTEGER is read back without leading zeros', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 300n }), fc.nat(3), (number, zeros) => {
      const magnitude = concat([new Uint8Array(zeros), magnitudeOf(number)]);
      const read = new DerReader(encode(unsignedInteger(magnitude))).unsignedInteger();
      expect(BigInt(`0x${hex(read)}`)).toBe(number);
      expect(read.length === 1 || read[0] !== 0).toBe(true);
    }),
  );
});

test('a bulk part is handed on by reference, and the parts make up the element', () => {
  fc.assert(
    fc.property(bytes, (bulk) => {
      const tree = sequence(octetString(Uint8Array.of(1, 2)), octetString(bulk), octetString(Uint8Array.of(3)));
      const parts = encodeAround(tree, bulk);
      expect(parts[1]).toBe(bulk);
      expect(concat(parts)).toEqual(encode(tree));
    }),
    { numRuns: 50 },
  );
});

test('a bulk part that is not in the tree is a mistake', () => {
  expect(() => encodeAround(sequence(), new Uint8Array(1))).toThrow(RangeError);
});
