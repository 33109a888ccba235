/** Encodings of a CSR that are no DER, with a signature that is good: a lenient reader would accept some of them. */

import { beforeAll, describe, expect, test, vi } from 'vitest';
import { DerReader } from '../../../../../shared/encoding/der/reader.ts';
import {
  element,
  encode,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  utf8String,
} from '../../../../../shared/encoding/der/writer.ts';
import { MAX_CSR_BYTES } from '../../../../../shared/protocol/problem.ts';
import { verifyCsr } from '../../../../../workers/authority/registration/csr-policy.ts';
import type { CsrFault } from '../../../../../workers/authority/registration/csr-rules.ts';
import {
  encodeExtensionRequest,
  encodeInfo,
  signCsr,
  withIndefiniteLength,
  withLongLength,
} from '../../../../support/csr.ts';
import { createMalformedCsrs } from '../../../../support/csr-cases.ts';
import { createKey, type TestKey } from '../../../../support/keys.ts';

type Bytes = Uint8Array<ArrayBuffer>;

async function faultOf(der: Bytes): Promise<CsrFault | 'none'> {
  const result = await verifyCsr(der);
  return result.ok ? 'none' : result.fault;
}

async function detailOf(der: Bytes): Promise<string> {
  const result = await verifyCsr(der);
  return result.ok ? 'none' : result.detail;
}

test('outside of the signed part, each is refused by the rule that it breaks', async () => {
  const cases = await createMalformedCsrs();
  expect(cases.length).toBeGreaterThan(30);
  const expected = Object.fromEntries(cases.map(({ name, fault }) => [name, fault]));
  const actual = Object.fromEntries(await Promise.all(cases.map(async ({ name, der }) => [name, await faultOf(der)])));
  expect(actual).toEqual(expected);
});

describe('in the attributes', () => {
  let key: TestKey;
  beforeAll(async () => {
    key = await createKey('P-256');
  });

  /** A CSR with one attribute, which is signed as it is. */
  const csrWith = (attribute: Bytes) => signCsr(key, encodeInfo(key.spki, 'phone', attribute));
  const challengePassword = (value: Parameters<typeof setOf>[0]): Bytes =>
    encode(sequence(objectIdentifier('1.2.840.113549.1.9.7'), setOf(value)));

  test('DER is accepted, with any content', async () => {
    expect(await faultOf(await csrWith(challengePassword(utf8String('secret'))))).toBe('none');
    expect(await faultOf(await csrWith(encode(encodeExtensionRequest(5))))).toBe('none');
  });

  test('BER is refused, at any depth', async () => {
    const attribute = challengePassword(utf8String('secret'));
    const value = encode(utf8String('secret'));
    const cases = {
      'an indefinite length of the attribute': withIndefiniteLength(attribute),
      'an indefinite length of its values': encode(
        sequence(objectIdentifier('1.2.840.113549.1.9.7'), withIndefiniteLength(encode(setOf(value)))),
      ),
      'a string in pieces of indefinite length': challengePassword(Uint8Array.from([0x2c, 0x80, ...value, 0, 0])),
      'an extension of indefinite length': encode(
        sequence(
          objectIdentifier('1.2.840.113549.1.9.14'),
          setOf(sequence(withIndefiniteLength(encode(sequence(objectIdentifier('2.5.29.17'), octetString(value)))))),
        ),
      ),
      'a length in a byte too many': withLongLength(attribute),
      'a length in a byte too many, inside': challengePassword(withLongLength(value)),
      'a value that is cut off': challengePassword(value.subarray(0, -1)),
      'a tag of several bytes': challengePassword(Uint8Array.of(0x1f, 0x81, 0x00, 0x00)),
      'a string in pieces': challengePassword(element(0x2c, value)),
      'a BOOLEAN that is true by another byte': challengePassword(sequence(element(0x01, Uint8Array.of(1)))),
      'an INTEGER with a needless zero byte': challengePassword(sequence(element(0x02, Uint8Array.of(0, 1)))),
      'a BIT STRING with ones behind its last bit': challengePassword(element(0x03, Uint8Array.of(4, 0xff))),
      'values that are not in their order': encode(
        sequence(objectIdentifier('1.2.840.113549.1.9.7'), element(0x31, utf8String('b'), utf8String('a'))),
      ),
    };
    for (const [name, attribute] of Object.entries(cases)) {
      const csr = await csrWith(attribute);
      expect(await faultOf(csr), name).toBe('csr-malformed');
      expect(await detailOf(csr), name).toMatch(
        /^It is no PKCS#10 request in DER: (attributes|certificationRequestInfo): .+ at byte \d+\.$/,
      );
    }
  });

  test('attributes that are not in their order are refused, and are taken in their order', async () => {
    const [long, short] = [challengePassword(utf8String('secret')), challengePassword(utf8String('key'))];
    expect(await faultOf(await signCsr(key, encodeInfo(key.spki, 'phone', short, long)))).toBe('none');
    expect(await faultOf(await signCsr(key, encodeInfo(key.spki, 'phone', long, short)))).toBe('csr-malformed');
  });

  test('what is no type with values is refused', async () => {
    const type = objectIdentifier('1.2.840.113549.1.9.7');
    const value = utf8String('secret');
    const attributes = [
      sequence(type),
      sequence(type, element(0x31)),
      sequence(type, value),
      sequence(setOf(value)),
      sequence(type, setOf(value), value),
      utf8String('secret'),
    ];
    for (const attribute of attributes) {
      const csr = await csrWith(encode(attribute));
      expect(await faultOf(csr)).toBe('csr-malformed');
      expect(await detailOf(csr)).toContain('attributes: ');
    }
  });

  test('elements that are nested without an end are refused, before the stack is full', async () => {
    const nested = (depth: number): Bytes => {
      let der = encode(sequence());
      for (let i = 0; i < depth; i++) der = encode(element(0x30, der));
      return der;
    };
    expect(await faultOf(await csrWith(challengePassword(nested(8))))).toBe('none');
    expect(await faultOf(await csrWith(challengePassword(nested(3000))))).toBe('csr-malformed');
  });

  test('a thousand requested extensions are read once each, as five are', async () => {
    const next = vi.spyOn(DerReader.prototype, 'next');
    try {
      for (const count of [5, 1000]) {
        const csr = await csrWith(encode(encodeExtensionRequest(count)));
        expect(csr.length).toBeLessThan(MAX_CSR_BYTES);
        next.mockClear();
        expect(await faultOf(csr)).toBe('none');
        // Each extension has an OID and a value; some thirty elements are around them all.
        expect(next.mock.calls.length).toBeGreaterThan(3 * count);
        expect(next.mock.calls.length).toBeLessThan(3 * count + 30);
      }
    } finally {
      next.mockRestore();
    }
  });
});
