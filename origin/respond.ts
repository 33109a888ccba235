/** Sealing an answer for the client of a request (draft 4.2, B.2.7), and signing it inside of the envelope. */

import type { ContentEncryptionName } from '../shared/cms/content-encryption.ts';
import { seal } from '../shared/cms/seal.ts';
import { sealForNone } from '../shared/cms/seal-for-none.ts';
import { encodeBase64Url } from '../shared/encoding/base64.ts';
import { type BinaryResponse, encodeResponse } from '../shared/encoding/bhttp/response.ts';
import type { ReusedBuffer } from '../shared/encoding/reused-buffer.ts';
import type { ClientCertificate } from '../shared/protocol/client-certificate.ts';
import { encodeContentDigest } from '../shared/protocol/content-digest.ts';
import {
  CALE_ACCEPT,
  CALE_ENVELOPE,
  CALE_KEY,
  CALE_NONCE,
  CALE_REQUEST_ID,
  wantsBinaryHttp,
} from '../shared/protocol/headers.ts';
import { type FieldLines, type RequestMessage, signMessage } from '../shared/protocol/http-signature.ts';
import { padme } from '../shared/protocol/padding.ts';
import type { RequestTrace } from '../shared/protocol/request-trace.ts';
import { createSealedResponse, negotiateFormat } from '../shared/protocol/sealed-response.ts';
import { ANSWER_TAG, answerComponents } from '../shared/protocol/signed-answer.ts';
import type { HttpSigner } from './keys.ts';
import type { Party } from './options.ts';
import { failedAnswer } from './read-answer.ts';

/** The request that an answer belongs to, and its client. */
export interface Answered {
  readonly client: ClientCertificate;
  readonly encryption: ContentEncryptionName;
  /** The request of the edge, which says the form of the answer. */
  readonly outer: Request;
  /** The request as the client signs it, and as the signature of the answer covers it. */
  readonly message: RequestMessage;
}

/**
 * @param trace of the request, whose id a whole answer has as a field: added here, so that no form of answers is learned
 *   with it, and that decoys have it as well.
 * @returns the sealed answer: as a whole where the client asks for it, else its content.
 */
export async function respond(
  party: SealingParty,
  answered: Answered,
  answer: BinaryResponse,
  trace: RequestTrace,
): Promise<Response> {
  const { client, encryption, outer } = answered;
  const recipient = await party.clientKeys.recipient(client.publicKey, client.keyIdentifier);
  const sealFor = client.isDecoy ? sealForNone : seal;
  const sealContent = (content: Uint8Array<ArrayBuffer>) => sealFor(recipient, encryption, content);
  const parts = wantsBinaryHttp(outer.headers.get(CALE_ACCEPT))
    ? await sealAnswer(await signed(party, answered, answer, trace), sealContent, party.messages)
    : await sealContent(answer.content);
  // An edge that is older than this library asks for the envelope by Accept.
  const accept = outer.headers.get(CALE_ENVELOPE) ?? outer.headers.get('Accept');
  return createSealedResponse(negotiateFormat(encryption, accept), parts, outer.method);
}

type SealingParty = Pick<Party, 'clientKeys' | 'messages' | 'signer' | 'onFailure'>;

/** The answer with the id of the request, and its signature, where it is to have one. If it cannot be signed, it is not sent, but a problem is. */
async function signed(
  { signer, onFailure }: SealingParty,
  { client, message, outer }: Answered,
  answer: BinaryResponse,
  trace: RequestTrace,
): Promise<BinaryResponse> {
  const named = withRequestId(answer, trace);
  if (signer === undefined || !outer.headers.has(CALE_NONCE)) return named;
  const { status, headers: fields, content } = named;
  try {
    const headers = await signAnswer({ status, fields, request: withKey(message, client) }, content, signer);
    return { status, headers, content };
  } catch (error) {
    return withRequestId(await failedAnswer({ onFailure }, error, trace), trace);
  }
}

const withRequestId = ({ headers, ...answer }: BinaryResponse, { requestId }: RequestTrace): BinaryResponse => ({
  ...answer,
  headers: [...headers, [CALE_REQUEST_ID.toLowerCase(), requestId]],
});

/**
 * Seals a whole answer as Binary HTTP.
 * @param messages gives the memory that it is put together in.
 * @returns DER of the ContentInfo in parts.
 */
export async function sealAnswer(
  answer: BinaryResponse,
  sealContent: (content: Uint8Array<ArrayBuffer>) => Promise<readonly Uint8Array[]>,
  messages: ReusedBuffer,
): Promise<readonly Uint8Array[]> {
  const message = encodeResponse(answer, padme, (length) => messages.take(length));
  const parts = await sealContent(message);
  messages.giveBack(message);
  return parts;
}

/** The request with the key of the client as its certificate says it, whatever the request says. */
function withKey({ fields, ...request }: RequestMessage, { keyIdentifier }: ClientCertificate): RequestMessage {
  const name = CALE_KEY.toLowerCase();
  const others = fields.filter(([each]) => each !== name);
  return { ...request, fields: [...others, [name, encodeBase64Url(keyIdentifier)]] };
}

/** @returns the fields of the answer with its digest and its signature. */
export async function signAnswer(
  { status, fields, request }: { status: number; fields: FieldLines; request: RequestMessage },
  content: Uint8Array<ArrayBuffer>,
  { keyid, alg, sign }: HttpSigner,
): Promise<FieldLines> {
  const digested: FieldLines = [
    ...fields.filter(([name]) => !REPLACED.includes(name)),
    ['content-digest', await encodeContentDigest(content)],
  ];
  const message = { status, fields: digested, request };
  const signature = await signMessage(message, answerComponents(digested), { keyid, alg, tag: ANSWER_TAG }, sign);
  return [...digested, ['signature-input', signature['signature-input']], ['signature', signature.signature]];
}

/** Fields of the application that would stand twice. */
const REPLACED = ['content-digest', 'signature', 'signature-input'];
