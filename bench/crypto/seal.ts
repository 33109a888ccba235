/** Sealing content for one recipient: from the content to the one buffer or text that HTTP carries. */

import { seal as sealCale } from '../../shared/cms/seal.ts';
import { CMS_TYPE } from '../../shared/protocol/media-types.ts';
import { encodeSealedBody, negotiateFormat } from '../../shared/protocol/sealed-response.ts';
import { sealBare } from '../parties/bare-calls.ts';
import { type ClientKeyType, createClient } from '../parties/client.ts';
import { contentOf } from '../parties/content.ts';
import { sealJose } from './jose.ts';
import { createPkijsRecipient, sealPkijs } from './pkijs.ts';
import type { Subjects } from './subject.ts';

const CIPHER = 'AES-256-GCM';
/** DER, as a client asks for it that wants the whole message in one piece. */
const FORMAT = negotiateFormat(CIPHER, CMS_TYPE);

export const seal = (keyType: ClientKeyType): Subjects => ({
  async cale(bytes) {
    const [{ recipient }, content] = [await createClient(keyType), contentOf(bytes)];
    return async () => encodeSealedBody(FORMAT, await sealCale(recipient, CIPHER, content));
  },
  async limit(bytes) {
    const [client, content] = [await createClient(keyType), contentOf(bytes)];
    return () => sealBare(client, content);
  },
  async jose(bytes) {
    const [client, content] = [await createClient(keyType), contentOf(bytes)];
    return () => sealJose(client, content);
  },
  async pkijs(bytes) {
    const [recipient, content] = [await createPkijsRecipient(await createClient(keyType)), contentOf(bytes)];
    return () => sealPkijs(recipient, content);
  },
});
