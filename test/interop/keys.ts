/** Keys of clients as WebCrypto makes them, in the encodings that other libraries take. */

import type { Curve } from '../../shared/keys/public-key.ts';

export type KeyType = Curve | 'RSA-2048';
export const KEY_TYPES: readonly KeyType[] = ['RSA-2048', 'P-256', 'P-384', 'P-521'];

export interface TestKey {
  readonly keyType: KeyType;
  /** For signing. */
  readonly pair: CryptoKeyPair;
  readonly spki: Uint8Array<ArrayBuffer>;
  readonly pkcs8: Uint8Array<ArrayBuffer>;
}

export async function createKey(keyType: KeyType): Promise<TestKey> {
  const rsa = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  };
  const algorithm = keyType === 'RSA-2048' ? rsa : { name: 'ECDSA', namedCurve: keyType };
  const pair = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
  return {
    keyType,
    pair,
    spki: new Uint8Array((await crypto.subtle.exportKey('spki', pair.publicKey)) as ArrayBuffer),
    pkcs8: new Uint8Array((await crypto.subtle.exportKey('pkcs8', pair.privateKey)) as ArrayBuffer),
  };
}
