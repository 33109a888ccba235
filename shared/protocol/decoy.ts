/**
 * A recipient that does not exist, the same each time for the same GUID. Content is sealed for it by the same code that
 * seals for real ones, so that structure, lengths and bounds are theirs; no party has the key.
 */

import type { Recipient } from '../cms/recipients/recipient-type.ts';
import { importRecipient } from '../cms/recipients/recipients.ts';
import { KEY_TYPE_NAMES, KEY_TYPES, type KeyType } from '../crypto/keys/key-types.ts';
import { type PublicKey, parsePublicKey } from '../crypto/keys/public-key.ts';
import { F4, RSA_ALGORITHM_IDENTIFIER } from '../crypto/keys/rsa.ts';
import { parseBase64 } from '../encoding/base64.ts';
import { hex, utf8 } from '../encoding/bytes.ts';
import { bitString, encode, sequence, unsignedInteger } from '../encoding/der/writer.ts';
import { EncodingError } from '../encoding/error.ts';
import type { Guid } from './guid.ts';

/** HKDF key made of `DECOY_SECRET`. Edge and authority have the same, so that a GUID has one decoy everywhere. */
export type DecoyKey = CryptoKey;

const MIN_SECRET_BYTES = 32;

/**
 * @param text base64 of at least 32 random bytes.
 * @throws {EncodingError} when it is not.
 */
export function parseDecoySecret(text: string): Uint8Array<ArrayBuffer> {
  const secret = parseBase64(text);
  if (secret.length < MIN_SECRET_BYTES) throw new EncodingError(`it has fewer than ${MIN_SECRET_BYTES} bytes`);
  return secret;
}

export const importDecoyKey = (secret: Uint8Array<ArrayBuffer>): Promise<DecoyKey> =>
  crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);

/**
 * @param label the purpose of the bytes; another label gives unrelated ones.
 * @param name such as a GUID.
 * @returns bytes that are the same each time, and cannot be told from random ones without the key.
 */
export async function deriveDecoyBytes(
  key: DecoyKey,
  label: string,
  name: string,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: utf8(`cale decoy ${label}`), info: utf8(name) };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, length * 8));
}

export interface Decoy {
  readonly recipient: Recipient;
  /** A public key such as the recipient would have. */
  readonly publicKey: PublicKey;
}

/** The types that clients have more often than others. */
const WEIGHTS: Partial<Record<KeyType, number>> = { 'P-256': 4, 'RSA-2048': 2 };
/** One of these is drawn. */
const DRAWN = KEY_TYPE_NAMES.flatMap((name) => Array<KeyType>(WEIGHTS[name] ?? 1).fill(name));
const KEY_IDENTIFIER_BYTES = 20;

/** The recipient that answers to an unknown GUID are sealed for. */
export async function deriveDecoy(key: DecoyKey, guid: Guid): Promise<Decoy> {
  const seed = await deriveDecoyBytes(key, 'key', guid, 1 + KEY_IDENTIFIER_BYTES);
  const keyType = DRAWN[(seed[0] ?? 0) % DRAWN.length] ?? 'P-256';
  const parameters = KEY_TYPES[keyType];
  if ('modulusLength' in parameters) {
    const publicKey = parsePublicKey(await deriveRsaKey(key, guid, parameters.modulusLength));
    return { recipient: await importRecipient(publicKey), publicKey };
  }
  const { recipient, publicKey } = await unownedKey(keyType);
  return { recipient: { ...recipient, keyIdentifier: seed.slice(1) }, publicKey };
}

/**
 * An RSA key whose modulus is the product of two odd numbers of the size of RSA primes, which is distributed as moduli
 * are: ciphertexts of one GUID stay below a bound such as a real key has.
 * @returns DER of the SubjectPublicKeyInfo.
 */
async function deriveRsaKey(key: DecoyKey, guid: Guid, bits: number): Promise<Uint8Array<ArrayBuffer>> {
  const half = bits / 16;
  const bytes = await deriveDecoyBytes(key, 'modulus', guid, 2 * half);
  const modulus = primeSized(bytes.subarray(0, half)) * primeSized(bytes.subarray(half));
  const digits = modulus.toString(16);
  const magnitude = Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const rsaPublicKey = sequence(unsignedInteger(magnitude), unsignedInteger(F4));
  return encode(sequence(RSA_ALGORITHM_IDENTIFIER, bitString(rsaPublicKey)));
}

/** First 32 bits of the least prime of a modulus: 2^(k/2) / sqrt 2 (FIPS 186-5 A.1.1), rounded up. */
const LEAST_PRIME_START = 0xb504f334;

/** An odd number that is evenly distributed from the least prime up to all bits set. */
function primeSized(bytes: Uint8Array<ArrayBuffer>): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const span = 2 ** 32 - LEAST_PRIME_START;
  view.setUint32(0, LEAST_PRIME_START + Math.floor((view.getUint32(0) / 2 ** 32) * span));
  return BigInt(`0x${hex(bytes)}`) | 1n;
}

/** One a type and isolate. No message holds the recipient's public key, so that decoys may share it. */
const unownedKeys = new Map<KeyType, Decoy>();

async function unownedKey(keyType: KeyType): Promise<Decoy> {
  const known = unownedKeys.get(keyType);
  if (known !== undefined) return known;
  const pair = (await crypto.subtle.generateKey(KEY_TYPES[keyType], true, ['sign', 'verify'])) as CryptoKeyPair;
  const spki = (await crypto.subtle.exportKey('spki', pair.publicKey)) as ArrayBuffer;
  const publicKey = parsePublicKey(new Uint8Array(spki));
  const made = { recipient: await importRecipient(publicKey), publicKey };
  unownedKeys.set(keyType, made);
  return made;
}
