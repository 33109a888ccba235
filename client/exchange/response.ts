/** The Response of an answer, as the platform's own `fetch` would have given it. */

import type { BinaryResponse } from '../../shared/encoding/bhttp/response.ts';
import { parseUtf8 } from '../../shared/encoding/bytes.ts';
import { hasNullBody } from '../../shared/protocol/null-body.ts';
import { CaleError } from '../errors.ts';

interface Asked {
  readonly url: string;
  /** True when `url` is where a redirect led. */
  readonly isRedirected: boolean;
  readonly isHead: boolean;
}

/** @throws {CaleError} `unreadable` when the origin's answer is none that a Response can be. */
export function toResponse({ status, headers, content }: BinaryResponse, { isHead, ...asked }: Asked): Response {
  const fields = new Headers();
  const body = isHead || hasNullBody(status) ? null : content;
  try {
    for (const [name, value] of headers) fields.append(name, value);
    return asFetched(new Response(body, { status, headers: fields }), asked);
  } catch {
    throw new CaleError('unreadable');
  }
}

/** A Response that was made has no URL, and neither has a copy of it. */
function asFetched(response: Response, asked: Omit<Asked, 'isHead'>): Response {
  const clone = response.clone.bind(response);
  return Object.defineProperties(response, {
    // A fragment is no part of it (Fetch standard 5.5).
    url: { value: asked.url.replace(/#.*/, '') },
    redirected: { value: asked.isRedirected },
    type: { value: 'basic' },
    clone: { value: () => asFetched(clone(), asked) },
    ...(response.body === undefined && textOf(response)),
  });
}

/** React Native has no streams, and takes the bytes of a text for characters. */
function textOf(response: Response): PropertyDescriptorMap {
  const text = async () => parseUtf8(new Uint8Array(await response.arrayBuffer()));
  return { text: { value: text }, json: { value: async () => JSON.parse(await text()) } };
}
