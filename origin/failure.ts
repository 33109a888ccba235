/** The reasons for which an answer becomes a problem, for operators: without a word of content. */

import type { SealedProblem } from './problems.ts';

/** The application's answer cannot be sealed as it is. The message is the library's own. */
export class AnswerError extends Error {
  override name = 'AnswerError';
  readonly problem: SealedProblem;

  constructor(problem: SealedProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

/**
 * @param error anything that was thrown.
 * @returns its kind and the place of its throwing. Messages of others are left out: that of a failed JSON.parse quotes the
 *   text.
 */
export function describeFailure(error: unknown): string {
  if (error instanceof AnswerError) return error.message;
  if (!(error instanceof Error)) return `the application threw what is no Error, but of type ${typeof error}`;
  const [, place] = PLACE.exec(framesOf(error)) ?? [];
  return place === undefined ? error.name : `${error.name} at ${place}`;
}

/** A stack frame of V8: the place follows `at`. */
const PLACE = /^ {4}at (.+)$/m;

/** The stack without the message, which stands at its beginning. */
function framesOf({ message, stack }: Error): string {
  if (typeof stack !== 'string') return '';
  const start = message === '' ? 0 : stack.indexOf(message) + message.length;
  return stack.slice(start);
}
