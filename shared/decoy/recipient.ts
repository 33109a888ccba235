/**
 * A recipient that does not exist, the same each time for the same GUID. What is sealed for it is sealed by the very
 * code that seals for real ones, so that structure, lengths and bounds are theirs; nobody has the key.
 */

import { hex, utf8 } from '../bytes.ts';
import { encodedOid, RSA_ENCRYPTION } from '../der/oids.ts';
import { bitString, encode, NULL, sequence, unsignedInteger } from '../der/write.ts';
import { generateEcdhKeyPair } from '../keys/ecdh.ts';
import type { Curve, PublicKey } from '../keys/public-key.ts';
import { importRecipient, type Recipient } from '../keys/recipient.ts';

/** HKDF key made of the operator's secret; edge and authority have the same, so that a GUID has one decoy everywhere. */
export type DecoyKey = CryptoKey;

export const importDecoyKey = (secret: Uint8Array<ArrayBuffer>): Promise<DecoyKey> =>
  crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);

/**
 * @param label what the octets are for; another label gives unrelated ones.
 * @param guid as the client sent it, in its one form where it has one.
 * @returns octets that are the same each time and that nobody can tell from random ones without the key.
 */
export async function decoyOctets(
  key: DecoyKey,
  label: string,
  guid: string,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: utf8(`cale decoy ${label}`), info: utf8(guid) };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, length * 8));
}

export interface Decoy {
  readonly recipient: Recipient;
  readonly algorithm: PublicKey['algorithm'];
  /** DER of a SubjectPublicKeyInfo such as the recipient would have. */
  readonly subjectPublicKeyInfo: Uint8Array<ArrayBuffer>;
}

/** One of these is drawn; P-256 and RSA-2048 are there more than once since clients have them more often. */
const KEY_TYPES = [
  'P-256',
  'P-256',
  'P-256',
  'P-256',
  'P-384',
  'P-521',
  'RSA-2048',
  'RSA-2048',
  'RSA-3072',
  'RSA-4096',
] as const;
const KEY_IDENTIFIER_OCTETS = 20;

/** The recipient that answers to an unknown GUID are sealed for. */
export async function decoyFor(key: DecoyKey, guid: string): Promise<Decoy> {
  const seed = await decoyOctets(key, 'key', guid, 1 + KEY_IDENTIFIER_OCTETS);
  const keyType = KEY_TYPES[(seed[0] ?? 0) % KEY_TYPES.length] ?? 'P-256';
  if (keyType === 'RSA-2048' || keyType === 'RSA-3072' || keyType === 'RSA-4096') {
    const subjectPublicKeyInfo = await decoyRsaKey(key, guid, Number(keyType.slice('RSA-'.length)));
    return { algorithm: 'RSA', recipient: await importRecipient(subjectPublicKeyInfo), subjectPublicKeyInfo };
  }
  const { publicKey, subjectPublicKeyInfo } = await keyOfNobody(keyType);
  const recipient = { algorithm: 'EC', curve: keyType, key: publicKey, keyIdentifier: seed.slice(1) } as const;
  return { algorithm: 'EC', recipient, subjectPublicKeyInfo };
}

const RSA_ALGORITHM = encode(sequence(encodedOid(RSA_ENCRYPTION), NULL));
const F4 = Uint8Array.of(1, 0, 1);

/**
 * The product of two odd numbers of the size of RSA primes, which is distributed as moduli are: whoever collects
 * ciphertexts of one GUID sees them stay below a bound such as a real key has.
 */
async function decoyRsaKey(key: DecoyKey, guid: string, bits: number): Promise<Uint8Array<ArrayBuffer>> {
  const half = bits / 16;
  const octets = await decoyOctets(key, 'modulus', guid, 2 * half);
  const modulus = primeSized(octets.subarray(0, half)) * primeSized(octets.subarray(half));
  const digits = modulus.toString(16);
  const magnitude = Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const rsaPublicKey = sequence(unsignedInteger(magnitude), unsignedInteger(F4));
  return encode(sequence(RSA_ALGORITHM, bitString(rsaPublicKey)));
}

/** First 32 bits of the least prime of a modulus: 2^(k/2) / sqrt 2 (FIPS 186-5 A.1.1), rounded up. */
const LEAST_PRIME_START = 0xb504f334;

/** An odd number that is evenly distributed from the least prime up to all bits set. */
function primeSized(octets: Uint8Array<ArrayBuffer>): bigint {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const span = 2 ** 32 - LEAST_PRIME_START;
  view.setUint32(0, LEAST_PRIME_START + Math.floor((view.getUint32(0) / 2 ** 32) * span));
  return BigInt(`0x${hex(octets)}`) | 1n;
}

interface KeyOfNobody {
  readonly publicKey: CryptoKey;
  readonly subjectPublicKeyInfo: Uint8Array<ArrayBuffer>;
}

/** One a curve and isolate: the recipient's point is in no message, so that decoys may share it. */
const keysOfNobody = new Map<Curve, KeyOfNobody>();

async function keyOfNobody(curve: Curve): Promise<KeyOfNobody> {
  const known = keysOfNobody.get(curve);
  if (known !== undefined) return known;
  const { publicKey } = await generateEcdhKeyPair(curve);
  const spki = (await crypto.subtle.exportKey('spki', publicKey)) as ArrayBuffer;
  const made = { publicKey, subjectPublicKeyInfo: new Uint8Array(spki) };
  keysOfNobody.set(curve, made);
  return made;
}
