/** Sealing content for one recipient; it ends when the parts of the message are ready to be written. */

import { CompactEncrypt } from 'jose';
import { seal as sealCale } from '../../shared/cms/seal.ts';
import type { Subjects } from '../worker.ts';
import { sealBare } from './bare.ts';
import { contentOf, createClient, type KeyType, openingAlgorithm } from './parties.ts';
import { pkijsSealer } from './pkijs.ts';

export const seal = (keyType: KeyType): Subjects => ({
  async cale(bytes) {
    const [{ recipient }, content] = [await createClient(keyType), contentOf(bytes)];
    return () => sealCale(recipient, 'AES-256-GCM', content);
  },
  async limit(bytes) {
    const [client, content] = [await createClient(keyType), contentOf(bytes)];
    return () => sealBare(client, content);
  },
  async jose(bytes) {
    const [encrypt, content] = [await joseSealer(keyType), contentOf(bytes)];
    return () => encrypt(content);
  },
  async pkijs(bytes) {
    const [encrypt, content] = [await pkijsSealer(await createClient(keyType)), contentOf(bytes)];
    return () => encrypt(content);
  },
});

export const joseAlgorithm = (keyType: KeyType): string => (keyType === 'RSA-2048' ? 'RSA-OAEP-256' : 'ECDH-ES+A256KW');

async function joseSealer(keyType: KeyType): Promise<(content: Uint8Array) => Promise<string>> {
  const { spki } = await createClient(keyType);
  const usages = keyType === 'RSA-2048' ? ['encrypt'] : [];
  const key = await crypto.subtle.importKey('spki', spki, openingAlgorithm(keyType), false, usages as never);
  const header = { alg: joseAlgorithm(keyType), enc: 'A256GCM' };
  return (content) => new CompactEncrypt(content).setProtectedHeader(header).encrypt(key);
}
