/** Calling the parties behind the edge, and handing on their sealed answers. */

import { knownLength } from '../../shared/known-length.ts';
import { CALE_REQUEST_ID } from '../../shared/protocol/headers.ts';
import { PROBLEM_TYPE } from '../../shared/protocol/media-types.ts';
import { readBody } from '../../shared/protocol/read-body.ts';
import type { RequestTrace } from '../../shared/protocol/request-trace.ts';
import { formatOfSealed, sealedHeaders } from '../../shared/protocol/sealed-response.ts';
import { resolveWithin } from '../../shared/resolve-within.ts';
import type { IntegerRange } from '../../shared/settings.ts';

/** A party behind the edge did not do its part. The reason is for the log. */
export class UpstreamError extends Error {
  override name = 'UpstreamError';
}

/** A party behind the edge: a binding to a Worker, or an object that answers in its place. */
export interface Upstream {
  fetch(request: Request): Response | Promise<Response>;
}

/** Milliseconds that a party behind the edge may take to begin its answer. */
export const UPSTREAM_DEADLINE_MS: IntegerRange = { least: 100, most: 600_000, byDefault: 30_000 };

/** The slowest upload that is waited for, and the largest that counts, which is what an origin takes by default. */
const UPLOAD_BYTES_PER_MS = 64;
const MAX_UPLOAD_BYTES = 10 * 1024 * 1024;

/** @returns the party, whose answer begins within the deadline or fails. Once it has begun there is no deadline. */
export const withDeadline = (upstream: Upstream, milliseconds: number): Upstream => ({
  fetch: (request) => resolveWithin(upstream.fetch(request), milliseconds),
});

/**
 * As {@link withDeadline}, with more time where the body of a request streams through: an origin reads all of it before it
 * answers, and the client may be slow.
 */
export const withUploadDeadline = (upstream: Upstream, milliseconds: number): Upstream => ({
  fetch: (request) => resolveWithin(upstream.fetch(request), milliseconds + uploadMs(request)),
});

function uploadMs({ body, headers }: Request): number {
  if (body === null) return 0;
  const length = Number(headers.get('Content-Length') ?? MAX_UPLOAD_BYTES);
  return Math.min(length, MAX_UPLOAD_BYTES) / UPLOAD_BYTES_PER_MS;
}

/** A party by its name in the log. */
export type Party = 'authority' | 'origin';

/**
 * @param request gets the id of the client's request, in place of what the client may have sent under that name.
 * @param trace of the client's request: the party's time is noted there.
 * @returns the party's answer, when it is one below 500.
 * @throws {UpstreamError} when it cannot be reached or fails.
 */
export async function fetchUpstream(
  party: Party,
  upstream: Upstream,
  request: Request,
  trace: RequestTrace,
): Promise<Response> {
  let response: Response;
  request.headers.set(CALE_REQUEST_ID, trace.requestId);
  try {
    response = await trace.time(party, () => upstream.fetch(request));
  } catch (error) {
    throw new UpstreamError(`${party} cannot be reached: ${error instanceof Error ? error.message : 'unknown reason'}`);
  }
  if (response.status >= 500) throw new UpstreamError(`${party} answered ${response.status}`);
  return response;
}

/**
 * The one way by which an answer of another party reaches a client.
 * @returns the sealed body under the edge's own header fields, and no other field of the party's answer, because a field
 *   more or less would tell a real answer from a decoy.
 * @throws {UpstreamError} when the answer is not sealed, or is too large to be framed. It is not handed on.
 */
export async function relaySealedResponse(party: Party, response: Response): Promise<Response> {
  const format = formatOfSealed(response);
  if (format === undefined) throw new UpstreamError(`${party} answered ${response.status}, not sealed`);
  return new Response(await framedBody(party, response), { status: 200, headers: sealedHeaders(format) });
}

/** Maximum size of an answer that comes without a length, in bytes: an isolate has 128 MB. */
const MAX_UNFRAMED_BYTES = 48 * 1024 * 1024;

/**
 * Gives every answer a length, so that all are framed by Content-Length: those of a party that sends its answers in chunks
 * as well, beside which an answer that the edge seals itself would be told. Others stream through.
 */
async function framedBody(party: Party, response: Response): Promise<BodyInit | null> {
  const { body } = response;
  if (body === null || knownLength(body) !== undefined) return body;
  const content = await readBody(response, MAX_UNFRAMED_BYTES);
  if (content === undefined) throw new UpstreamError(`${party} answered with more than ${MAX_UNFRAMED_BYTES} bytes`);
  return content;
}

/**
 * Does what {@link relaySealedResponse} does, and hands on problems in the clear.
 * @param statuses of the problems that the party may answer with.
 */
export async function relayOrProblem(party: Party, response: Response, statuses: readonly number[]): Promise<Response> {
  const isProblem = statuses.includes(response.status) && response.headers.get('Content-Type') === PROBLEM_TYPE;
  if (!isProblem) return relaySealedResponse(party, response);
  const headers = { 'Content-Type': PROBLEM_TYPE, 'Cache-Control': 'no-store' };
  return new Response(response.body, { status: response.status, headers });
}
