/**
 * Private keys under a passphrase, bound to a text beside them: EncryptedPrivateKeyInfo (RFC 5958 3) by PBES2 (RFC 8018
 * 6.2) with PBKDF2 on HMAC-SHA-256 and AES-256-CBC, as `openssl pkey` reads them.
 *
 * The salt is the SHA-256 of the text, so that the key opens beside this text only: a party without the passphrase can
 * neither change the text nor take a mark of the binding away. It is another salt for each key as long as the text names
 * the key. Files of before have a random salt of 16 bytes, and are bound to nothing.
 */

import { contentEncryptionOf } from '../../shared/cms/content-encryption.ts';
import { concat, equal, utf8 } from '../../shared/encoding/bytes.ts';
import { DerError } from '../../shared/encoding/der/error.ts';
import { parseSequence } from '../../shared/encoding/der/reader.ts';
import {
  encode,
  NULL,
  objectIdentifier,
  octetString,
  sequence,
  unsignedInteger,
} from '../../shared/encoding/der/writer.ts';
import { isPlatformError } from '../../shared/encoding/error.ts';
import { CaleError } from '../errors.ts';

const PBES2 = objectIdentifier('1.2.840.113549.1.5.13');
const PBKDF2 = objectIdentifier('1.2.840.113549.1.5.12');
const HMAC_WITH_SHA256 = encode(sequence(objectIdentifier('1.2.840.113549.2.9'), NULL));
const AES256_CBC = objectIdentifier(contentEncryptionOf('AES-256-CBC').oid);

/** The number that OWASP's password storage cheat sheet gives for PBKDF2 with HMAC-SHA-256. */
const ITERATIONS = 600_000;
/** More would be a way to keep this program busy. */
const MAX_ITERATIONS = 10_000_000;
/** Length of a salt that binds, in bytes: that of SHA-256. Salts of before had 16 bytes. */
const BINDING_SALT_BYTES = 32;
const IV_BYTES = 16;

async function derive(passphrase: string, salt: Uint8Array<ArrayBuffer>, iterations: number): Promise<CryptoKey> {
  const password = await crypto.subtle.importKey('raw', utf8(passphrase), 'PBKDF2', false, ['deriveKey']);
  const pbkdf2 = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations };
  const aes = { name: 'AES-CBC', length: 256 };
  return crypto.subtle.deriveKey(pbkdf2, password, aes, false, ['encrypt', 'decrypt']);
}

const saltOf = async (text: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text)));

/**
 * @param text that the key is bound to; it has to name the key.
 * @returns DER of the EncryptedPrivateKeyInfo.
 */
export async function encryptPkcs8(
  pkcs8: Uint8Array,
  passphrase: string,
  text: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const salt = await saltOf(text);
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const key = await derive(passphrase, salt, ITERATIONS);
  const encrypted = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-CBC', iv }, key, concat([pkcs8])));
  const iterations = Uint8Array.of(ITERATIONS >> 16, (ITERATIONS >> 8) & 0xff, ITERATIONS & 0xff);
  const kdf = sequence(PBKDF2, sequence(octetString(salt), unsignedInteger(iterations), HMAC_WITH_SHA256));
  const cipher = sequence(AES256_CBC, octetString(iv));
  return encode(sequence(sequence(PBES2, sequence(kdf, cipher)), octetString(encrypted)));
}

/** A key that is still encrypted, with what is needed to decrypt it. */
export interface EncryptedKey {
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly iterations: number;
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly encrypted: Uint8Array<ArrayBuffer>;
}

/**
 * @param der as {@link encryptPkcs8} gives it.
 * @throws {DerError} when it is none.
 */
export function parseEncryptedKey(der: Uint8Array<ArrayBuffer>): EncryptedKey {
  const info = parseSequence(der);
  const algorithm = info.sequence();
  const encrypted = info.octetString();
  info.end();
  expectEncoding(algorithm.next().encoding, PBES2);
  const parameters = algorithm.sequence();
  const kdf = parameters.sequence();
  expectEncoding(kdf.next().encoding, PBKDF2);
  const pbkdf2 = kdf.sequence();
  const salt = pbkdf2.octetString();
  const iterations = pbkdf2.unsignedInteger().reduce((value, byte) => value * 256 + byte, 0);
  expectEncoding(pbkdf2.next().encoding, HMAC_WITH_SHA256);
  const cipher = parameters.sequence();
  expectEncoding(cipher.next().encoding, AES256_CBC);
  const iv = cipher.octetString();
  if (iterations < 1 || iterations > MAX_ITERATIONS) throw new DerError('iterations out of range');
  return { salt, iterations, iv, encrypted };
}

/** True when the key was stored beside the text, or in the form of before, which is bound to none. */
export async function fitsText({ salt }: EncryptedKey, text: string): Promise<boolean> {
  return salt.length !== BINDING_SALT_BYTES || equal(salt, await saltOf(text));
}

/**
 * @returns DER of the PrivateKeyInfo.
 * @throws {CaleError} `passphrase`; a wrong one can also give bytes that are no PrivateKeyInfo.
 */
export async function decryptPkcs8(
  { salt, iterations, iv, encrypted }: EncryptedKey,
  passphrase: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await derive(passphrase, concat([salt]), iterations);
  const decrypted = await crypto.subtle.decrypt({ name: 'AES-CBC', iv }, key, encrypted).catch((error: unknown) => {
    throw isPlatformError(error) ? error : new CaleError('passphrase');
  });
  return new Uint8Array(decrypted);
}

function expectEncoding(encoding: Uint8Array, expected: Uint8Array): void {
  if (!equal(encoding, expected))
    throw new DerError('not encrypted by PBES2 with PBKDF2, HMAC-SHA-256 and AES-256-CBC');
}
