/** Requests that parties would take in different ways, and that no party takes therefore. */

import { isSafeMethod } from './signed-request.ts';

/** Fields that some frameworks take for the method, in lower case. */
const METHOD_OVERRIDES = ['x-http-method', 'x-http-method-override', 'x-method-override'];

/** The way in which a request can be taken for another one; the name of its problem at the edge. */
export type RequestFormFault = 'content-not-expected' | 'method-override-not-accepted';

/**
 * @param names of the request's header fields.
 * @param hasContent true where it has a body, or may have one: its length is not told before.
 * @returns `content-not-expected` for content of a GET, HEAD or OPTIONS, which has no meaning that all agree on (RFC 9110
 *   9.3.1); `method-override-not-accepted` for a field that names another method than the one that was judged.
 */
export function faultOfRequestMethod(
  method: string,
  names: Iterable<string>,
  hasContent: boolean,
): RequestFormFault | undefined {
  if (hasContent && isSafeMethod(method)) return 'content-not-expected';
  const isOverridden = [...names].some((name) => METHOD_OVERRIDES.includes(name.toLowerCase()));
  return isOverridden ? 'method-override-not-accepted' : undefined;
}

/**
 * Deletes the fields whose names have an underscore. Servers that make variables of names, as CGI does, take them for
 * those with hyphens: `CALE_PEM` for `CALE-PEM`.
 */
export function deleteUnderscoredFields(headers: Headers): void {
  for (const name of [...headers.keys()]) if (name.includes('_')) headers.delete(name);
}
