/** Decrypting content under a content-encryption key, wherever there is a WebCrypto. */

import { concat } from '../bytes.ts';
import { type ContentAlgorithm, webCryptoName } from './content-algorithm.ts';

/** Whether decrypting begins with the octets of the key: few WebCryptos can unwrap one for the algorithm. */
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
    const octets = new Uint8Array((await subtle.exportKey('raw', key)) as ArrayBuffer);
    return decryptChaCha20Poly1305(octets, nonce, concat([ciphertext, tag]), subtle);
  }
  const name = webCryptoName(algorithm);
  const decrypt = (sealed: Uint8Array<ArrayBuffer>) => subtle.decrypt({ name, iv: nonce }, key, sealed);
  return new Uint8Array(await (tag.length === 0 ? decrypt(ciphertext) : withTagBehind(ciphertext, tag, decrypt)));
}

/** By WebCrypto where it has the algorithm (Modern Algorithms in the Web Cryptography API), else by a library. */
async function decryptChaCha20Poly1305(
  key: Uint8Array<ArrayBuffer>,
  nonce: Uint8Array<ArrayBuffer>,
  sealed: Uint8Array<ArrayBuffer>,
  subtle: SubtleCrypto,
): Promise<Uint8Array<ArrayBuffer>> {
  const name = 'ChaCha20-Poly1305';
  const native = await importIfKnown(name, key, subtle);
  if (native !== undefined) return new Uint8Array(await subtle.decrypt({ name, iv: nonce }, native, sealed));
  // Loaded on demand: few answers need it.
  const { chacha20poly1305 } = await import('@noble/ciphers/chacha.js');
  return chacha20poly1305(key, nonce).decrypt(sealed);
}

/** @returns undefined where the WebCrypto does not know the algorithm, or the format of keys that came with it. */
async function importIfKnown(
  name: string,
  key: Uint8Array<ArrayBuffer>,
  subtle: SubtleCrypto,
): Promise<CryptoKey | undefined> {
  try {
    return await subtle.importKey('raw-secret' as 'raw', key, name, false, ['decrypt']);
  } catch {
    return undefined;
  }
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
