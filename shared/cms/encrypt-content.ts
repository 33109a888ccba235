/** Encrypting content under a content-encryption key. For servers: ChaCha20-Poly1305 comes from node:crypto. */

import { type ContentAlgorithm, webCryptoName } from './content-algorithm.ts';

export interface EncryptedContent {
  readonly ciphertext: Uint8Array<ArrayBuffer>;
  /** The authentication tag; empty where the algorithm has none. */
  readonly tag: Uint8Array<ArrayBuffer>;
}

/** A content-encryption key, as octets and as WebCrypto has it, under {@link webCryptoName}. */
export interface ContentKey {
  /** As many as the algorithm wants. */
  readonly octets: Uint8Array<ArrayBuffer>;
  readonly cryptoKey: CryptoKey;
}

/** @param nonce never used before with this key. */
export async function encryptContent(
  algorithm: ContentAlgorithm,
  { octets, cryptoKey }: ContentKey,
  nonce: Uint8Array<ArrayBuffer>,
  content: Uint8Array<ArrayBuffer>,
): Promise<EncryptedContent> {
  if (algorithm.mode === 'ChaCha20-Poly1305') return encryptChaCha20Poly1305(octets, nonce, content);
  const name = webCryptoName(algorithm);
  const encrypted = new Uint8Array(await crypto.subtle.encrypt({ name, iv: nonce }, cryptoKey, content));
  const end = encrypted.length - algorithm.tagOctets;
  return { ciphertext: encrypted.subarray(0, end), tag: encrypted.subarray(end) };
}

async function encryptChaCha20Poly1305(
  key: Uint8Array,
  nonce: Uint8Array,
  content: Uint8Array,
): Promise<EncryptedContent> {
  // Loaded when it is first wanted: few clients negotiate this cipher, and every start would pay for it.
  const { createCipheriv } = await import('node:crypto');
  // workerd wants Buffers here.
  const cipher = createCipheriv('chacha20-poly1305', Buffer.from(key), Buffer.from(nonce), { authTagLength: 16 });
  const ciphertext = new Uint8Array(cipher.update(Buffer.from(content.buffer, content.byteOffset, content.length)));
  cipher.final();
  return { ciphertext, tag: new Uint8Array(cipher.getAuthTag()) };
}
