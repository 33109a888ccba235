/** The primitives under opening, here on this platform, against the vectors of Wycheproof. */

import { describe, expect, inject, test } from 'vitest';
import { CONTENT_ALGORITHMS } from '../../../shared/cms/content-algorithm.ts';
import { decryptContent } from '../../../shared/cms/decrypt-content.ts';
import { importPoint } from '../../../shared/cms/key-agreement.ts';
import { CURVE_OIDS, encodedOid, ID_EC_PUBLIC_KEY } from '../../../shared/der/oids.ts';
import { encode, octetString, sequence, smallInteger } from '../../../shared/der/write.ts';
import { type Curve, coordinateLength, readPublicKey } from '../../../shared/keys/public-key.ts';
import type { Vector } from './provided.ts';

const FILES = inject('wycheproof');
const { subtle } = crypto;

type Octets = Uint8Array<ArrayBuffer>;
type Parameters = Readonly<Record<string, unknown>>;

const octets = (hex: unknown): Octets => Uint8Array.from(String(hex).match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hex = (bytes: Uint8Array): string => [...bytes].map((octet) => octet.toString(16).padStart(2, '0')).join('');

/**
 * Holds every vector whose parameters opening uses against what comes out here: what is valid gives its result, what is
 * invalid none; what is acceptable may do either.
 * @param result name of the field that has to come out.
 * @returns how many vectors there were.
 */
async function hold(
  file: string,
  result: string,
  isUsed: (parameters: Parameters) => boolean,
  compute: (parameters: Parameters) => Promise<Uint8Array>,
): Promise<number> {
  const faults: string[] = [];
  let held = 0;
  for (const { tests, ...group } of FILES?.[file]?.testGroups ?? []) {
    for (const vector of tests) {
      const parameters = { ...group, ...vector };
      if (!isUsed(parameters)) continue;
      held++;
      const outcome = await compute(parameters).then(hex, () => undefined);
      if (!isRight(vector, vector[result], outcome)) faults.push(`${vector.tcId} (${vector.comment}): ${outcome}`);
    }
  }
  expect(faults).toEqual([]);
  return held;
}

function isRight({ result }: Vector, expected: unknown, outcome: string | undefined): boolean {
  if (result === 'invalid') return outcome === undefined;
  return outcome === expected || (result === 'acceptable' && outcome === undefined);
}

describe.skipIf(FILES === undefined)('Wycheproof', () => {
  test.each([
    ['aes_gcm', 128, 'AES-128-GCM'],
    ['aes_gcm', 256, 'AES-256-GCM'],
    ['chacha20_poly1305', 256, 'ChaCha20-Poly1305'],
    ['aes_cbc_pkcs5', 128, 'AES-128-CBC'],
    ['aes_cbc_pkcs5', 256, 'AES-256-CBC'],
  ] as const)('%s, keys of %i bits', async (file, keySize, encryption) => {
    const algorithm = CONTENT_ALGORITHMS[encryption];
    const isUsed = (given: Parameters) =>
      given['keySize'] === keySize &&
      given['ivSize'] === algorithm.nonceOctets * 8 &&
      (given['tagSize'] ?? 0) === algorithm.tagOctets * 8 &&
      (given['aad'] ?? '') === '';
    const held = await hold(file, 'msg', isUsed, async ({ key, iv, ct, tag }) => {
      const name = encryption.endsWith('CBC') ? 'AES-CBC' : 'AES-GCM';
      const imported = await subtle.importKey('raw', octets(key), name, true, ['decrypt']);
      return decryptContent(algorithm, imported, octets(iv), octets(ct), octets(tag ?? ''));
    });
    expect(held).toBeGreaterThan(20);
  });

  test.each([128, 256])('aes_wrap under keys of %i bits', async (keySize) => {
    // What is wrapped in a message is a key for AES; WebCrypto takes nothing else for one.
    const isUsed = (given: Parameters) =>
      given['keySize'] === keySize && [32, 64].includes(String(given['msg']).length);
    const held = await hold('aes_wrap', 'msg', isUsed, async ({ key, ct }) => {
      const wrapping = await subtle.importKey('raw', octets(key), 'AES-KW', false, ['unwrapKey']);
      const unwrapped = await subtle.unwrapKey('raw', octets(ct), wrapping, 'AES-KW', 'AES-GCM', true, ['decrypt']);
      return new Uint8Array((await subtle.exportKey('raw', unwrapped)) as ArrayBuffer);
    });
    expect(held).toBeGreaterThan(10);
  });

  test.each(['rsa_oaep_2048_sha256_mgf1sha256', 'rsa_oaep_3072_sha256_mgf1sha256', 'rsa_oaep_misc'])(
    '%s',
    async (file) => {
      const isUsed = ({ sha, mgfSha, label }: Parameters) => sha === 'SHA-256' && mgfSha === 'SHA-256' && label === '';
      const held = await hold(file, 'msg', isUsed, async ({ privateKeyPkcs8, ct }) => {
        const rsaOaep = { name: 'RSA-OAEP', hash: 'SHA-256' };
        const key = await subtle.importKey('pkcs8', octets(privateKeyPkcs8), rsaOaep, false, ['decrypt']);
        return new Uint8Array(await subtle.decrypt({ name: 'RSA-OAEP' }, key, octets(ct)));
      });
      expect(held).toBeGreaterThan(10);
    },
  );

  test.each([
    ['ecdh_secp256r1', 'P-256'],
    ['ecdh_secp384r1', 'P-384'],
    ['ecdh_secp256r1_ecpoint', 'P-256'],
  ] as const)('%s', async (file, curve) => {
    // Forms of a key that opening does not take are refused, right as they may be.
    const isUsed = (given: Parameters) => given['result'] !== 'valid' || pointOf(given, curve) !== undefined;
    const held = await hold(file, 'shared', isUsed, async (given) => {
      const publicKey = await importPoint(curve, pointOf(given, curve) ?? new Uint8Array(0), subtle);
      const pkcs8 = privateKeyInfo(curve, octets(given['private']));
      const privateKey = await subtle.importKey('pkcs8', pkcs8, { name: 'ECDH', namedCurve: curve }, false, [
        'deriveBits',
      ]);
      const bits = coordinateLength(curve) * 8;
      return new Uint8Array(await subtle.deriveBits({ name: 'ECDH', public: publicKey }, privateKey, bits));
    });
    expect(held).toBeGreaterThan(100);
  });
});

/** The point of a vector: it is the public key itself, or in a SubjectPublicKeyInfo of the curve. */
function pointOf({ public: given, encoding }: Parameters, curve: Curve): Octets | undefined {
  if (encoding === 'ecpoint') return octets(given)[0] === 4 ? octets(given) : undefined;
  const key = readPublicKey(octets(given));
  return key?.algorithm === 'EC' && key.curve === curve ? key.bits : undefined;
}

/** PrivateKeyInfo with an ECPrivateKey of nothing but the number (RFC 5915). */
function privateKeyInfo(curve: Curve, number: Octets): Octets {
  const length = coordinateLength(curve);
  const fixed = new Uint8Array(length);
  const significant = number.subarray(Math.max(0, number.length - length));
  fixed.set(significant, length - significant.length);
  return encode(
    sequence(
      smallInteger(0),
      sequence(encodedOid(ID_EC_PUBLIC_KEY), encodedOid(CURVE_OIDS[curve])),
      octetString(encode(sequence(smallInteger(1), octetString(fixed)))),
    ),
  );
}
