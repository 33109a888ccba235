/** Edges that a proof of identity may be sent to. Loaded on demand. */

import { isLoopback } from '../../shared/protocol/loopback.ts';

/**
 * Makes sure that a proof of identity cannot be read on the way.
 * @param edge origin of it.
 * @throws {TypeError} when it is of http, and not on this machine.
 */
export function assertProtected(edge: string): void {
  const url = new URL(edge);
  if (url.protocol === 'https:' || isLoopback(url)) return;
  throw new TypeError('edge is of http: a proof of identity goes out by https only, or to this machine');
}
