import { describe, expect, test } from 'vitest';
import { KEY_TYPE_NAMES } from '../../../../shared/crypto/keys/key-types.ts';
import { KeyError } from '../../../../shared/crypto/keys/parser.ts';
import { keyIdentifier, parsePublicKey } from '../../../../shared/crypto/keys/public-key.ts';
import { RSA_ALGORITHM_IDENTIFIER } from '../../../../shared/crypto/keys/rsa.ts';
import { hex } from '../../../../shared/encoding/bytes.ts';
import { DerError } from '../../../../shared/encoding/der/error.ts';
import {
  bitString,
  encode,
  NULL,
  objectIdentifier,
  type Part,
  sequence,
  unsignedInteger,
} from '../../../../shared/encoding/der/writer.ts';
import { fromHex } from '../../../support/bytes.ts';
import { createKey } from '../../../support/keys.ts';

test.each(KEY_TYPE_NAMES)('a key of %s is told by its type, and keeps its encoding', async (keyType) => {
  const { spki, publicKey } = await createKey(keyType);
  expect(publicKey.keyType).toBe(keyType);
  expect(publicKey.spki).toEqual(spki);
  expect(publicKey.algorithm).toBe(keyType.startsWith('RSA') ? 'RSA' : 'EC');
});

test('the key identifier is SHA-1 of the bits of the key', async () => {
  // The SubjectPublicKeyInfo and the SKI of test/vectors/appendix-b's CSR would need RSA: this is a point by itself.
  const point = fromHex(`04${'11'.repeat(64)}`);
  const spki = encode(
    sequence(
      sequence(objectIdentifier('1.2.840.10045.2.1'), objectIdentifier('1.2.840.10045.3.1.7')),
      bitString(point),
    ),
  );
  const digest = await crypto.subtle.digest('SHA-1', point);
  expect(hex(await keyIdentifier(parsePublicKey(spki)))).toBe(hex(new Uint8Array(digest)));
});

const ecKey = (curve: Part, point: string): Uint8Array<ArrayBuffer> =>
  encode(sequence(sequence(objectIdentifier('1.2.840.10045.2.1'), curve), bitString(fromHex(point))));
const P256 = objectIdentifier('1.2.840.10045.3.1.7');

describe('is of no accepted type:', () => {
  test.each([
    ['a curve that is not accepted', ecKey(objectIdentifier('1.3.132.0.10'), `04${'11'.repeat(64)}`)],
    ['a curve given by its parameters', ecKey(sequence(), `04${'11'.repeat(64)}`)],
    ['a compressed point', ecKey(P256, `02${'11'.repeat(32)}`)],
    ['a hybrid point', ecKey(P256, `06${'11'.repeat(64)}`)],
    ['a point of another length', ecKey(P256, `04${'11'.repeat(63)}`)],
    ['Ed25519', encode(sequence(sequence(objectIdentifier('1.3.101.112')), bitString(new Uint8Array(32))))],
  ])('%s', (_, spki) => {
    expect(() => parsePublicKey(spki)).toThrow(KeyError);
  });
});

describe('is malformed:', () => {
  const number = unsignedInteger(Uint8Array.of(1, 0, 1));
  test.each([
    ['nothing', new Uint8Array(0)],
    ['bytes behind it', Uint8Array.from([...ecKey(P256, `04${'11'.repeat(64)}`), 0])],
    [
      'an element behind the curve',
      encode(
        sequence(
          sequence(objectIdentifier('1.2.840.10045.2.1'), P256, NULL),
          bitString(fromHex(`04${'11'.repeat(64)}`)),
        ),
      ),
    ],
    [
      'an RSA key without NULL',
      encode(sequence(sequence(objectIdentifier('1.2.840.113549.1.1.1')), bitString(sequence(number, number)))),
    ],
    [
      'an RSA key of three numbers',
      encode(sequence(RSA_ALGORITHM_IDENTIFIER, bitString(sequence(number, number, number)))),
    ],
    ['an RSA key of one number', encode(sequence(RSA_ALGORITHM_IDENTIFIER, bitString(sequence(number))))],
  ])('%s', (_, spki) => {
    expect(() => parsePublicKey(spki)).toThrow(DerError);
  });
});
