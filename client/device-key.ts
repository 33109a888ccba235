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

/** A WebCrypto key serves one algorithm: this is what signs the CSR; the same key opens answers as another. */
function signingAlgorithm(keyType: KeyType) {
  if (!keyType.startsWith('RSA-')) return { name: 'ECDSA', namedCurve: keyType };
  const modulusLength = Number(keyType.slice('RSA-'.length));
  return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength, publicExponent: Uint8Array.of(1, 0, 1) };
}

/** @param subject common name of the CSR: what the device says of itself. */
export async function generateDeviceKey(keyType: KeyType, subject: string, subtle: SubtleCrypto): Promise<DeviceKey> {
  const pair = (await subtle.generateKey(signingAlgorithm(keyType), true, ['sign', 'verify'])) as CryptoKeyPair;
  const csr = await createCsr(pair, subject, subtle);
  const spki = new Uint8Array((await subtle.exportKey('spki', pair.publicKey)) as ArrayBuffer);
  const pkcs8 = new Uint8Array((await subtle.exportKey('pkcs8', pair.privateKey)) as ArrayBuffer);
  const publicKey = readPublicKey(spki);
  if (publicKey === undefined) throw new TypeError('the key is of no accepted type');
  const identifier = await keyIdentifier(publicKey.bits, subtle);
  const parameters: KeyParameters =
    publicKey.algorithm === 'RSA'
      ? { algorithm: 'RSA', keyIdentifier: identifier }
      : { algorithm: 'EC', curve: publicKey.curve, keyIdentifier: identifier };
  return { key: await importOpeningKey(parameters, pkcs8, subtle), csr, pkcs8 };
}

/** What of a key is no secret. */
export type KeyParameters = { readonly keyIdentifier: Uint8Array } & (
  | { readonly algorithm: 'RSA' }
  | { readonly algorithm: 'EC'; readonly curve: Curve }
);

/**
 * @param pkcs8 DER of the PrivateKeyInfo.
 * @returns the key as it opens answers; it cannot be exported.
 */
export async function importOpeningKey(
  parameters: KeyParameters,
  pkcs8: Uint8Array<ArrayBuffer>,
  subtle: SubtleCrypto,
): Promise<RecipientPrivateKey> {
  if (parameters.algorithm === 'RSA') {
    const rsaOaep = { name: 'RSA-OAEP', hash: 'SHA-256' };
    return { ...parameters, key: await subtle.importKey('pkcs8', pkcs8, rsaOaep, false, ['decrypt']) };
  }
  const ecdh = { name: 'ECDH', namedCurve: parameters.curve };
  return { ...parameters, key: await subtle.importKey('pkcs8', pkcs8, ecdh, false, ['deriveBits']) };
}
