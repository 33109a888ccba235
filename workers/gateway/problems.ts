/** The gateway's own refusals and failures: problems (RFC 9457) inside of the envelope, where only the client reads them. */

import { createProblemResponder } from '../../shared/protocol/problem.ts';

export const GATEWAY_PROBLEMS = {
  'path-not-accepted': {
    status: 400,
    title: 'Servers read this path in more than one way.',
    detail:
      'Write it plainly: without dot segments, encoded slashes, doubled slashes, and in the case that the API has.',
  },
  // Its detail and its member `scopes` name those that are missing.
  'scope-missing': { status: 403, title: 'The client lacks a scope that this path needs.' },
  'no-upstream': { status: 404, title: 'No API is behind this path.' },
  'content-too-large': { status: 413, title: 'The request is larger than is read.' },
  'upstream-failed': {
    status: 502,
    title: 'The API behind the gateway gave no answer that can be handed on.',
    detail: 'The log of the gateway has the reason.',
  },
  'upstream-too-slow': { status: 504, title: 'The API behind the gateway did not answer in time.' },
} as const;

export type GatewayProblem = keyof typeof GATEWAY_PROBLEMS;

export const gatewayProblem = createProblemResponder<GatewayProblem>(GATEWAY_PROBLEMS);

/** A request that gets no answer of an API. The message is for the log. */
export class GatewayError extends Error {
  override name = 'GatewayError';
  readonly problem: GatewayProblem;

  constructor(problem: GatewayProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}
