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
import { requestIdOf } from '../shared/protocol/request-id.ts';
import { RequestTrace } from '../shared/protocol/request-trace.ts';
import { DeadlineError, resolveWithin } from '../shared/resolve-within.ts';
import { admit } from './admit.ts';
import { namesOf, type RequestNames, shapeOfPath } from './decoys/request-names.ts';
import { AnswerError } from './failure.ts';
import { createParty, type OriginOptions, type Party } from './options.ts';
import { type Client, messageOf, type PreparedRequest, prepare } from './prepare.ts';
import { failedAnswer, notEnded, readAnswer } from './read-answer.ts';
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

/** A party behind the edge. */
export interface Origin {
  /**
   * @returns the answer to the edge. It is sealed for each client that is let in, however the application ends: what it
   *   throws becomes the problem `origin-failed`, and one that hangs `origin-too-slow`. Only a party that answers in the clear throws what the application throws.
   *   A decoy imitates what the application answered on the same route; the application is not asked for it.
   */
  handle(request: Request, application: Application, framework?: Framework): Promise<Response>;
}

/** @throws {EncodingError} when a certificate or a key is not usable. @throws {ConfigError} for a bad `deadlineMs`. */
export function createOrigin(options: OriginOptions): Origin {
  const party = createParty(options);
  return {
    async handle(request, application, framework = {}) {
      const trace = new RequestTrace(requestIdOf(request.headers));
      const tell = (route: string, method: string, status: number) =>
        party.onRequest(trace.line(route, method, status));
      try {
        const handled = await handle(party, request, { application, framework, trace });
        tell(handled.route, handled.method ?? request.method, handled.status ?? handled.response.status);
        return handled.response;
      } catch (error) {
        // Of an application that answers in the clear.
        tell('none', request.method, 500);
        throw error;
      }
    },
  };
}

/** What a request is handled with. */
interface Exchange {
  readonly application: Application;
  readonly framework: Framework;
  readonly trace: RequestTrace;
}

interface Handled {
  readonly response: Response;
  /** For the log. */
  readonly route: string;
  /** Of the request as the client made it, and of the answer inside of the envelope, where they are others than outside. */
  readonly method?: string;
  readonly status?: number;
}

async function handle(party: Party, request: Request, exchange: Exchange): Promise<Handled> {
  if (isForCertificates(request)) return { response: publishedCertificates(party), route: 'certificates' };
  const { application, trace } = exchange;
  const admitted = await admit(request, party);
  if (!admitted.ok) {
    trace.reason = admitted.fault;
    party.onRefusal(admitted.fault);
    const isDecoy = admitted.fault === 'certificate-for-a-decoy';
    const refusal = isDecoy ? Response.json(OF_DECOY, { status: 403 }) : new Response(null, { status: 403 });
    return { response: notStored(refusal), route: 'none' };
  }
  const { client, encryption } = admitted.value;
  trace.keyType = client.publicKey.keyType;
  trace.cipher = encryption;
  if (encryption === undefined) {
    const known: Client = { ...client, proof: 'reading', isSealed: false };
    const answer = await trace.time('application', () => application(request, known));
    return { response: notStored(answer), route: 'clear' };
  }
  await party.decoys.ready();
  const { message, answer, route } = await answerOf(party, client, request, exchange);
  return {
    response: await respond(party, { client, encryption, outer: request, message }, answer, trace),
    route,
    method: message.method,
    status: answer.status,
  };
}

interface Answer {
  readonly message: RequestMessage;
  readonly answer: BinaryResponse;
  readonly route: string;
}

/**
 * @returns the answer of the application or a decoy of one, or a problem in its place when it threw anything at all, or gave
 *   what cannot be sealed. A failure that reached the edge would tell that the GUID is known.
 */
async function answerOf(
  party: Party,
  client: ClientCertificate,
  request: Request,
  exchange: Exchange,
): Promise<Answer> {
  const { framework, trace } = exchange;
  let message: RequestMessage | undefined;
  try {
    const prepared = await prepare(party, client, request, trace);
    message = prepared.message;
    if ('problem' in prepared) {
      return { message, answer: await readAnswer(prepared.problem, message.method, party), route: 'none' };
    }
    const pattern = framework.routeOf?.(prepared.request);
    const names = namesOf(message, pattern ?? shapeOfPath(prepared.request));
    // A path in which no router knows a pattern can hold names of people.
    return { message, answer: await askOrImitate(party, prepared, names, exchange), route: pattern || 'resource' };
  } catch (error) {
    const answer = await failedAnswer(party, error, trace);
    return { message: message ?? messageOf(request), answer, route: 'none' };
  }
}

/**
 * @returns the application's answer or a decoy of one, or the problem in its place. What is done around them is the same,
 *   so that it takes as long: something is drawn for both, and both are learned.
 */
async function askOrImitate(
  party: Party,
  { message: { method }, request, client }: PreparedRequest,
  names: RequestNames,
  { application, framework, trace }: Exchange,
): Promise<BinaryResponse> {
  const { decoys } = party;
  const { relay = (_request, answer) => answer() } = framework;
  const readBody = () => readWhole(request.body, party.maxRequestBytes);
  const watch = decoys.startWatch(names, client);
  const drawn = decoys.draw(names, client);
  const imitate = () => relay(request, () => decoys.imitate(drawn, names, request, readBody));
  const answer = await answerOrProblem(party, method, {
    ask: client.isDecoy ? imitate : () => application(request, client),
    trace,
    onFailure: client.isDecoy ? ignore : party.onFailure,
  });
  if (method !== 'HEAD') decoys.learn(names, client, { answer, watch, readsBody: request.bodyUsed });
  return answer;
}

interface Asking {
  /** Gives the application's answer, or a decoy of one: both have the same time. */
  readonly ask: () => unknown;
  readonly trace: RequestTrace;
  /** Told of what the application does; of decoys nothing is to be told. */
  readonly onFailure: Party['onFailure'];
}

async function answerOrProblem(
  party: Party,
  method: string,
  { ask, trace, onFailure }: Asking,
): Promise<BinaryResponse> {
  const { deadlineMs } = party;
  let isBegun = false;
  const answer = async () => {
    const response = await ask();
    isBegun = true;
    return readAnswer(response, method, party);
  };
  try {
    return await trace.time('application', () => resolveWithin(answer(), deadlineMs));
  } catch (error) {
    if (!(error instanceof DeadlineError)) return failedAnswer({ onFailure }, error, trace);
    return failedAnswer({ onFailure }, isBegun ? notEnded(deadlineMs / 1000) : tooSlow(deadlineMs), trace);
  }
}

const tooSlow = (milliseconds: number): AnswerError =>
  new AnswerError('origin-too-slow', `the application gave no answer within ${milliseconds} ms`);

const ignore = (): void => undefined;

/** An answer in the clear is of one client: no cache between the parties may give it to another. */
function notStored(answer: Response): Response {
  // An upgraded connection cannot be made once more.
  if (answer.status === 101) return answer;
  const copy = new Response(answer.body, answer);
  copy.headers.set('Cache-Control', NO_STORE['Cache-Control']);
  return copy;
}

const NO_STORE = { 'Cache-Control': 'no-store' };
/** A decoy's call of another party is refused with a body, made as answers are: one takes longer to come than none. */
const OF_DECOY = 'refused';

/** The edge's question, which comes without the certificate of a client. */
const isForCertificates = (request: Request): boolean =>
  !request.headers.has(CALE_PEM) && new URL(request.url).pathname === ORIGIN_CERTIFICATES_PATH;

const publishedCertificates = ({ published }: Party): Response => Response.json(published, { headers: NO_STORE });
