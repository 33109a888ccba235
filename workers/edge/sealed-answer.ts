/** The one way by which an answer of another party reaches a client. */

import { answerHeaders, formOfSealed } from '../../shared/wire/answer.ts';
import { UpstreamError } from './upstream.ts';

/**
 * @returns the sealed body under the edge's own header fields, and nothing else of what the party said: a field more or
 *   less would tell a real answer from a decoy.
 * @throws {UpstreamError} when the answer is not sealed. It is not handed on.
 */
export function sealedAnswer(party: string, response: Response): Response {
  const form = formOfSealed(response);
  if (form === undefined) throw new UpstreamError(`${party} answered ${response.status}, not sealed`);
  return new Response(response.body, { status: 200, headers: answerHeaders(form) });
}
