/** AES-GCM and AES-CBC, by WebCrypto. */

import { concat } from '../encoding/bytes.ts';
import { EncodingError } from '../encoding/error.ts';
import type { ContentCipher, EncryptedContent } from './content-cipher.ts';

const GCM_TAG_BYTES = 16;

export const AES_GCM: ContentCipher = aes('AES-GCM', GCM_TAG_BYTES);
export const AES_CBC: ContentCipher = aes('AES-CBC', 0);

function aes(name: 'AES-GCM' | 'AES-CBC', tagBytes: number): ContentCipher {
  return {
    keyAlgorithm: name,
    needsKeyBytes: false,
    async encrypt({ cryptoKey }, nonce, content, subtle) {
      const encrypted = new Uint8Array(await subtle.encrypt({ name, iv: nonce }, cryptoKey, content));
      const end = encrypted.length - tagBytes;
      return { ciphertext: encrypted.subarray(0, end), tag: encrypted.subarray(end) };
    },
    async decrypt(key, nonce, { ciphertext, tag }, subtle) {
      // WebKitGTK 2.50 crashes on it, and so everybody on the way could end a page.
      if (ciphertext.length + tag.length === 0) throw new EncodingError('an empty ciphertext');
      const parameters = { name, iv: nonce };
      const content =
        tag.length > 0
          ? withTagBehind({ ciphertext, tag }, (sealed) => subtle.decrypt(parameters, key, sealed))
          : subtle.decrypt(parameters, key, ciphertext);
      return new Uint8Array(await content);
    },
  };
}

/**
 * WebCrypto takes the tag directly behind the ciphertext. In a message only the tag's own identifier and length lie
 * between them. The tag is moved there until WebCrypto has taken its copy (Web Cryptography 14.3.2, step 2), and then
 * put back, because a copy of all of the content would cost as much as decrypting it.
 */
function withTagBehind<T>({ ciphertext, tag }: EncryptedContent, use: (sealed: Uint8Array<ArrayBuffer>) => T): T {
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
