/** Making the request for the application out of an admitted one: opened where it is sealed, verified where it must be. */

import type { BinaryRequest } from '../shared/encoding/bhttp/request.ts';
import { log } from '../shared/log.ts';
import type { ClientCertificate } from '../shared/protocol/client-certificate.ts';
import { SEALED_PATH } from '../shared/protocol/endpoints.ts';
import {
  CALE_ADMIT,
  CALE_ASKER,
  CALE_ENVELOPE,
  CALE_GUID,
  CALE_IDENTITY,
  CALE_PEM,
  CALE_REQUEST_ID,
  CIPHER,
  endToEndHeaders,
} from '../shared/protocol/headers.ts';
import type { RequestMessage } from '../shared/protocol/http-signature.ts';
import { deleteUnderscoredFields, faultOfRequestMethod } from '../shared/protocol/request-form.ts';
import type { RequestTrace } from '../shared/protocol/request-trace.ts';
import { isSafeMethod } from '../shared/protocol/signed-request.ts';
import { faultOfRequest } from '../shared/protocol/verify-request.ts';
import { openRequest } from './open-request.ts';
import type { Party } from './options.ts';
import { type SealedProblem, sealedProblemResponse } from './problems.ts';
import { readWhole } from './read-stream.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** The client of a request, and the ways in which the request was proved to be its own. */
export interface Client extends ClientCertificate {
  /** `signature`: the client signed this request. `reading`: only the client can read the answer. */
  readonly proof: 'signature' | 'reading';
  /** True when no party on the way could read the request. */
  readonly isSealed: boolean;
}

interface Received {
  /** The request as the client made and signs it, and as the signature of the answer covers it. */
  readonly message: RequestMessage;
}

/** A request for the application. */
export interface PreparedRequest extends Received {
  readonly request: Request;
  readonly client: Client;
}

/** A request for the application, or the problem that its client is answered with. */
export type Prepared = PreparedRequest | (Received & { readonly problem: Response });

export async function prepare(
  party: Party,
  client: ClientCertificate,
  request: Request,
  trace: RequestTrace,
): Promise<Prepared> {
  const isSealed = request.method === 'POST' && new URL(request.url).pathname === SEALED_PATH;
  return isSealed ? prepareSealed(party, client, request, trace) : preparePlain(party, client, request, trace);
}

/** A request as the edge sends it. */
export const messageOf = ({ method, url, headers }: Request): RequestMessage => ({
  method,
  targetUri: url,
  fields: [...headers],
});

async function preparePlain(
  party: Party,
  client: ClientCertificate,
  request: Request,
  trace: RequestTrace,
): Promise<Prepared> {
  const { method, url, headers, signal } = request;
  const message = messageOf(request);
  if (isSafeMethod(method) || party.unsafeMethods === 'allow') {
    return { message, request, client: { ...client, proof: 'reading', isSealed: false } };
  }
  const content = await readWhole(request.body, party.maxRequestBytes);
  if (content === undefined) return refuse(message, trace, 'content-too-large');
  const refused = await refusalOf(party, client, { message, content, trace });
  if (refused !== undefined) return refused;
  const verified = new Request(url, { method, headers, signal, redirect: 'manual', ...bodyOf(content) });
  return { message, request: verified, client: { ...client, proof: 'signature', isSealed: false } };
}

async function prepareSealed(
  party: Party,
  client: ClientCertificate,
  request: Request,
  trace: RequestTrace,
): Promise<Prepared> {
  const outer = messageOf(request);
  if (party.opener === undefined) return refuse(outer, trace, 'sealed-requests-not-supported');
  const sealed = await readWhole(request.body, party.maxRequestBytes);
  if (sealed === undefined) return refuse(outer, trace, 'content-too-large');
  const opened = await openRequest(sealed, await party.opener(), client, request.url);
  if (!opened.ok) return refuse(outer, trace, 'sealed-request-not-valid', opened.fault);
  const { method, targetUri, headers, content } = opened.value;
  const fault = faultOfRequestMethod(
    method,
    headers.map(([name]) => name),
    content.length > 0,
  );
  if (fault !== undefined) return refuse(outer, trace, 'sealed-request-not-valid', fault);
  const message = { method, targetUri, fields: headers };
  const isTaken = isSafeMethod(method) || party.unsafeMethods === 'allow';
  const refused = isTaken ? undefined : await refusalOf(party, client, { message, content, trace });
  if (refused !== undefined) return refused;
  const inner = tryCreateRequest(opened.value, request);
  if (inner === undefined) return refuse(message, trace, 'sealed-request-not-valid', 'no-request-of-fetch');
  return { message, request: inner, client: { ...client, proof: isTaken ? 'reading' : 'signature', isSealed: true } };
}

/** @returns the answer to a request that can change something, when it is not proved to be the client's. */
async function refusalOf(
  { clientKeys, unsafeMethods }: Party,
  client: ClientCertificate,
  { message, content, trace }: Received & { readonly content: Bytes; readonly trace: RequestTrace },
): Promise<Prepared | undefined> {
  if (unsafeMethods === 'refuse') return refuse(message, trace, 'method-refused');
  const fault = await faultOfRequest(message, content, client, clientKeys, Date.now());
  return fault === undefined ? undefined : refuse(message, trace, 'proof-not-valid', fault);
}

/** @param reason for operators. */
function refuse(
  message: RequestMessage,
  trace: RequestTrace,
  problem: SealedProblem,
  reason: string = problem,
): Prepared {
  log({ event: 'request-refused', reason });
  trace.outcome = 'refused';
  trace.reason = reason;
  return { message, problem: sealedProblemResponse(problem, trace.requestId) };
}

const bodyOf = (content: Bytes): { body?: Bytes } => (content.length > 0 ? { body: content } : {});

/** @returns undefined for a request that the Fetch standard does not have, such as one by TRACE. */
function tryCreateRequest({ method, targetUri, headers, content }: BinaryRequest, outer: Request): Request | undefined {
  try {
    const fields = innerFields(headers, content.length, outer.headers);
    const init = { method, headers: fields, signal: outer.signal, ...bodyOf(content) };
    return new Request(targetUri, { ...init, redirect: 'manual' });
  } catch {
    return undefined;
  }
}

/**
 * The fields of an inner request, without those that the edge drops from others or that have another meaning there, and
 * with what the edge says beside the outer one: the certificate, which the application may send on (B.2.5), and the id.
 */
function innerFields(fields: RequestMessage['fields'], length: number, outer: Headers): Headers {
  const own = new Headers();
  for (const [name, value] of fields) own.append(name, value);
  const headers = endToEndHeaders(own);
  for (const name of NOT_FORWARDED) headers.delete(name);
  deleteUnderscoredFields(headers);
  if (length > 0) headers.set('Content-Length', String(length));
  for (const name of OF_EDGE) {
    const value = outer.get(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}

const OF_EDGE = [CALE_PEM, CALE_REQUEST_ID];
/** Only other parties say these; answers are not compressed; the length is that of the content. */
const NOT_FORWARDED = [
  CALE_ADMIT,
  CALE_ASKER,
  CALE_ENVELOPE,
  CALE_GUID,
  CALE_IDENTITY,
  CALE_REQUEST_ID,
  CIPHER,
  'Accept-Encoding',
  'Content-Length',
];
