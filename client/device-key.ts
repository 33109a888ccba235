/** The key pair of an account: made here, and handed only to a KeyStore. */

import { importPrivateKey } from '../shared/cms/recipients/recipients.ts';
import { KEY_TYPES, type KeyType } from '../shared/crypto/keys/key-types.ts';
import { keyIdentifier, parsePublicKey } from '../shared/crypto/keys/public-key.ts';
import { importHttpSigningKey } from '../shared/crypto/signatures/schemes.ts';
import { createCsr } from '../shared/x509/csr.ts';
import type { AccountKey } from './account.ts';

export interface DeviceKey {
  readonly key: AccountKey;
  /** DER of the CSR. */
  readonly csr: Uint8Array<ArrayBuffer>;
  /** DER of the PrivateKeyInfo; to be overwritten as soon as it is not needed. */
  readonly pkcs8: Uint8Array<ArrayBuffer>;
}

/**
 * A WebCrypto key serves one algorithm: the pair signs the CSR, and is imported twice more, to open answers and to sign
 * requests.
 * @param subject common name of the CSR: the device's own description.
 */
export async function generateDeviceKey(keyType: KeyType, subject: string, subtle: SubtleCrypto): Promise<DeviceKey> {
  const pair = (await subtle.generateKey(KEY_TYPES[keyType], true, ['sign', 'verify'])) as CryptoKeyPair;
  const csr = await createCsr(pair, subject, subtle);
  const spki = new Uint8Array((await subtle.exportKey('spki', pair.publicKey)) as ArrayBuffer);
  const pkcs8 = new Uint8Array((await subtle.exportKey('pkcs8', pair.privateKey)) as ArrayBuffer);
  const identifier = await keyIdentifier(parsePublicKey(spki), subtle);
  return { key: await importAccountKey(identifier, pkcs8, subtle), csr, pkcs8 };
}

/**
 * @param identifier SubjectKeyIdentifier of the public key.
 * @param pkcs8 DER of the PrivateKeyInfo.
 * @throws {EncodingError} when it is no private key of an accepted type.
 */
export async function importAccountKey(
  identifier: Uint8Array,
  pkcs8: Uint8Array<ArrayBuffer>,
  subtle: SubtleCrypto,
): Promise<AccountKey> {
  const opening = await importPrivateKey(identifier, pkcs8, subtle);
  return { ...opening, signingKey: await importHttpSigningKey(pkcs8, subtle) };
}
