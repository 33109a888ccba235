/** Reading the application's Response as a whole, because only what has an end can be sealed. */

import type { BinaryResponse } from '../shared/encoding/bhttp/response.ts';
import { knownLength } from '../shared/known-length.ts';
import { endToEndLines } from '../shared/protocol/headers.ts';
import type { FieldLines } from '../shared/protocol/http-signature.ts';
import { mediaTypeOf } from '../shared/protocol/media-types.ts';
import type { RequestTrace } from '../shared/protocol/request-trace.ts';
import { decodeContent, tooLarge } from './content-coding.ts';
import { AnswerError } from './failure.ts';
import type { Party } from './options.ts';
import { sealedProblemResponse } from './problems.ts';
import { createChunkReader, readAll } from './read-stream.ts';

type Limits = Pick<Party, 'maxAnswerBytes' | 'maxAnswerSeconds'>;

/**
 * @param response of the application, which may have given anything else.
 * @param method of the request.
 * @returns the answer as it is sealed.
 * @throws {AnswerError} when it cannot be sealed; what its body fails with.
 */
export async function readAnswer(response: unknown, method: string, limits: Limits): Promise<BinaryResponse> {
  const answer = expectResponse(response);
  const { status, headers, body } = answer;
  const read = body === null ? NONE : await readBody(answer, body, limits);
  const codings = headers.get('Content-Encoding');
  // A part of an encoded content can only be decoded together with the others.
  if (codings === null || status === PARTIAL_CONTENT) {
    const isOfAnother = method === 'HEAD' || status === NOT_MODIFIED;
    return { status, headers: trueFields(headers, isOfAnother ? undefined : read.length), content: read };
  }
  const isArchive = ARCHIVE_TYPES.includes(mediaTypeOf(headers.get('Content-Type')));
  const content = isArchive ? read : await decodeContent(read, codings, limits.maxAnswerBytes);
  const fields = trueFields(headers, content.length).filter(([name]) => !OF_ENCODED_CONTENT.includes(name));
  return { status, headers: fields, content };
}

/** @returns the problem that the client reads in place of an answer. The operator is told why. */
export async function failedAnswer(
  { onFailure }: Pick<Party, 'onFailure'>,
  error: unknown,
  trace: RequestTrace,
): Promise<BinaryResponse> {
  const problem = error instanceof AnswerError ? error.problem : 'origin-failed';
  onFailure(problem, error);
  trace.outcome = 'unavailable';
  trace.reason = problem;
  const response = sealedProblemResponse(problem, trace.requestId);
  const content = new Uint8Array(await response.arrayBuffer());
  return { status: response.status, headers: [...response.headers], content };
}

const NONE = new Uint8Array(0);
const PARTIAL_CONTENT = 206;
/** Its Content-Length, as that of an answer to HEAD, is of the content that is not sent (RFC 9110 8.6). */
const NOT_MODIFIED = 304;
/** Servers that give a file of these types say its own compression as the content coding, and mean the file. */
const ARCHIVE_TYPES = ['application/gzip', 'application/x-gzip'];
/** Fields that are not true of the decoded content. */
const OF_ENCODED_CONTENT = ['content-encoding', 'content-digest'];

function expectResponse(value: unknown): Response {
  // Not by `instanceof`: frameworks have Responses of their own.
  const response = value as Response | null | undefined;
  if (typeof response?.status !== 'number' || typeof response.headers?.get !== 'function') {
    throw new AnswerError('origin-failed', 'the application gave no Response');
  }
  if (response.status === 101) {
    throw new AnswerError('upgrade-not-supported', 'the application wants to upgrade the connection');
  }
  if (response.status < 200 || response.status > 599) {
    throw new AnswerError('origin-failed', `the application answered with the status ${response.status}`);
  }
  if (response.bodyUsed) throw new AnswerError('origin-failed', 'the body of the answer was read before');
  return response;
}

async function readBody(response: Response, body: ReadableStream, limits: Limits): Promise<Uint8Array<ArrayBuffer>> {
  // Such a stream has an end. It is read at once, because a reader costs a Worker more than all the rest of reading.
  const length = response.headers.has('Content-Length') ? undefined : knownLength(body);
  // A length that a field says as well is that of an answer of another party, which may never send the rest.
  if (length === undefined) return readStream(body, limits);
  if (length > limits.maxAnswerBytes) throw tooLarge(limits.maxAnswerBytes);
  return new Uint8Array(await response.arrayBuffer());
}

/** Reads what may have no end. */
async function readStream(
  body: ReadableStream,
  { maxAnswerBytes, maxAnswerSeconds }: Limits,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = createChunkReader(body);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    reader.cancel();
  }, maxAnswerSeconds * 1000);
  try {
    const content = await readAll(reader, maxAnswerBytes);
    if (isLate) throw notEnded(maxAnswerSeconds);
    if (content === undefined) throw tooLarge(maxAnswerBytes);
    return content;
  } catch (error) {
    // Some streams fail when they are given up, others end.
    throw isLate ? notEnded(maxAnswerSeconds) : error;
  } finally {
    clearTimeout(timer);
  }
}

export const notEnded = (seconds: number): AnswerError =>
  new AnswerError('answer-not-ended', `the answer did not end within ${seconds} seconds`);

/** Fields that only requests have, and that other parties than the application set. */
const isOfRequests = (name: string): boolean => name === 'cipher' || name.startsWith('cale-');

/** @param length of the content; undefined where Content-Length is that of another answer. */
const trueFields = (headers: Headers, length: number | undefined): FieldLines =>
  endToEndLines(headers).filter(([name, value]) => {
    if (name === 'content-length') return length === undefined || value === String(length);
    return !isOfRequests(name);
  });
