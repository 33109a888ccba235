/**
 * Private keys under a passphrase: EncryptedPrivateKeyInfo (RFC 5958 3) by PBES2 (RFC 8018 6.2) with PBKDF2 on
 * HMAC-SHA-256 and AES-256-CBC, as `openssl pkey` reads them.
 */

import { concat, equal, utf8 } from '../../shared/bytes.ts';
import { CONTENT_ENCRYPTION_OIDS, encodedOid } from '../../shared/der/oids.ts';
import { DerError, readWhole } from '../../shared/der/read.ts';
import { encode, NULL, octetString, sequence, unsignedInteger } from '../../shared/der/write.ts';

const PBES2 = encodedOid('1.2.840.113549.1.5.13');
const PBKDF2 = encodedOid('1.2.840.113549.1.5.12');
const HMAC_WITH_SHA256 = encode(sequence(encodedOid('1.2.840.113549.2.9'), NULL));
const AES256_CBC = encodedOid(CONTENT_ENCRYPTION_OIDS['AES-256-CBC']);

/** What OWASP's password storage cheat sheet gives for PBKDF2 with HMAC-SHA-256. */
const ITERATIONS = 600_000;
/** More would be somebody's way to keep this program busy. */
const MAX_ITERATIONS = 10_000_000;
const SALT_OCTETS = 16;
const IV_OCTETS = 16;

async function derive(passphrase: string, salt: Uint8Array<ArrayBuffer>, iterations: number): Promise<CryptoKey> {
  const password = await crypto.subtle.importKey('raw', utf8(passphrase), 'PBKDF2', false, ['deriveKey']);
  const pbkdf2 = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations };
  const aes = { name: 'AES-CBC', length: 256 };
  return crypto.subtle.deriveKey(pbkdf2, password, aes, false, ['encrypt', 'decrypt']);
}

/** @returns DER of the EncryptedPrivateKeyInfo. */
export async function encryptPkcs8(
  pkcs8: Uint8Array<ArrayBuffer>,
  passphrase: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_OCTETS));
  const iv = crypto.getRandomValues(new Uint8Array(IV_OCTETS));
  const key = await derive(passphrase, salt, ITERATIONS);
  const encrypted = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-CBC', iv }, key, pkcs8));
  const iterations = Uint8Array.of(ITERATIONS >> 16, (ITERATIONS >> 8) & 0xff, ITERATIONS & 0xff);
  const kdf = sequence(PBKDF2, sequence(octetString(salt), unsignedInteger(iterations), HMAC_WITH_SHA256));
  const cipher = sequence(AES256_CBC, octetString(iv));
  return encode(sequence(sequence(PBES2, sequence(kdf, cipher)), octetString(encrypted)));
}

/**
 * @param der what {@link encryptPkcs8} wrote.
 * @returns DER of the PrivateKeyInfo.
 * @throws when it is none, or when the passphrase is another; the two cannot always be told apart.
 */
export async function decryptPkcs8(der: Uint8Array<ArrayBuffer>, passphrase: string): Promise<Uint8Array<ArrayBuffer>> {
  const info = readWhole(der, 0x30);
  const algorithm = info.enter(0x30);
  const encrypted = info.expect(0x04).content;
  info.end();
  expectEncoding(algorithm.next().encoding, PBES2);
  const parameters = algorithm.enter(0x30);
  const kdf = parameters.enter(0x30);
  expectEncoding(kdf.next().encoding, PBKDF2);
  const pbkdf2 = kdf.enter(0x30);
  const salt = pbkdf2.expect(0x04).content;
  const iterations = pbkdf2.unsignedInteger().reduce((value, octet) => value * 256 + octet, 0);
  expectEncoding(pbkdf2.next().encoding, HMAC_WITH_SHA256);
  const cipher = parameters.enter(0x30);
  expectEncoding(cipher.next().encoding, AES256_CBC);
  const iv = cipher.expect(0x04).content;
  if (iterations < 1 || iterations > MAX_ITERATIONS) throw new DerError('iterations out of range');
  const key = await derive(passphrase, concat([salt]), iterations);
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-CBC', iv }, key, encrypted));
}

function expectEncoding(encoding: Uint8Array, expected: Uint8Array): void {
  if (!equal(encoding, expected))
    throw new DerError('not encrypted by PBES2 with PBKDF2, HMAC-SHA-256 and AES-256-CBC');
}
