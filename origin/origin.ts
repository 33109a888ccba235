/**
 * A party behind the edge (draft 4.2), for every application that makes a Response of a Request: its requests are let in
 * by their certificates, opened where they are sealed, verified where they can change something, and their answers are
 * signed and sealed.
 */

import type { BinaryResponse } from '../shared/encoding/bhttp/response.ts';
import type { ClientCertificate } from '../shared/protocol/client-certificate.ts';
import { ORIGIN_CERTIFICATES_PATH } from '../shared/protocol/endpoints.ts';
import { CALE_ACCEPT, CALE_PEM, wantsBinaryHttp } from '../shared/protocol/headers.ts';
import type { RequestMessage } from '../shared/protocol/http-signature.ts';
import { admit } from './admit.ts';
import { createParty, type OriginOptions, type Party } from './options.ts';
import { type Client, messageOf, prepare } from './prepare.ts';
import { failedAnswer, readAnswer } from './read-answer.ts';
import { respond } from './respond.ts';

/** The application behind this library. */
export type Application = (request: Request, client: Client) => Response | Promise<Response>;

export interface Origin {
  /**
   * @returns the answer to the edge. It is sealed for each client that is let in, however the application ends: what it
   *   throws becomes the problem `origin-failed`. Only a party that answers in the clear throws what the application throws.
   */
  handle(request: Request, application: Application): Promise<Response>;
}

/** @throws {EncodingError} when a certificate or a key is not usable. */
export function createOrigin(options: OriginOptions): Origin {
  const party = createParty(options);
  return { handle: (request, application) => handle(party, request, application) };
}

async function handle(party: Party, request: Request, application: Application): Promise<Response> {
  if (isForCertificates(request)) return publishedCertificates(party);
  const admitted = await admit(request, party);
  if (!admitted.ok) {
    party.onRefusal(admitted.fault);
    return new Response(null, { status: 403, headers: { 'Cache-Control': 'no-store' } });
  }
  const { client, encryption } = admitted.value;
  if (encryption === undefined) return application(request, { ...client, proof: 'reading', isSealed: false });
  const { message, answer } = await answerOf(party, client, request, application);
  return respond(party, { client, encryption, outer: request, message }, answer);
}

/**
 * @returns the answer of the application, or a problem in its place when it threw anything at all, or gave what cannot be
 *   sealed. A failure that reached the edge would tell that the GUID is known.
 */
async function answerOf(
  party: Party,
  client: ClientCertificate,
  request: Request,
  application: Application,
): Promise<{ readonly message: () => RequestMessage; readonly answer: BinaryResponse }> {
  const isWhole = wantsBinaryHttp(request.headers.get(CALE_ACCEPT));
  let message = () => messageOf(request);
  try {
    const prepared = await prepare(party, client, request);
    message = prepared.message;
    const response = 'problem' in prepared ? prepared.problem : await application(prepared.request, prepared.client);
    return { message, answer: await readAnswer(response, { method: prepared.method, isWhole }, party) };
  } catch (error) {
    return { message, answer: await failedAnswer(party, error) };
  }
}

/** The edge's question, which comes without the certificate of a client. */
const isForCertificates = (request: Request): boolean =>
  !request.headers.has(CALE_PEM) && new URL(request.url).pathname === ORIGIN_CERTIFICATES_PATH;

const publishedCertificates = ({ published }: Party): Response =>
  Response.json(published, { headers: { 'Cache-Control': 'no-store' } });
