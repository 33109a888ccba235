/** Answers, as operations list them by status. */

import { PROBLEM_TYPE } from '../../../shared/protocol/media-types.ts';
import { PROBLEMS, type Problem, type ProblemRow } from '../../../shared/protocol/problem.ts';
import { CSR_RULES, type CsrFault } from '../../../workers/authority/registration/csr-rules.ts';
import { type Schema, schemaRef } from './schema.ts';
import { problemOf } from './schemas.ts';

export type Responses = Readonly<Record<string, object>>;

export const json = (name: string, description: string): object => ({
  description,
  content: { 'application/json': { schema: schemaRef(name) } },
});

/** Content of a sealed answer, by media type. */
type SealedContent = Readonly<Record<string, { readonly schema: Schema }>>;

/**
 * A sealed answer: CMS in base64, or in DER.
 * @param content what only the client reads.
 */
export const sealed = (description: string, content: SealedContent): object => ({
  description: `${description} The answer is CMS (RFC 5652) that only the client's private key opens. A GUID that is not valid gets one that no key opens.`,
  headers: { 'Content-Transfer-Encoding': { schema: { enum: ['base64', 'binary'] } } },
  content: {
    'application/x-pkcs7-mime': {
      schema: { type: 'string', contentEncoding: 'base64', contentMediaType: 'application/pkcs7-mime' },
    },
    'application/pkcs7-mime': { schema: { description: 'DER, for requests with `Accept: application/pkcs7-mime`.' } },
  },
  'x-sealed-content': content,
});

type AnyProblem = Problem | CsrFault;

const rows: Readonly<Record<AnyProblem, ProblemRow>> = { ...PROBLEMS, ...CSR_RULES };

const HEADERS: Readonly<Record<string, object>> = {
  401: { 'WWW-Authenticate': { description: 'The proofs that are taken.', schema: { type: 'string' } } },
  415: { Accept: { description: 'The media type that is taken.', schema: { type: 'string' } } },
  429: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'string', pattern: '^\\d+$' } } },
  503: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'string', pattern: '^\\d+$' } } },
};

/** The refusals of all operations, each group once, by the names of its problems. */
export const REFUSALS: Record<string, object> = {};

/** @returns references to the refusals by status, which it adds to {@link REFUSALS}. */
export function refusals(...names: readonly AnyProblem[]): Responses {
  const byStatus = Map.groupBy(new Set(names), (name) => rows[name].status);
  return Object.fromEntries(
    [...byStatus].map(([status, found]) => {
      const group = found.toSorted();
      const name = group.map((each) => (isCsrFault(each) ? 'csr' : each));
      const key = [...new Set(name)].join('.');
      REFUSALS[key] = refusal(status, group);
      return [status, { $ref: `#/components/responses/${key}` }];
    }),
  );
}

const refusal = (status: number, group: readonly AnyProblem[]): object => ({
  description: group.map((name) => `\`${name}\`: ${rows[name].title}`).join('\n'),
  ...(HEADERS[status] !== undefined && { headers: HEADERS[status] }),
  content: { [PROBLEM_TYPE]: { schema: schemaFor(group) } },
});

const isCsrFault = (name: string): boolean => Object.hasOwn(CSR_RULES, name);

const schemaFor = (group: readonly AnyProblem[]): Schema =>
  group.includes('too-many-credentials') ? schemaRef('TooManyCredentials') : problemOf(group);

export const CSR_FAULTS = Object.keys(CSR_RULES) as CsrFault[];

/** Of every request at the edge. */
export const EDGE: readonly Problem[] = [
  'method-override-not-accepted',
  'https-required',
  'too-many-requests',
  'unavailable',
];

/** Of requests by GET. */
export const GET: readonly Problem[] = ['content-not-expected', ...EDGE];

/** Of requests with a GUID. */
export const CLIENT: readonly Problem[] = ['cipher-not-accepted', 'guid-required', 'nonce-malformed'];
