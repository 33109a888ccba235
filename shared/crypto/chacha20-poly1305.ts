/** ChaCha20-Poly1305 (RFC 8439): by WebCrypto where it has the algorithm, else by node:crypto, else by a library. */

import { concat } from '../encoding/bytes.ts';
import type { ContentCipher } from './content-cipher.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const TAG_BYTES = 16;

export const CHACHA20_POLY1305: ContentCipher = {
  keyAlgorithm: 'AES-GCM',
  needsKeyBytes: true,
  async encrypt({ bytes: key }, nonce, content, subtle) {
    const native = await tryImport(key, 'encrypt', subtle);
    const encrypted =
      native === undefined
        ? await encryptWithoutWebCrypto(key, nonce, content)
        : new Uint8Array(await subtle.encrypt({ name: NAME, iv: nonce }, native, content));
    const end = encrypted.length - TAG_BYTES;
    return { ciphertext: encrypted.subarray(0, end), tag: encrypted.subarray(end) };
  },
  async decrypt(cryptoKey, nonce, { ciphertext, tag }, subtle) {
    const key = new Uint8Array((await subtle.exportKey('raw', cryptoKey)) as ArrayBuffer);
    const native = await tryImport(key, 'decrypt', subtle);
    const sealed = concat([ciphertext, tag]);
    if (native !== undefined) return new Uint8Array(await subtle.decrypt({ name: NAME, iv: nonce }, native, sealed));
    const { chacha20poly1305 } = await import('@noble/ciphers/chacha.js');
    return chacha20poly1305(key, nonce).decrypt(sealed);
  },
};

/** Its name in Modern Algorithms in the Web Cryptography API. */
const NAME = 'ChaCha20-Poly1305';

/** @returns undefined where WebCrypto does not know the algorithm, or the key format that came with it. */
async function tryImport(
  key: Bytes,
  usage: 'encrypt' | 'decrypt',
  subtle: SubtleCrypto,
): Promise<CryptoKey | undefined> {
  try {
    return await subtle.importKey('raw-secret' as 'raw', key, NAME, false, [usage]);
  } catch {
    return undefined;
  }
}

/** The parts of node:crypto and of Buffer that encrypting takes, where the platform has them. */
interface NodePlatform {
  readonly process?: { readonly getBuiltinModule?: (name: 'node:crypto') => NodeCrypto | undefined };
  readonly Buffer?: { from(bytes: ArrayBuffer, offset: number, length: number): Bytes };
}

interface NodeCrypto {
  createCipheriv(
    algorithm: 'chacha20-poly1305',
    key: Bytes,
    nonce: Bytes,
    options: { readonly authTagLength: number },
  ): { update(content: Bytes): Bytes; final(): Bytes; getAuthTag(): Bytes };
}

async function encryptWithoutWebCrypto(key: Bytes, nonce: Bytes, content: Bytes): Promise<Bytes> {
  // Asked for and not imported, so that a bundler for browsers finds no module of Node here.
  const { process, Buffer } = globalThis as NodePlatform;
  const node = process?.getBuiltinModule?.('node:crypto');
  if (node === undefined || Buffer === undefined) {
    const { chacha20poly1305 } = await import('@noble/ciphers/chacha.js');
    return chacha20poly1305(key, nonce).encrypt(content);
  }
  // workerd takes only Buffers here.
  const [keyBuffer, nonceBuffer, contentBuffer] = [key, nonce, content].map((bytes) =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
  ) as [Bytes, Bytes, Bytes];
  const cipher = node.createCipheriv('chacha20-poly1305', keyBuffer, nonceBuffer, { authTagLength: TAG_BYTES });
  const ciphertext = cipher.update(contentBuffer);
  return concat([ciphertext, cipher.final(), cipher.getAuthTag()]);
}
