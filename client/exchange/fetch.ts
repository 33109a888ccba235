/** The `fetch` of an account: each request is an exchange with its edge, and so is each redirect. */

import type { BinaryResponse } from '../../shared/encoding/bhttp/response.ts';
import type { RequestMessage } from '../../shared/protocol/http-signature.ts';
import { CaleError } from '../errors.ts';
import type { Settings } from '../options.ts';
import { MAX_REDIRECTS, notFollowed, redirectedRequest } from './redirect.ts';
import { contentOf, readableBody } from './request-body.ts';
import { toResponse } from './response.ts';
import type { ClientRequest } from './session.ts';

/** The options of one request, beside those of `fetch`. */
export interface CaleRequestInit extends RequestInit {
  /** True to seal the request, so that only the origin reads it; by default as the client was loaded. */
  readonly seal?: boolean;
}

/**
 * @param ask exchanges one request with the edge.
 * @throws {CaleError}; and what an aborted signal throws.
 */
export async function fetchFromEdge(
  { edge, platform, sealRequests }: Settings,
  ask: (request: ClientRequest) => Promise<BinaryResponse>,
  input: string | URL | Request,
  init: CaleRequestInit,
): Promise<Response> {
  const body = await readableBody(init.body, platform.crypto);
  const asked = new Request(input instanceof Request ? input : new URL(input, edge), {
    ...init,
    ...(body && { body }),
  });
  const isSealed = init.seal ?? sealRequests;
  const content = await contentOf(asked, body);
  let message: RequestMessage = { method: asked.method, targetUri: asked.url, fields: [...asked.headers] };
  for (let redirects = 0; ; redirects++) {
    const sent = message.method === asked.method ? content : new Uint8Array(0);
    const answer = await ask({ message: messageTo(edge, message), content: sent, isSealed, init: initOf(asked) });
    const next = asked.redirect === 'manual' ? undefined : redirectedRequest(answer, message);
    const isHead = message.method === 'HEAD';
    if (next === undefined) return toResponse(answer, { url: message.targetUri, isRedirected: redirects > 0, isHead });
    if (asked.redirect === 'error') throw notFollowed('The answer is a redirect.');
    if (redirects === MAX_REDIRECTS) throw notFollowed(`There are more than ${MAX_REDIRECTS} redirects.`);
    message = next;
  }
}

/** @throws {CaleError} `other-origin`. */
function messageTo(edge: string, { method, targetUri, fields }: RequestMessage): RequestMessage {
  const target = new URL(targetUri);
  if (target.origin !== edge) {
    const message = `The request leads to ${target.origin}, away from the edge that the credential is for.`;
    throw new CaleError('other-origin', { message });
  }
  // No part of a request on the wire (RFC 9110 7.1), and so none of its signature.
  target.hash = '';
  return { method: method === 'HEAD' ? 'GET' : method, targetUri: target.href, fields };
}

/** Not every platform has `credentials` (Workers do not), and only some let it be set. */
const initOf = ({ signal, credentials }: Request): RequestInit => ({
  signal,
  ...(credentials !== undefined && { credentials }),
});
