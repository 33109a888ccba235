/** One request of a tool: asked of the edge by the client, and answered in the clear. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { CALE_ACCEPT, CALE_GUID, CALE_KEY, CALE_NONCE, endToEndHeaders } from '../../../shared/protocol/headers.ts';
import { PROBLEM_TYPE } from '../../../shared/protocol/media-types.ts';
import type { CaleClient } from '../../client.ts';
import { CaleError } from '../../errors.ts';
import { MAX_REQUEST_BYTES } from '../../exchange/request-body.ts';

/** Fields that are of this hop, or that the client sets. */
const NOT_FORWARDED = [
  'Authorization',
  'Content-Length',
  'Expect',
  'Host',
  CALE_ACCEPT,
  CALE_GUID,
  CALE_KEY,
  CALE_NONCE,
];
/** Fetch has no such methods: the first is for tunnels, the second shows what proxies add. */
const NOT_ASKED = ['CONNECT', 'TRACE'];
const BODILESS = ['GET', 'HEAD'];

/** A problem of this hop (RFC 9457), such as `urn:cale:problem:unreadable`. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly type?: string;
  readonly headers?: Record<string, string | string[]>;
}

/** Answers a request that was let in. @returns the problem that it was answered with, if it was. */
export async function answer(
  client: CaleClient,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  signal: AbortSignal,
): Promise<Problem | undefined> {
  const problem = await tryAnswer(client, incoming, outgoing, signal).catch(problemOf);
  if (problem !== undefined) sendProblem(outgoing, problem);
  return problem;
}

async function tryAnswer(
  client: CaleClient,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  signal: AbortSignal,
): Promise<Problem | undefined> {
  const { method = '', url: target = '' } = incoming;
  if (NOT_ASKED.includes(method)) return { status: 501, title: `${method} is not forwarded.` };
  if (!target.startsWith('/')) return { status: 400, title: 'The target of a request begins with a slash here.' };
  const body = await readBody(incoming);
  if (body === undefined) {
    return {
      status: 413,
      title: `The body is larger than ${MAX_REQUEST_BYTES} bytes.`,
      headers: { Connection: 'close' },
    };
  }
  if (body.length > 0 && BODILESS.includes(method)) return { status: 501, title: `A ${method} has no body here.` };
  const response = await client.fetch(client.edge + target, {
    method,
    headers: requestFields(incoming, client.edge),
    redirect: 'manual',
    signal,
    ...(body.length > 0 && { body }),
  });
  const content = Buffer.from(await response.arrayBuffer());
  outgoing.writeHead(response.status, responseFields(response, client.edge, method === 'HEAD' ? undefined : content));
  outgoing.end(content);
  return undefined;
}

/** @returns undefined when it is too large; the rest is not read then. */
async function readBody(incoming: IncomingMessage): Promise<Buffer<ArrayBuffer> | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  // The connection has to live on, for the answer.
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    length += (chunk as Buffer).length;
    if (length > MAX_REQUEST_BYTES) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function requestFields({ rawHeaders }: IncomingMessage, edge: string): Headers {
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  const fields = endToEndHeaders(headers);
  for (const name of NOT_FORWARDED) fields.delete(name);
  // The API knows itself by its own origin only.
  if (fields.has('Origin')) fields.set('Origin', edge);
  return fields;
}

/** Names and values in turn, so that a name can stand twice. */
function responseFields({ headers, status }: Response, edge: string, content: Buffer | undefined): string[] {
  const fields = [...endToEndHeaders(headers)].filter(([name]) => content === undefined || name !== 'content-length');
  const hasLength = content !== undefined && status !== 204 && status !== 304;
  const length = hasLength ? [['content-length', String(content.length)] as const] : [];
  return [...fields, ...length].flatMap(([name, value]) => [name, name === 'location' ? here(value, edge) : value]);
}

/** A redirect to the edge leads to this view of it. */
const here = (location: string, edge: string): string =>
  location === edge || location.startsWith(`${edge}/`) ? location.slice(edge.length) || '/' : location;

function problemOf(error: unknown): Problem {
  const title = error instanceof Error ? error.message : String(error);
  if (!(error instanceof CaleError)) return { status: 502, title };
  const { code, refusal } = error;
  const type = `urn:cale:problem:${refusal?.problem ?? code}`;
  const isPassing = refusal?.status === 429 || refusal?.status === 503;
  const { retryAfter } = refusal ?? {};
  return {
    type,
    title,
    status: isPassing ? refusal.status : 502,
    ...(retryAfter !== undefined && { headers: { 'Retry-After': String(retryAfter) } }),
  };
}

export function sendProblem(outgoing: ServerResponse, { status, title, type, headers = {} }: Problem): void {
  if (outgoing.headersSent || outgoing.destroyed) return;
  const fields = { ...headers, 'Content-Type': PROBLEM_TYPE, 'Cache-Control': 'no-store' };
  outgoing.writeHead(status, fields);
  outgoing.end(JSON.stringify({ ...(type !== undefined && { type }), title, status }));
}
