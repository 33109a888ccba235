/** ChaCha20-Poly1305 (RFC 8439): by WebCrypto where it has the algorithm, else by node:crypto, else by a library. */

import { concat } from '../encoding/bytes.ts';
import type { ContentCipher, EncryptedContent } from './content-cipher.ts';

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
    if (native === undefined) return decryptWithoutWebCrypto(key, nonce, { ciphertext, tag });
    return new Uint8Array(await subtle.decrypt({ name: NAME, iv: nonce }, native, concat([ciphertext, tag])));
  },
};

/** Its name in Modern Algorithms in the Web Cryptography API. */
const NAME = 'ChaCha20-Poly1305';
/** Its name in OpenSSL. */
const NODE_NAME = 'chacha20-poly1305';

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

/** The parts of node:crypto and of Buffer that are used, where the platform has them. */
interface NodePlatform {
  readonly process?: { readonly getBuiltinModule?: (name: 'node:crypto') => NodeCrypto | undefined };
  readonly Buffer?: { from(bytes: ArrayBuffer, offset: number, length: number): Bytes };
}

type CreateCipher<T> = (
  algorithm: typeof NODE_NAME,
  key: Bytes,
  nonce: Bytes,
  options: { readonly authTagLength: number },
) => T & { update(content: Bytes): Bytes; final(): Bytes };

interface NodeCrypto {
  readonly createCipheriv: CreateCipher<{ getAuthTag(): Bytes }>;
  readonly createDecipheriv: CreateCipher<{ setAuthTag(tag: Bytes): void }>;
}

interface Node {
  readonly crypto: NodeCrypto;
  /** workerd takes only Buffers. */
  buffers(...all: Bytes[]): Bytes[];
}

/** Asked for and not imported, so that a bundler for browsers finds no module of Node here. */
function findNode(): Node | undefined {
  const { process, Buffer } = globalThis as NodePlatform;
  const crypto = process?.getBuiltinModule?.('node:crypto');
  if (crypto === undefined || Buffer === undefined) return undefined;
  const buffers = (...all: Bytes[]) => all.map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  return { crypto, buffers };
}

async function encryptWithoutWebCrypto(key: Bytes, nonce: Bytes, content: Bytes): Promise<Bytes> {
  const node = findNode();
  if (node === undefined) {
    const { chacha20poly1305 } = await import('@noble/ciphers/chacha.js');
    return chacha20poly1305(key, nonce).encrypt(content);
  }
  const [keyBuffer, nonceBuffer, contentBuffer] = node.buffers(key, nonce, content) as [Bytes, Bytes, Bytes];
  const cipher = node.crypto.createCipheriv(NODE_NAME, keyBuffer, nonceBuffer, { authTagLength: TAG_BYTES });
  const ciphertext = cipher.update(contentBuffer);
  return concat([ciphertext, cipher.final(), cipher.getAuthTag()]);
}

async function decryptWithoutWebCrypto(
  key: Bytes,
  nonce: Bytes,
  { ciphertext, tag }: EncryptedContent,
): Promise<Bytes> {
  const node = findNode();
  if (node === undefined) {
    const { chacha20poly1305 } = await import('@noble/ciphers/chacha.js');
    return chacha20poly1305(key, nonce).decrypt(concat([ciphertext, tag]));
  }
  const [keyBuffer, nonceBuffer, tagBuffer, content] = node.buffers(key, nonce, tag, ciphertext) as [
    Bytes,
    Bytes,
    Bytes,
    Bytes,
  ];
  const decipher = node.crypto.createDecipheriv(NODE_NAME, keyBuffer, nonceBuffer, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(tagBuffer);
  const opened = decipher.update(content);
  return concat([opened, decipher.final()]);
}
