/** The key pair of an account: made here, and never out of here but into a KeyStore. */

import type { RecipientPrivateKey } from '../shared/cms/open.ts';
import { createCsr } from '../shared/csr/create.ts';
import { type Curve, keyIdentifier, readPublicKey } from '../shared/keys/public-key.ts';

export type KeyType = Curve | 'RSA-2048' | 'RSA-3072' | 'RSA-4096';

export interface DeviceKey {
  readonly key: RecipientPrivateKey;
  /** DER of the CSR. */
  readonly csr: Uint8Array<ArrayBuffer>;
  /** DER of the PrivateKeyInfo; to be overwritten as soon as it is not needed. */
  readonly pkcs8: Uint8Array<ArrayBuffer>;
}

/** A WebCrypto key serves one algorithm: one signs the CSR, and another, of the same key, opens answers. */
function algorithmFor(keyType: KeyType, use: 'signing' | 'opening') {
  if (!keyType.startsWith('RSA-')) return { name: use === 'signing' ? 'ECDSA' : 'ECDH', namedCurve: keyType };
  const name = use === 'signing' ? 'RSASSA-PKCS1-v1_5' : 'RSA-OAEP';
  const modulusLength = Number(keyType.slice('RSA-'.length));
  return { name, hash: 'SHA-256', modulusLength, publicExponent: Uint8Array.of(1, 0, 1) };
}

/** @param subject common name of the CSR: what the device says of itself. */
export async function generateDeviceKey(keyType: KeyType, subject: string, subtle: SubtleCrypto): Promise<DeviceKey> {
  const pair = (await subtle.generateKey(algorithmFor(keyType, 'signing'), true, ['sign', 'verify'])) as CryptoKeyPair;
  const csr = await createCsr(pair, subject, subtle);
  const spki = new Uint8Array((await subtle.exportKey('spki', pair.publicKey)) as ArrayBuffer);
  const pkcs8 = new Uint8Array((await subtle.exportKey('pkcs8', pair.privateKey)) as ArrayBuffer);
  return { key: await importOpeningKey(keyType, pkcs8, spki, subtle), csr, pkcs8 };
}

async function importOpeningKey(
  keyType: KeyType,
  pkcs8: Uint8Array<ArrayBuffer>,
  spki: Uint8Array<ArrayBuffer>,
  subtle: SubtleCrypto,
): Promise<RecipientPrivateKey> {
  const publicKey = readPublicKey(spki);
  if (publicKey === undefined) throw new TypeError('the key is of no accepted type');
  const usage = publicKey.algorithm === 'RSA' ? 'decrypt' : 'deriveBits';
  const key = await subtle.importKey('pkcs8', pkcs8, algorithmFor(keyType, 'opening'), false, [usage]);
  const identifier = await keyIdentifier(publicKey.bits, subtle);
  return publicKey.algorithm === 'RSA'
    ? { algorithm: 'RSA', key, keyIdentifier: identifier }
    : { algorithm: 'EC', curve: publicKey.curve, key, keyIdentifier: identifier };
}
