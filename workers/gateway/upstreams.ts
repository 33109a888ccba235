/** The APIs behind the gateway, and finding the one that a path belongs to. */

import { failure, type Result, success } from '../../shared/result.ts';
import type { Credential } from './credential.ts';
import { isUnder, lenientPath } from './paths.ts';
import type { Entry } from './table.ts';

/** An API: its entry in the table, with what that names. */
export interface Upstream extends Pick<Entry, 'prefix' | 'url' | 'strip' | 'scopes' | 'deadline'> {
  /** Shows the API who calls it. */
  readonly credential: Credential;
  /** Sends a request to it. */
  readonly fetch: (request: Request) => Promise<Response>;
}

/**
 * @param upstreams the longest prefix first.
 * @param path of the URL of a request.
 * @returns the API of the longest prefix that the path is under. A path that a lenient server could take for one of
 *   another API, or that leaves its prefix by dot segments, is not accepted.
 */
export function findUpstream<T extends { readonly prefix: string }>(
  upstreams: readonly T[],
  path: string,
): Result<T, 'path-not-accepted' | 'no-upstream'> {
  const lenient = lenientPath(path);
  if (lenient === undefined) return failure('path-not-accepted');
  const found = upstreams.find(({ prefix }) => isUnder(path, prefix));
  if (found !== upstreams.find(({ prefix }) => isUnder(lenient, prefix.toLowerCase()))) {
    return failure('path-not-accepted');
  }
  return found === undefined ? failure('no-upstream') : success(found);
}
