/** The names that answers are learned by. */

import type { RequestMessage } from '../../shared/protocol/http-signature.ts';
import { hashOf } from '../../shared/protocol/weighted-draw.ts';

/** The names that a request goes by. */
export interface RequestNames {
  /**
   * Of the request as it is, and, where it has fields that choose an answer, then of all requests for its URL. They are
   * hashed, because URLs can be personal.
   */
  readonly requests: readonly string[];
  /** Of all requests on its route. */
  readonly route: string;
}

/** Fields by which applications choose between answers to one URL. */
const CHOOSING = ['accept', 'accept-language', 'if-match', 'if-modified-since', 'if-none-match', 'range'];

/** As an `Accept` that is not there. The edge sends it in place of the type of the envelope. */
const ANY = '*/*';

/**
 * @param path of the route, as a router writes it.
 * @returns the names. HEAD goes by those of GET, since it is answered with the same fields.
 */
export function namesOf({ method, targetUri, fields }: RequestMessage, path: string): RequestNames {
  const name = method === 'HEAD' ? 'GET' : method;
  const chosen = fields
    .filter(([field, value]) => CHOOSING.includes(field) && value !== ANY)
    .map(([field, value]) => `${field}: ${value}`);
  const url = `${name} ${targetUri}`;
  const requests = chosen.length === 0 ? [url] : [[url, ...chosen].join('\n'), url];
  return { requests: requests.map((each) => hashOf(each).toString(36)), route: `${name} ${path}` };
}

const MAX_SEGMENTS = 8;
const MAX_NAME_LENGTH = 32;

/** @returns the path of a request as a route, where no router says it: parts that look like data have one name. */
export function shapeOfPath({ url }: Request): string {
  const segments = new URL(url).pathname.split('/').slice(1, 1 + MAX_SEGMENTS);
  const isName = (segment: string) =>
    segment.length <= MAX_NAME_LENGTH && /^[\w.~-]*$/.test(segment) && !/\d/.test(segment);
  return segments.map((segment) => `/${isName(segment) ? segment : ':data'}`).join('');
}
