/** Decrypting content under a content-encryption key, wherever there is a WebCrypto. */

import { concat } from '../bytes.ts';
import { type ContentAlgorithm, webCryptoName } from './content-algorithm.ts';

/** Whether the content is decrypted outside of WebCrypto, with the octets of the key. */
export const needsKeyOctets = ({ mode }: ContentAlgorithm): boolean => mode === 'ChaCha20-Poly1305';

/**
 * @param key for `decrypt` under {@link webCryptoName}; one that can be exported where {@link needsKeyOctets}.
 * @param tag empty where the algorithm has none.
 * @param subtle the WebCrypto that the key is of.
 * @throws when the tag or the padding is wrong; what is thrown is the platform's.
 */
export async function decryptContent(
  algorithm: ContentAlgorithm,
  key: CryptoKey,
  nonce: Uint8Array<ArrayBuffer>,
  ciphertext: Uint8Array<ArrayBuffer>,
  tag: Uint8Array<ArrayBuffer>,
  subtle: SubtleCrypto = crypto.subtle,
): Promise<Uint8Array<ArrayBuffer>> {
  if (needsKeyOctets(algorithm)) {
    // No WebCrypto that is widely there has it, and few answers need it.
    const { chacha20poly1305 } = await import('@noble/ciphers/chacha.js');
    const octets = new Uint8Array((await subtle.exportKey('raw', key)) as ArrayBuffer);
    return chacha20poly1305(octets, nonce).decrypt(concat([ciphertext, tag]));
  }
  const name = webCryptoName(algorithm);
  const decrypt = (sealed: Uint8Array<ArrayBuffer>) => subtle.decrypt({ name, iv: nonce }, key, sealed);
  return new Uint8Array(await (tag.length === 0 ? decrypt(ciphertext) : withTagBehind(ciphertext, tag, decrypt)));
}

/**
 * WebCrypto wants the tag right behind the ciphertext. In a message only the tag's own identifier and length lie
 * between them, so that it is moved there for the moment in which WebCrypto takes its copy (Web Cryptography 14.3.2,
 * step 2), and then put back: a copy of all of the content would cost as much as decrypting it.
 */
function withTagBehind<T>(
  ciphertext: Uint8Array<ArrayBuffer>,
  tag: Uint8Array<ArrayBuffer>,
  use: (sealed: Uint8Array<ArrayBuffer>) => T,
): T {
  const end = ciphertext.byteOffset + ciphertext.length;
  if (ciphertext.buffer !== tag.buffer || tag.byteOffset < end) return use(concat([ciphertext, tag]));
  const between = new Uint8Array(tag.buffer, end, tag.byteOffset + tag.length - end);
  const kept = between.slice();
  try {
    between.copyWithin(0, between.length - tag.length);
    return use(new Uint8Array(ciphertext.buffer, ciphertext.byteOffset, ciphertext.length + tag.length));
  } finally {
    between.set(kept);
  }
}
