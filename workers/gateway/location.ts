/** Places in an API's answers, as the client can reach them. */

import { basePath, isUnder, withoutPrefix, withPrefix } from './paths.ts';
import type { Upstream } from './upstreams.ts';

/**
 * @param value of a field that names a place, such as `Location`.
 * @param asked URL that the API was asked for, which references are relative to.
 * @param publicUrl that the client asked for.
 * @returns a URL at the edge for a place at the API; other places as they are. Undefined for a place at the API that is
 *   not behind the gateway.
 */
export function publicLocation(
  { url: base, prefix, strip }: Pick<Upstream, 'url' | 'prefix' | 'strip'>,
  value: string,
  asked: URL,
  publicUrl: URL,
): string | undefined {
  const place = URL.parse(value, asked.href);
  // Of any scheme, because an API that is told of https makes URLs of https for itself.
  if (place === null || place.host !== base.host) return value;
  const path = basePath(base);
  if (!isUnder(place.pathname, path)) return undefined;
  const rest = withoutPrefix(place.pathname, path);
  // Absolute and by the setters, because a path such as //host would be a reference to a host.
  const location = new URL(publicUrl.origin);
  location.pathname = strip ? withPrefix(prefix, rest) : rest;
  location.search = place.search;
  location.hash = place.hash;
  return location.href;
}
