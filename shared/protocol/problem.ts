/** The refusals that the outside sees (RFC 9457): one row a reason. What a refusal says is the same for every GUID. */

import { PROBLEM_TYPE } from './media-types.ts';

/** Maximum size of a CSR, in bytes. */
export const MAX_CSR_BYTES = 16 * 1024;

export const TYPE_PREFIX = 'urn:cale:problem:';

export interface ProblemRow {
  readonly status: number;
  readonly title: string;
  /** The way out, where one sentence can say it. */
  readonly detail?: string;
}

/** Told by the edge, which reads no further, and by the authority. */
export const CSR_TOO_LARGE: ProblemRow = {
  status: 400,
  title: `The request is larger than ${MAX_CSR_BYTES / 1024} KiB.`,
};

/**
 * @param table of reasons.
 * @returns a function from a reason to its answer, whose `type` is `urn:cale:problem:` and the reason. It takes header
 *   fields beyond Content-Type and Cache-Control, such as `WWW-Authenticate` or `Retry-After`, and members beyond those
 *   of the row, or in place of its `detail`: on this request, without a word on what only the servers know.
 */
export function createProblemResponder<Reason extends string>(table: Readonly<Record<Reason, ProblemRow>>) {
  return (reason: Reason, headers: HeadersInit = {}, members: object = {}): Response => {
    const { status, title, detail } = table[reason];
    const problem = { type: TYPE_PREFIX + reason, title, status, detail, ...members };
    const answer = Response.json(problem, { status, headers });
    answer.headers.set('Content-Type', PROBLEM_TYPE);
    answer.headers.set('Cache-Control', 'no-store');
    return answer;
  };
}

/** What the edge and the authority refuse, in the clear. */
export const PROBLEMS = {
  'cipher-not-accepted': { status: 400, title: 'The TLS cipher of this connection is not accepted.' },
  'content-not-expected': { status: 400, title: 'A request by GET, HEAD or OPTIONS has no body here.' },
  'csr-too-large': CSR_TOO_LARGE,
  'identity-not-representable': { status: 400, title: 'A certificate cannot carry the identity that was proved.' },
  'method-override-not-accepted': {
    status: 400,
    title: 'The method of a request is its own here, and not that of a header field.',
    detail: 'Send the request by the method that is meant, without X-HTTP-Method-Override and its like.',
  },
  'nonce-malformed': { status: 400, title: 'A CALE-Nonce is unix seconds, a dot and 22 characters of base64url.' },
  'query-malformed': {
    status: 400,
    title:
      'The query must say at least one of owner, device, before, unusedSince; the last two are RFC 3339 dates and times.',
  },
  'admin-request-malformed': { status: 400, title: 'The cursor or the body is none that this path takes.' },
  'identity-required': { status: 401, title: 'The proof of identity is missing, or is not good.' },
  'guid-required': {
    status: 401,
    title: 'The request has no CALE-GUID.',
    detail:
      'Register a key at POST /registration, and send the GUID that its answer holds as CALE-GUID. ' +
      'GET /.well-known/cale says what a client needs to know.',
  },
  'admin-token-required': { status: 401, title: "The request has no valid administrator's token." },
  'admin-access-required': {
    status: 403,
    title: 'The request has no valid assertion of Cloudflare Access, which administration asks for here.',
  },
  'https-required': { status: 403, title: 'Only https is answered.' },
  'web-origin-not-allowed': {
    status: 403,
    title: 'Web pages of this origin may not ask here.',
    detail: 'The setting ALLOWED_ORIGINS of the edge has to name the origin of the page.',
  },
  'secondary-proof-required': {
    status: 403,
    title: 'A GUID is not enough to change data: sign the request with the registered key (RFC 9421).',
  },
  'not-found': { status: 404, title: 'There is no such thing here.' },
  'too-many-credentials': {
    status: 409,
    title: 'The resource owner has as many credentials as one may have.',
    detail:
      'Revoke one that is not in use: DELETE /.well-known/cale/credentials/ and its id, with the same proof of identity. ' +
      'The member credentials names them.',
  },
  'restore-not-available': {
    status: 409,
    title: 'Point-in-time recovery is not there on this platform.',
    detail: 'Nothing was changed.',
  },
  'media-type-not-supported': { status: 415, title: 'The body is of another media type than is taken here.' },
  'too-many-requests': { status: 429, title: 'Too many requests.' },
  unavailable: { status: 503, title: 'The service is not available at the moment.' },
} as const satisfies Record<string, ProblemRow>;

/** The reasons for which a request is refused. Those of a CSR's own rules stand beside the rules. */
export type Problem = keyof typeof PROBLEMS;

export const problemResponse = createProblemResponder<Problem>(PROBLEMS);

/**
 * Adds the member `requestId` to an answer that is a problem, by which its reader can ask the operator.
 * @returns the answer with the reason of the problem; any other answer as it is.
 */
export async function withRequestId(
  answer: Response,
  requestId: string,
): Promise<{ readonly answer: Response; readonly reason: string | undefined }> {
  const isProblem = answer.headers.get('Content-Type') === PROBLEM_TYPE && answer.body !== null;
  if (!isProblem) return { answer, reason: undefined };
  const problem = (await answer.json()) as { readonly type: string };
  const headers = new Headers(answer.headers);
  headers.delete('Content-Length');
  const body = JSON.stringify({ ...problem, requestId });
  return {
    answer: new Response(body, { status: answer.status, headers }),
    reason: problem.type.slice(TYPE_PREFIX.length),
  };
}
