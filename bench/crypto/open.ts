/** Opening the message that the same subject sealed, with the key imported. */

import { compactDecrypt } from 'jose';
import { open as openCale } from '../../shared/cms/open.ts';
import { seal as sealCale } from '../../shared/cms/seal.ts';
import { concat } from '../../shared/encoding/bytes.ts';
import { openBare, sealBare } from '../parties/bare-calls.ts';
import { type ClientKeyType, createClient } from '../parties/client.ts';
import { contentOf } from '../parties/content.ts';
import { sealJose } from './jose.ts';
import { createPkijsRecipient, openPkijs, sealPkijs } from './pkijs.ts';
import type { Subjects } from './subject.ts';

export const open = (keyType: ClientKeyType): Subjects => ({
  async cale(bytes) {
    const { recipient, privateKey } = await createClient(keyType);
    const message = concat(await sealCale(recipient, 'AES-256-GCM', contentOf(bytes)));
    return () => openCale(message, privateKey);
  },
  async limit(bytes) {
    const client = await createClient(keyType);
    const message = await sealBare(client, contentOf(bytes));
    return () => openBare(client, message);
  },
  async jose(bytes) {
    const client = await createClient(keyType);
    const message = await sealJose(client, contentOf(bytes));
    return () => compactDecrypt(message, client.privateKey.key);
  },
  async pkijs(bytes) {
    const recipient = await createPkijsRecipient(await createClient(keyType));
    const message = await sealPkijs(recipient, contentOf(bytes));
    return () => openPkijs(recipient, message);
  },
});
