/** PKI.js as its documentation has it. Its AES-GCM in EnvelopedData is refused by others; here only its cost counts. */

import { Certificate, ContentInfo, CryptoEngine, EnvelopedData, setEngine } from 'pkijs';
import type { Client } from '../parties/client.ts';
import { certificateFor, createIssuer } from '../parties/issuer.ts';

setEngine('workerd', new CryptoEngine({ name: 'workerd', crypto: crypto as never }) as never);

/** A client as PKI.js takes it: by its certificate, and by the bytes of its private key. */
interface PkijsRecipient {
  readonly recipientCertificate: Certificate;
  readonly recipientPrivateKey: ArrayBuffer;
}

export async function createPkijsRecipient(client: Client): Promise<PkijsRecipient> {
  const recipientCertificate = Certificate.fromBER(await certificateFor(await createIssuer(), client));
  return { recipientCertificate, recipientPrivateKey: client.pkcs8.buffer };
}

export async function sealPkijs(
  { recipientCertificate }: PkijsRecipient,
  content: Uint8Array<ArrayBuffer>,
): Promise<ArrayBuffer> {
  const enveloped = new EnvelopedData();
  enveloped.addRecipientByCertificate(recipientCertificate, { oaepHashAlgorithm: 'SHA-256', kdfAlgorithm: 'SHA-256' });
  await enveloped.encrypt({ name: 'AES-GCM', length: 256 } as never, content.buffer);
  const info = new ContentInfo({ contentType: ContentInfo.ENVELOPED_DATA, content: enveloped.toSchema() });
  return info.toSchema().toBER();
}

export function openPkijs(recipient: PkijsRecipient, message: ArrayBuffer): Promise<ArrayBuffer> {
  const info = ContentInfo.fromBER(message);
  const enveloped = new EnvelopedData({ schema: info.content });
  return enveloped.decrypt(0, recipient);
}
