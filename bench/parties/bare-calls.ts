/** The bare WebCrypto calls of sealing and of opening, with the key of the recipient imported: the limit. */

import type { Client, ClientKeyType } from './client.ts';

const CURVE = { name: 'ECDH', namedCurve: 'P-256' };
/** Bytes for the KDF's hash, as many as it has: secret, counter, shared info. */
const KDF_INPUT = new Uint8Array(32 + 4 + 23);

/** The results of the bare calls, so that the bare calls can open them. */
export interface BareMessage {
  readonly encryptedKey: ArrayBuffer;
  readonly ephemeralPoint: ArrayBuffer;
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly encryptedContent: ArrayBuffer;
}

async function deriveKey(privateKey: CryptoKey, publicKey: CryptoKey, usage: 'wrapKey' | 'unwrapKey') {
  const agreement = { name: 'ECDH', public: publicKey };
  const secret = await crypto.subtle.deriveBits(agreement, privateKey, 256);
  const input = KDF_INPUT.slice();
  input.set(new Uint8Array(secret));
  const derived = await crypto.subtle.digest('SHA-256', input);
  return crypto.subtle.importKey('raw', derived, 'AES-KW', false, [usage]);
}

export async function sealBare({ keyType, recipient }: Client, content: Uint8Array<ArrayBuffer>): Promise<BareMessage> {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  let encryptedKey: ArrayBuffer;
  let ephemeralPoint = new ArrayBuffer(0);
  let cryptoKey: CryptoKey;
  if (keyType === 'RSA-2048') {
    cryptoKey = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt']);
    encryptedKey = await crypto.subtle.encrypt({ name: 'RSA-OAEP' }, recipient.key, key);
  } else {
    cryptoKey = await crypto.subtle.importKey('raw', key, 'AES-GCM', true, ['encrypt']);
    const pair = (await crypto.subtle.generateKey(CURVE, false, ['deriveBits'])) as CryptoKeyPair;
    ephemeralPoint = (await crypto.subtle.exportKey('raw', pair.publicKey)) as ArrayBuffer;
    const wrappingKey = await deriveKey(pair.privateKey, recipient.key, 'wrapKey');
    encryptedKey = await crypto.subtle.wrapKey('raw', cryptoKey, wrappingKey, 'AES-KW');
  }
  const encryptedContent = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce }, cryptoKey, content);
  return { encryptedKey, ephemeralPoint, nonce, encryptedContent };
}

export async function openBare({ keyType, privateKey }: Client, message: BareMessage): Promise<ArrayBuffer> {
  const contentKey = await unwrapBare(keyType, privateKey.key, message);
  return crypto.subtle.decrypt({ name: 'AES-GCM', iv: message.nonce }, contentKey, message.encryptedContent);
}

async function unwrapBare(
  keyType: ClientKeyType,
  privateKey: CryptoKey,
  { encryptedKey, ephemeralPoint }: BareMessage,
): Promise<CryptoKey> {
  if (keyType === 'RSA-2048') {
    const key = await crypto.subtle.decrypt({ name: 'RSA-OAEP' }, privateKey, encryptedKey);
    return crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt']);
  }
  const ephemeral = await crypto.subtle.importKey('raw', ephemeralPoint, CURVE, false, []);
  const wrappingKey = await deriveKey(privateKey, ephemeral, 'unwrapKey');
  return crypto.subtle.unwrapKey('raw', encryptedKey, wrappingKey, 'AES-KW', 'AES-GCM', false, ['decrypt']);
}
