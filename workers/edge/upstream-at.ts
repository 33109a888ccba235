/** A party behind the edge that no binding leads to. */

import { isLoopback } from '../../shared/protocol/loopback.ts';
import { ConfigError } from '../../shared/settings.ts';
import type { Upstream } from './upstream.ts';

/**
 * @param url of the party, https except on loopback, without a path: requests keep their own. The party has to be told
 *   the URL of the edge, because clients sign the URL that they ask for.
 * @throws {ConfigError} when it is not such a URL.
 *
 * @example
 * createEdge(edgeFromSettings({ ...env, ORIGIN: upstreamAt('https://origin.example.com') }));
 */
export function upstreamAt(url: string | URL): Upstream {
  const base = URL.canParse(url.toString()) ? new URL(url) : undefined;
  const isUsable = base !== undefined && base.href === `${base.origin}/`;
  if (!isUsable || (base.protocol !== 'https:' && !(base.protocol === 'http:' && isLoopback(base)))) {
    throw new ConfigError('The URL of an upstream must be one of https, without a path; on loopback, of http.');
  }
  return {
    fetch(request) {
      const { pathname, search } = new URL(request.url);
      return fetch(new Request(base.origin + pathname + search, request));
    },
  };
}
