/** The refusals that only the client reads: problems inside of the envelope (RFC 9457). */

import { createProblemResponder } from '../shared/protocol/problem.ts';

const PROBLEMS = {
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
  'sealed-requests-not-supported': { status: 501, title: 'Sealed requests are not opened here.' },
} as const;

export type SealedProblem = keyof typeof PROBLEMS;

export const sealedProblemResponse = createProblemResponder<SealedProblem>(PROBLEMS);
