/** Public keys for GUIDs that have none: the same each time for the same GUID, and nowhere is a private key of them. */

import { createECDH } from 'node:crypto';
import { CURVES, type Curve, encodeEcAlgorithmIdentifier } from '../../../shared/crypto/keys/ec.ts';
import { F4, RSA_ALGORITHM_IDENTIFIER } from '../../../shared/crypto/keys/rsa.ts';
import { hex } from '../../../shared/encoding/bytes.ts';
import { bitString, encode, sequence, unsignedInteger } from '../../../shared/encoding/der/writer.ts';
import { type DecoySecret, deriveDecoyBytes } from './secret.ts';

/** Size of what any curve's scalar is made of. */
export const SCALAR_BYTES = Math.max(...Object.values(CURVES).map(({ coordinateBytes }) => coordinateBytes));

/**
 * @param keyType a curve, or `RSA-` and a number of bits.
 * @param random `SCALAR_BYTES` bytes that are the GUID's own. Those of a modulus are more, and are derived here.
 * @returns DER of the SubjectPublicKeyInfo of a key of that type for a GUID, as long as any other of the type. That of a
 *   curve is a point on it, that of RSA a modulus such as two primes have.
 */
export async function deriveDecoyKey(
  secret: DecoySecret,
  guid: string,
  keyType: string,
  random: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  if (isCurve(keyType)) return multiplyGenerator(keyType, random.slice(0, CURVES[keyType].coordinateBytes));
  const bits = Number(keyType.slice('RSA-'.length));
  const bytes = await deriveDecoyBytes(secret, `key ${keyType}`, guid, Math.ceil(bits / 8) + 8);
  return encodeRsaKey(createModulus(bytes, bits));
}

const isCurve = (keyType: string): keyType is Curve => Object.hasOwn(CURVES, keyType);

/** Bits of the first byte that keep a scalar below the order of its curve (FIPS 186-5, SP 800-186 3.2.1). */
const SCALAR_MASKS: Readonly<Record<Curve, number>> = { 'P-256': 0x7f, 'P-384': 0x7f, 'P-521': 0x00 };

/** Names of the curves in OpenSSL. */
const OPENSSL_NAMES: Readonly<Record<Curve, string>> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
};

/**
 * By node:crypto, since WebCrypto multiplies no points but while it imports a private key, at four times the cost.
 * @returns DER of the SubjectPublicKeyInfo.
 */
function multiplyGenerator(curve: Curve, scalar: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  scalar[0] = (scalar[0] ?? 0) & SCALAR_MASKS[curve];
  const ecdh = createECDH(OPENSSL_NAMES[curve]);
  ecdh.setPrivateKey(scalar);
  return encode(sequence(encodeEcAlgorithmIdentifier(curve), bitString(ecdh.getPublicKey())));
}

const encodeRsaKey = (modulus: Uint8Array): Uint8Array<ArrayBuffer> =>
  encode(sequence(RSA_ALGORITHM_IDENTIFIER, bitString(sequence(unsignedInteger(modulus), unsignedInteger(F4)))));

/**
 * The product of two odd numbers of the size of RSA primes, which is distributed as moduli are: ciphertexts of one GUID
 * stay below a bound such as a real key has.
 * @param bytes random ones, eight more than the modulus has.
 */
function createModulus(bytes: Uint8Array<ArrayBuffer>, bits: number): Uint8Array<ArrayBuffer> {
  const firstBits = Math.ceil(bits / 2);
  const firstBytes = Math.ceil(firstBits / 8) + 4;
  const modulus =
    primeSized(bytes.subarray(0, firstBytes), firstBits) * primeSized(bytes.subarray(firstBytes), bits - firstBits);
  const digits = modulus.toString(16);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  return Uint8Array.from(even.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** 2^64 / sqrt 2, rounded up: primes of k bits begin at 2^k / sqrt 2 (FIPS 186-5 A.1.1). */
const LEAST = 0xb504f333f9de6485n;
const ONE = 1n << 64n;

/** An odd number of so many bits that is evenly distributed from the least prime up. */
function primeSized(bytes: Uint8Array, bits: number): bigint {
  const random = BigInt(`0x${hex(bytes)}`);
  const size = BigInt(bytes.length * 8);
  const least = (LEAST << BigInt(bits)) >> 64n;
  const span = ((ONE - LEAST) << BigInt(bits)) >> 64n;
  return (least + ((random * span) >> size)) | 1n;
}
