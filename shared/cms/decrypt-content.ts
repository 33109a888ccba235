/** Decrypting content under a content-encryption key, wherever there is a WebCrypto. */

import { concat } from '../bytes.ts';
import type { ContentAlgorithm } from './content-algorithm.ts';

/**
 * @param tag empty where the algorithm has none.
 * @throws when the tag or the padding is wrong; what is thrown is the platform's.
 */
export async function decryptContent(
  { mode }: ContentAlgorithm,
  key: Uint8Array<ArrayBuffer>,
  nonce: Uint8Array<ArrayBuffer>,
  ciphertext: Uint8Array<ArrayBuffer>,
  tag: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const sealed = tag.length === 0 ? ciphertext : concat([ciphertext, tag]);
  if (mode === 'ChaCha20-Poly1305') {
    // No WebCrypto that is widely there has it, and few answers need it.
    const { chacha20poly1305 } = await import('@noble/ciphers/chacha.js');
    return chacha20poly1305(key, nonce).decrypt(sealed);
  }
  const name = mode === 'CBC' ? 'AES-CBC' : 'AES-GCM';
  const cryptoKey = await crypto.subtle.importKey('raw', key, name, false, ['decrypt']);
  return new Uint8Array(await crypto.subtle.decrypt({ name, iv: nonce }, cryptoKey, sealed));
}
