/** The refusals and failures that only the client reads: problems inside of the envelope (RFC 9457). */

import { createProblemResponder } from '../shared/protocol/problem.ts';

export const SEALED_PROBLEMS = {
  'sealed-request-not-valid': {
    status: 400,
    title: 'The sealed request cannot be opened with the current key, or is not a request of this client.',
  },
  'proof-not-valid': {
    status: 401,
    title: 'The request is not signed by the registered key as this method has to be.',
  },
  'method-refused': { status: 403, title: 'Methods that can change something are refused here.' },
  'content-too-large': { status: 413, title: 'The request is larger than is read.' },
  'origin-failed': { status: 500, title: 'The origin failed to answer.' },
  'answer-too-large': { status: 500, title: 'The answer is larger than is sealed.' },
  'sealed-requests-not-supported': { status: 501, title: 'Sealed requests are not opened here.' },
  'upgrade-not-supported': { status: 501, title: 'Connections are not upgraded here: WebSockets cannot be sealed.' },
  'origin-too-slow': { status: 504, title: 'The origin did not answer in time.' },
  'answer-not-ended': { status: 504, title: 'The answer did not end in time: only an answer with an end is sealed.' },
} as const;

/** A problem that only the client reads, inside of the envelope. */
export type SealedProblem = keyof typeof SEALED_PROBLEMS;

const createResponse = createProblemResponder<SealedProblem>(SEALED_PROBLEMS);

/** @param requestId by which the reader can ask the operator. */
export const sealedProblemResponse = (problem: SealedProblem, requestId: string): Response =>
  createResponse(problem, {}, { requestId });
