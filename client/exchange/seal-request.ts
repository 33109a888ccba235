/** Sealing a request to the origin's key, so that no other party on the way reads it. */

import { importRecipient } from '../../shared/cms/recipients/recipients.ts';
import { seal } from '../../shared/cms/seal.ts';
import { encodeRequest } from '../../shared/encoding/bhttp/request.ts';
import { concat } from '../../shared/encoding/bytes.ts';
import type { RequestMessage } from '../../shared/protocol/http-signature.ts';
import type { OriginPublicKey } from '../../shared/protocol/origin-certificate.ts';
import { padme } from '../../shared/protocol/padding.ts';
import type { WebCrypto } from './send.ts';

/** @returns DER of the CMS that the sealed endpoint takes. */
export async function sealRequest(
  { method, targetUri, fields }: RequestMessage,
  content: Uint8Array<ArrayBuffer>,
  { publicKey, keyIdentifier }: OriginPublicKey,
  webCrypto: WebCrypto,
): Promise<Uint8Array<ArrayBuffer>> {
  const message = encodeRequest({ method, targetUri, headers: fields, content }, padme);
  const recipient = await importRecipient(publicKey, keyIdentifier, webCrypto.subtle);
  return concat(await seal(recipient, 'AES-256-GCM', message, webCrypto));
}
