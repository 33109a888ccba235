/**
 * A party behind the edge (draft 4.2), for every application that makes a Response of a Request: its requests are let in
 * by their certificates, opened where they are sealed, verified where they can change something, and their answers are
 * signed and sealed.
 */

import type { BinaryResponse } from '../shared/encoding/bhttp/response.ts';
import type { ClientCertificate } from '../shared/protocol/client-certificate.ts';
import { ORIGIN_CERTIFICATES_PATH } from '../shared/protocol/endpoints.ts';
import { CALE_PEM } from '../shared/protocol/headers.ts';
import type { RequestMessage } from '../shared/protocol/http-signature.ts';
import { admit } from './admit.ts';
import { namesOf, type RequestNames, shapeOfPath } from './decoys/request-names.ts';
import { createParty, type OriginOptions, type Party } from './options.ts';
import { type Client, messageOf, type PreparedRequest, prepare } from './prepare.ts';
import { failedAnswer, readAnswer } from './read-answer.ts';
import { readWhole } from './read-stream.ts';
import { respond } from './respond.ts';

/** The application behind this library. */
export type Application = (request: Request, client: Client) => Response | Promise<Response>;

/** What a framework adds to the handling of requests. Without it, an application is no more than a function. */
export interface Framework {
  /**
   * Gives the path of the route that a request is for, without running a handler. By default the parts of the path, where
   * those that look like data have one name.
   */
  readonly routeOf?: (request: Request) => string;
  /** Hands an answer through the framework in place of a handler's, so that it takes as long. */
  readonly relay?: (request: Request, answer: () => Promise<Response>) => Response | Promise<Response>;
}

export interface Origin {
  /**
   * @returns the answer to the edge. It is sealed for each client that is let in, however the application ends: what it
   *   throws becomes the problem `origin-failed`. Only a party that answers in the clear throws what the application throws.
   *   A decoy imitates what the application answered on the same route; the application is not asked for it.
   */
  handle(request: Request, application: Application, framework?: Framework): Promise<Response>;
}

/** @throws {EncodingError} when a certificate or a key is not usable. */
export function createOrigin(options: OriginOptions): Origin {
  const party = createParty(options);
  return {
    handle: (request, application, framework = {}) => handle(party, request, application, framework),
  };
}

async function handle(
  party: Party,
  request: Request,
  application: Application,
  framework: Framework,
): Promise<Response> {
  if (isForCertificates(request)) return publishedCertificates(party);
  const admitted = await admit(request, party);
  if (!admitted.ok) {
    party.onRefusal(admitted.fault);
    return new Response(null, { status: 403, headers: { 'Cache-Control': 'no-store' } });
  }
  const { client, encryption } = admitted.value;
  if (encryption === undefined) return application(request, { ...client, proof: 'reading', isSealed: false });
  await party.decoys.ready();
  const { message, answer } = await answerOf(party, client, request, application, framework);
  return respond(party, { client, encryption, outer: request, message }, answer);
}

/**
 * @returns the answer of the application or a decoy of one, or a problem in its place when it threw anything at all, or gave
 *   what cannot be sealed. A failure that reached the edge would tell that the GUID is known.
 */
async function answerOf(
  party: Party,
  client: ClientCertificate,
  request: Request,
  application: Application,
  framework: Framework,
): Promise<{ readonly message: RequestMessage; readonly answer: BinaryResponse }> {
  let message: RequestMessage | undefined;
  try {
    const prepared = await prepare(party, client, request);
    message = prepared.message;
    if ('problem' in prepared) return { message, answer: await readAnswer(prepared.problem, message.method, party) };
    const { routeOf = shapeOfPath } = framework;
    const names = namesOf(message, routeOf(prepared.request));
    const ask = client.isDecoy ? imitateApplication : askApplication;
    return { message, answer: await ask(party, prepared, names, application, framework) };
  } catch (error) {
    return { message: message ?? messageOf(request), answer: await failedAnswer(party, error) };
  }
}

/** @returns the application's answer, or the problem in its place: decoys imitate both from then on. */
async function askApplication(
  party: Party,
  { message: { method }, request, client }: PreparedRequest,
  names: RequestNames,
  application: Application,
): Promise<BinaryResponse> {
  const watch = party.decoys.startWatch(names, client);
  const answer = await answerOrProblem(party, method, () => application(request, client));
  if (method !== 'HEAD') party.decoys.learn(names, client, { answer, watch, readsBody: request.bodyUsed });
  return answer;
}

async function imitateApplication(
  party: Party,
  { message: { method }, request, client }: PreparedRequest,
  names: RequestNames,
  _application: Application,
  { relay = (_request, answer) => answer() }: Framework,
): Promise<BinaryResponse> {
  const readBody = () => readWhole(request.body, party.maxRequestBytes);
  return answerOrProblem(party, method, () =>
    relay(request, () => party.decoys.imitate(names, client, request, readBody)),
  );
}

async function answerOrProblem(party: Party, method: string, ask: () => unknown): Promise<BinaryResponse> {
  try {
    return await readAnswer(await ask(), method, party);
  } catch (error) {
    return failedAnswer(party, error);
  }
}

/** The edge's question, which comes without the certificate of a client. */
const isForCertificates = (request: Request): boolean =>
  !request.headers.has(CALE_PEM) && new URL(request.url).pathname === ORIGIN_CERTIFICATES_PATH;

const publishedCertificates = ({ published }: Party): Response =>
  Response.json(published, { headers: { 'Cache-Control': 'no-store' } });
