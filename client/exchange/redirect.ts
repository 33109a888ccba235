/** Redirects of the origin (Fetch standard 4.4, HTTP-redirect fetch). They come sealed, and are followed at the edge only. */

import type { BinaryResponse } from '../../shared/encoding/bhttp/response.ts';
import type { RequestMessage } from '../../shared/protocol/http-signature.ts';
import { CaleError } from '../errors.ts';

export const MAX_REDIRECTS = 20;
const STATUSES = [301, 302, 303, 307, 308];
/** Fields of a body (Fetch standard, request-body-header name), which go with it when a redirect makes a GET. */
const BODY_FIELDS = ['content-encoding', 'content-language', 'content-location', 'content-type'];

/**
 * @returns the request that a redirect asks for; undefined when the answer is no redirect.
 * @throws {CaleError} `other-origin` when it leads away from the edge; `network` when it leads to no URL.
 */
export function redirectedRequest(
  { status, headers }: BinaryResponse,
  request: RequestMessage,
): RequestMessage | undefined {
  const location = STATUSES.includes(status) ? headers.find(([name]) => name === 'location')?.[1] : undefined;
  if (location === undefined) return undefined;
  const targetUri = resolve(location, request.targetUri);
  const { method } = request;
  const becomesGet = (status === 303 && method !== 'GET' && method !== 'HEAD') || (status < 303 && method === 'POST');
  if (!becomesGet) return { ...request, targetUri };
  const fields = request.fields.filter(([name]) => !BODY_FIELDS.includes(name));
  return { method: 'GET', targetUri, fields };
}

function resolve(location: string, base: string): string {
  try {
    const url = new URL(location, base);
    // No part of a request, and platforms refuse a Request with them.
    url.username = url.password = '';
    return url.href;
  } catch (cause) {
    throw new CaleError('network', { cause, message: 'The answer redirects to something that is no URL.' });
  }
}

/** The error of `fetch` for a redirect that is not followed. */
export const notFollowed = (reason: string): CaleError =>
  new CaleError('network', { cause: new TypeError('redirected'), message: reason });
