/** pkijs, by the WebCrypto of Node. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ContentInfo, EnvelopedData } from 'pkijs';
import { ROOT } from '../../../scripts/workers.ts';
import { derOfPem } from '../vectors/keys.ts';
import { eachOf, type ForeignTool, isCbc, isRsa } from './tool.ts';

/** OBJECT IDENTIFIER of EnvelopedData. */
const ENVELOPED_DATA = '1.2.840.113549.1.7.3';
const bufferOf = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;

const NO_AEAD = 'It has no AuthEnvelopedData (RFC 5083), and puts AES-GCM into EnvelopedData.';
const NO_CURVE = "It wants the curve at the originator's key, which RFC 5753 3.1.1 lets be left out, or a certificate.";
const OTHER_KDF = 'Its KDF has an empty entityUInfo in it, which RFC 5753 7.2 leaves out where there is no ukm.';

export const pkijs: ForeignTool = {
  name: 'pkijs',
  from: 'npm, a development dependency',
  version: async () => JSON.parse(readFileSync(join(ROOT, 'node_modules/pkijs/package.json'), 'utf8')).version,
  open: (messages) =>
    eachOf(messages, async ({ key, message }) => {
      const { content } = ContentInfo.fromBER(bufferOf(message));
      const enveloped = new EnvelopedData({ schema: content });
      const recipientPrivateKey = bufferOf(derOfPem('PRIVATE KEY', key.privateKey));
      return Buffer.from(await enveloped.decrypt(0, { recipientPrivateKey }));
    }),
  seal: (tasks) =>
    eachOf(tasks, async ({ key, cipher, content }) => {
      const spki = derOfPem('PUBLIC KEY', key.publicKey);
      const algorithm = isRsa(key.keyType)
        ? { name: 'RSA-OAEP', hash: 'SHA-256' }
        : { name: 'ECDH', namedCurve: key.keyType };
      const publicKey = await crypto.subtle.importKey(
        'spki',
        spki,
        algorithm,
        true,
        isRsa(key.keyType) ? ['encrypt'] : [],
      );
      const [, bits = '256', mode = 'CBC'] = /AES-(128|256)-(GCM|CBC)/.exec(cipher) ?? [];
      const enveloped = new EnvelopedData();
      enveloped.addRecipientByKeyIdentifier(publicKey, bufferOf(Buffer.from(key.subjectKeyIdentifier, 'hex')));
      await enveloped.encrypt({ name: `AES-${mode}`, length: Number(bits) } as never, bufferOf(content));
      const info = new ContentInfo({ contentType: ENVELOPED_DATA, content: enveloped.toSchema() });
      return Buffer.from(info.toSchema().toBER());
    }),
  cannotOpen: (keyType, cipher) => {
    if (!isCbc(cipher)) return NO_AEAD;
    return isRsa(keyType) ? undefined : NO_CURVE;
  },
  cannotSeal: (keyType, cipher) => {
    if (!isCbc(cipher)) return NO_AEAD;
    return isRsa(keyType) ? 'It names recipients with RSA keys by issuer and serial number only.' : OTHER_KDF;
  },
};
