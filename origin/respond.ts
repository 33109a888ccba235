/** Sealing an answer for the client of a request (draft 4.2, B.2.7). */

import type { Recipient } from '../shared/cms/recipients/recipient-type.ts';
import { importRecipient } from '../shared/cms/recipients/recipients.ts';
import { seal } from '../shared/cms/seal.ts';
import type { PublicKey } from '../shared/crypto/keys/public-key.ts';
import { encodeResponse } from '../shared/encoding/bhttp/response.ts';
import { CALE_ACCEPT, endToEndHeaders, wantsBinaryHttp } from '../shared/protocol/headers.ts';
import { padme } from '../shared/protocol/padding.ts';
import { createSealedResponse, negotiateFormat } from '../shared/protocol/sealed-response.ts';
import type { Admission } from './admit.ts';

/**
 * @param request as it was admitted.
 * @param response of the application, of any status.
 * @returns the sealed answer; `response` itself where the request names no cipher.
 */
export async function respond(
  { client, encryption }: Admission,
  request: Request,
  response: Response,
): Promise<Response> {
  if (encryption === undefined) return response;
  const [recipient, content] = await Promise.all([recipientOf(client.publicKey), contentOf(request, response)]);
  const parts = await seal(recipient, encryption, content);
  return createSealedResponse(negotiateFormat(encryption, request.headers.get('Accept')), parts, request.method);
}

/** Keys are imported once for each client that is remembered: its key is the same object each time. */
const recipients = new WeakMap<PublicKey, Recipient>();

async function recipientOf(key: PublicKey): Promise<Recipient> {
  const known = recipients.get(key);
  if (known !== undefined) return known;
  const recipient = await importRecipient(key);
  recipients.set(key, recipient);
  return recipient;
}

/** The body of the answer; where the client asks for it, the whole answer as Binary HTTP. */
async function contentOf(request: Request, response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const content = new Uint8Array(await response.arrayBuffer());
  if (!wantsBinaryHttp(request.headers.get(CALE_ACCEPT))) return content;
  return encodeResponse({ status: response.status, headers: [...endToEndHeaders(response.headers)], content }, padme);
}
