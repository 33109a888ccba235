/** PKI.js as its documentation has it. It puts AES-GCM into EnvelopedData, which others refuse; here only its cost counts. */

import { Certificate, ContentInfo, CryptoEngine, EnvelopedData, setEngine } from 'pkijs';
import { type Client, certificateFor, createIssuer } from './parties.ts';

setEngine('workerd', new CryptoEngine({ name: 'workerd', crypto: crypto as never }) as never);

const certificates = new WeakMap<Client, Certificate>();

async function certificateOf(client: Client): Promise<Certificate> {
  const known = certificates.get(client);
  if (known !== undefined) return known;
  const certificate = Certificate.fromBER(await certificateFor(await createIssuer(), client));
  certificates.set(client, certificate);
  return certificate;
}

export async function pkijsSealer(client: Client): Promise<(content: Uint8Array<ArrayBuffer>) => Promise<ArrayBuffer>> {
  const certificate = await certificateOf(client);
  return async (content) => {
    const enveloped = new EnvelopedData();
    enveloped.addRecipientByCertificate(certificate, { oaepHashAlgorithm: 'SHA-256', kdfAlgorithm: 'SHA-256' });
    await enveloped.encrypt({ name: 'AES-GCM', length: 256 } as never, content.buffer);
    const info = new ContentInfo({ contentType: ContentInfo.ENVELOPED_DATA, content: enveloped.toSchema() });
    return info.toSchema().toBER();
  };
}

export async function pkijsOpener(client: Client, message: ArrayBuffer): Promise<() => Promise<ArrayBuffer>> {
  const recipientCertificate = await certificateOf(client);
  const recipientPrivateKey = client.pkcs8.buffer;
  return () => {
    const info = ContentInfo.fromBER(message);
    const enveloped = new EnvelopedData({ schema: info.content });
    return enveloped.decrypt(0, { recipientCertificate, recipientPrivateKey });
  };
}
