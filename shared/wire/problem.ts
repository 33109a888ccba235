/** What the outside sees when something is refused (RFC 9457): one row a reason, and no word beyond the row. */

import { CSR_FAULTS, type CsrFault } from '../csr/fault.ts';

const CSR_PROBLEMS = Object.fromEntries(
  Object.entries(CSR_FAULTS).map(([reason, title]) => [reason, { status: 400, title }]),
) as Record<CsrFault, { status: number; title: string }>;

const PROBLEMS = {
  ...CSR_PROBLEMS,
  'cipher-not-accepted': { status: 400, title: 'The TLS cipher of this connection is not accepted.' },
  'identity-not-representable': { status: 400, title: 'A certificate cannot carry the identity that was proved.' },
  'query-malformed': { status: 400, title: 'The query must say one of: owner, before (an RFC 3339 date and time).' },
  'identity-required': { status: 401, title: 'Registration takes a proof of identity.' },
  'guid-required': { status: 401, title: 'The request has no CALE-GUID.' },
  'admin-token-required': { status: 401, title: "The request has no valid administrator's token." },
  'https-required': { status: 403, title: 'Only https is answered.' },
  'secondary-proof-required': { status: 403, title: 'A GUID alone is no authority to change data.' },
  'not-found': { status: 404, title: 'There is no such thing here.' },
  'media-type-not-supported': { status: 415, title: 'A certification request is sent as application/pkcs10.' },
  'too-many-requests': { status: 429, title: 'Too many requests.' },
  unavailable: { status: 503, title: 'The service is not available at the moment.' },
} as const satisfies Record<string, { status: number; title: string }>;

/** The reasons for which a request is refused. */
export type Problem = keyof typeof PROBLEMS;

export const PROBLEM_TYPE = 'application/problem+json';

/**
 * @param headers beyond Content-Type and Cache-Control, such as `WWW-Authenticate` or `Retry-After`.
 * @returns the answer that says the problem, its `type` being `urn:cale:problem:` and the reason.
 */
export function problemResponse(problem: Problem, headers: HeadersInit = {}): Response {
  const { status, title } = PROBLEMS[problem];
  const answer = Response.json({ type: `urn:cale:problem:${problem}`, title, status }, { status, headers });
  answer.headers.set('Content-Type', PROBLEM_TYPE);
  answer.headers.set('Cache-Control', 'no-store');
  return answer;
}
