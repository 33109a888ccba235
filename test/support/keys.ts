/** Keys of clients as WebCrypto makes them, in the encodings that other libraries take. */

import type { Curve } from '../../shared/crypto/keys/ec.ts';
import { KEY_TYPES, type KeyType } from '../../shared/crypto/keys/key-types.ts';
import { type PublicKey, parsePublicKey } from '../../shared/crypto/keys/public-key.ts';

/** A type for each way of sealing: RSA, and each curve. */
export type SealingKeyType = Curve | 'RSA-2048';
export const SEALING_KEY_TYPES: readonly SealingKeyType[] = ['RSA-2048', 'P-256', 'P-384', 'P-521'];

export interface TestKey<T extends KeyType = KeyType> {
  readonly keyType: T;
  /** For signing. */
  readonly pair: CryptoKeyPair;
  readonly publicKey: PublicKey;
  /** DER of the SubjectPublicKeyInfo. */
  readonly spki: Uint8Array<ArrayBuffer>;
  /** DER of the PrivateKeyInfo. */
  readonly pkcs8: Uint8Array<ArrayBuffer>;
}

export async function createKey<T extends KeyType>(keyType: T): Promise<TestKey<T>> {
  const pair = (await crypto.subtle.generateKey(KEY_TYPES[keyType], true, ['sign', 'verify'])) as CryptoKeyPair;
  const spki = new Uint8Array((await crypto.subtle.exportKey('spki', pair.publicKey)) as ArrayBuffer);
  const pkcs8 = new Uint8Array((await crypto.subtle.exportKey('pkcs8', pair.privateKey)) as ArrayBuffer);
  return { keyType, pair, publicKey: parsePublicKey(spki), spki, pkcs8 };
}
