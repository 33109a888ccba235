/** The key pair of an account: made here, and handed only to a KeyStore. */

import { importPrivateKey } from '../shared/cms/recipients/recipients.ts';
import { KEY_TYPES, type KeyType } from '../shared/crypto/keys/key-types.ts';
import { keyIdentifier, parsePublicKey } from '../shared/crypto/keys/public-key.ts';
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
 * A WebCrypto key serves one algorithm: the pair signs the CSR, and is imported again to open answers.
 * @param subject common name of the CSR: the device's own description.
 */
export async function generateDeviceKey(keyType: KeyType, subject: string, subtle: SubtleCrypto): Promise<DeviceKey> {
  const pair = (await subtle.generateKey(KEY_TYPES[keyType], true, ['sign', 'verify'])) as CryptoKeyPair;
  const csr = await createCsr(pair, subject, subtle);
  const spki = new Uint8Array((await subtle.exportKey('spki', pair.publicKey)) as ArrayBuffer);
  const pkcs8 = new Uint8Array((await subtle.exportKey('pkcs8', pair.privateKey)) as ArrayBuffer);
  const identifier = await keyIdentifier(parsePublicKey(spki), subtle);
  return { key: await importPrivateKey(identifier, pkcs8, subtle), csr, pkcs8 };
}
