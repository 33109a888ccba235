/** The answers to requests that a party behind the edge failed at. */

import type { ContentEncryptionName } from '../../shared/cms/content-encryption.ts';
import { importRecipient } from '../../shared/cms/recipients/recipients.ts';
import { seal } from '../../shared/cms/seal.ts';
import { sealForNone } from '../../shared/cms/seal-for-none.ts';
import { parsePublicKey } from '../../shared/crypto/keys/public-key.ts';
import { encodeResponse } from '../../shared/encoding/bhttp/response.ts';
import { parseCalePem } from '../../shared/protocol/cale-pem.ts';
import { CALE_ACCEPT, CALE_REQUEST_ID, wantsBinaryHttp } from '../../shared/protocol/headers.ts';
import { ID_KP_DECOY } from '../../shared/protocol/oids.ts';
import { padme } from '../../shared/protocol/padding.ts';
import { problemResponse, withRequestId } from '../../shared/protocol/problem.ts';
import { createSealedResponse, negotiateFormat } from '../../shared/protocol/sealed-response.ts';
import { parseCertificate } from '../../shared/x509/certificate.ts';
import { isOnlyFor, parseSubjectKeyIdentifier } from '../../shared/x509/extensions.ts';

/** Seconds that a client is asked to wait: a guess. */
const RETRY_AFTER = 5;

/** The answer in the clear, for known and unknown GUIDs alike. */
export const unavailable = (): Response => problemResponse('unavailable', { 'Retry-After': String(RETRY_AFTER) });

/**
 * Seals `unavailable` to the client, in the form of every sealed answer; a decoy of it, where the certificate is one for
 * decoys. It is not signed, because the edge has no key of the origin.
 * @param request of the client.
 * @param calePem its certificate, as `CALE-PEM`.
 */
export async function sealUnavailable(
  request: Request,
  calePem: string,
  encryption: ContentEncryptionName,
  requestId: string,
): Promise<Response> {
  const { spki, extensions } = parseCertificate(parseCalePem(calePem));
  const recipient = await importRecipient(parsePublicKey(spki), parseSubjectKeyIdentifier(extensions));
  const sealProblem = isOnlyFor(extensions, ID_KP_DECOY) ? sealForNone : seal;
  const parts = await sealProblem(recipient, encryption, await encodeProblem(request.headers, requestId));
  return createSealedResponse(negotiateFormat(encryption, request.headers.get('Accept')), parts, request.method);
}

async function encodeProblem(headers: Headers, requestId: string): Promise<Uint8Array<ArrayBuffer>> {
  const { answer: problem } = await withRequestId(unavailable(), requestId);
  problem.headers.set(CALE_REQUEST_ID, requestId);
  const content = new Uint8Array(await problem.arrayBuffer());
  if (!wantsBinaryHttp(headers.get(CALE_ACCEPT))) return content;
  return encodeResponse({ status: problem.status, headers: [...problem.headers], content }, padme);
}
