import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat } from '../../shared/bytes.ts';
import { DerError, DerReader, readWhole } from '../../shared/der/read.ts';
import {
  element,
  encode,
  encodeAround,
  objectIdentifier,
  octetString,
  sequence,
  unsignedInteger,
} from '../../shared/der/write.ts';

const octets = fc.uint8Array({ maxLength: 70_000 }).map((bytes): Uint8Array<ArrayBuffer> => Uint8Array.from(bytes));

test('content of any length is read back as it was written', () => {
  fc.assert(
    fc.property(octets, fc.constantFrom(0x04, 0x30, 0xa0), (content, tag) => {
      const reader = new DerReader(encode(element(tag, content)));
      expect(reader.expect(tag).content).toEqual(content);
      reader.end();
    }),
    { numRuns: 50 },
  );
});

test('an INTEGER is read back without leading zeros', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 300n }), (number) => {
      const digits = number.toString(16);
      const even = digits.padStart(digits.length + (digits.length % 2) + 4, '0');
      const magnitude = Uint8Array.from(even.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
      const read = new DerReader(encode(unsignedInteger(magnitude))).unsignedInteger();
      expect(BigInt(`0x${[...read].map((octet) => octet.toString(16).padStart(2, '0')).join('')}`)).toBe(number);
      expect(read.length === 1 || read[0] !== 0).toBe(true);
    }),
  );
});

test.each(['2.5.29.17', '1.2.840.113549.1.9.16.1.23', '0.9.2342.19200300.100.1.25', '2.999.1'])(
  'the OID %s is read back',
  (oid) => {
    expect(new DerReader(objectIdentifier(oid)).objectIdentifier()).toBe(oid);
  },
);

test('a bulk part is handed on by reference, and the parts make up the element', () => {
  fc.assert(
    fc.property(octets, (bulk) => {
      const tree = sequence(octetString(Uint8Array.of(1, 2)), octetString(bulk), octetString(Uint8Array.of(3)));
      const parts = encodeAround(tree, bulk);
      expect(parts[1]).toBe(bulk);
      expect(concat(parts)).toEqual(encode(tree));
    }),
    { numRuns: 50 },
  );
});

describe('what is not DER is refused', () => {
  const bytes = (...octets: number[]) => Uint8Array.from(octets);
  test.each([
    ['an indefinite length', bytes(0x30, 0x80, 0x00, 0x00)],
    ['a length in more octets than it needs', bytes(0x30, 0x81, 0x01, 0x00)],
    ['a length with a leading zero', bytes(0x30, 0x82, 0x00, 0x81, ...new Uint8Array(0x81))],
    ['a length of more than four octets', bytes(0x30, 0x85, 0, 0, 0, 0, 1, 0)],
    ['an element longer than what holds it', bytes(0x30, 0x02, 0x00)],
    ['a tag of several octets', bytes(0x1f, 0x81, 0x00, 0x00)],
    ['nothing at all', bytes()],
    ['a tag without a length', bytes(0x30)],
  ])('%s', (_, der) => {
    expect(() => new DerReader(der).next()).toThrow(DerError);
  });

  test('bytes after the element', () => {
    expect(() => readWhole(bytes(0x30, 0x00, 0x00), 0x30)).toThrow(DerError);
  });

  test.each([
    ['a negative INTEGER', bytes(0x02, 0x01, 0x80)],
    ['an INTEGER with a needless zero', bytes(0x02, 0x02, 0x00, 0x01)],
    ['an empty INTEGER', bytes(0x02, 0x00)],
  ])('%s', (_, der) => {
    expect(() => new DerReader(der).unsignedInteger()).toThrow(DerError);
  });

  test.each([
    ['an OID that breaks off', bytes(0x06, 0x02, 0x2a, 0x86)],
    ['an OID with a needless zero', bytes(0x06, 0x03, 0x2a, 0x80, 0x01)],
    ['an empty OID', bytes(0x06, 0x00)],
  ])('%s', (_, der) => {
    expect(() => new DerReader(der).objectIdentifier()).toThrow(DerError);
  });
});
