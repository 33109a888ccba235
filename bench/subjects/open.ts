/** Opening what each subject itself sealed, with the key imported. */

import { CompactEncrypt, compactDecrypt } from 'jose';
import { concat } from '../../shared/bytes.ts';
import { open as openCale, type RecipientPrivateKey } from '../../shared/cms/open.ts';
import { seal as sealCale } from '../../shared/cms/seal.ts';
import type { Subjects } from '../worker.ts';
import { bareOpener, sealBare } from './bare.ts';
import { contentOf, createClient, type KeyType, openingAlgorithm, openingKey } from './parties.ts';
import { pkijsOpener, pkijsSealer } from './pkijs.ts';
import { joseAlgorithm } from './seal.ts';

export const open = (keyType: KeyType): Subjects => ({
  async cale(bytes) {
    const client = await createClient(keyType);
    const message = concat(await sealCale(client.recipient, 'AES-256-GCM', contentOf(bytes)));
    const key = await openingKey(client);
    const { keyIdentifier } = client.recipient;
    const privateKey: RecipientPrivateKey =
      keyType === 'RSA-2048'
        ? { algorithm: 'RSA', key, keyIdentifier }
        : { algorithm: 'EC', curve: 'P-256', key, keyIdentifier };
    return () => openCale(message, privateKey);
  },
  async limit(bytes) {
    const client = await createClient(keyType);
    const [message, decrypt] = [await sealBare(client, contentOf(bytes)), await bareOpener(client)];
    return () => decrypt(message);
  },
  async jose(bytes) {
    const client = await createClient(keyType);
    const usages = keyType === 'RSA-2048' ? ['encrypt'] : [];
    const publicKey = await crypto.subtle.importKey(
      'spki',
      client.spki,
      openingAlgorithm(keyType),
      false,
      usages as never,
    );
    const header = { alg: joseAlgorithm(keyType), enc: 'A256GCM' };
    const message = await new CompactEncrypt(contentOf(bytes)).setProtectedHeader(header).encrypt(publicKey);
    const key = await openingKey(client);
    return () => compactDecrypt(message, key);
  },
  async pkijs(bytes) {
    const client = await createClient(keyType);
    const message = await (await pkijsSealer(client))(contentOf(bytes));
    return pkijsOpener(client, message);
  },
});
