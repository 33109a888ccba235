/** Bodies of requests: as bytes, because digest, signature and seal are over all of them. */

import { utf8 } from '../../shared/encoding/bytes.ts';
import { readBody } from '../../shared/protocol/read-body.ts';
import { CaleError } from '../errors.ts';
import type { WebCrypto } from './send.ts';

/** Maximum size of a request's body, in bytes: the most that origins read by default. */
export const MAX_REQUEST_BYTES = 10 * 1024 * 1024;

/**
 * @returns the body in a form that each platform's Request gives back. That of Firefox knows no streams, and makes a text of
 *   them; that of WebKit does not give the bytes of a form with a file.
 * @throws {CaleError} `too-large`.
 */
export async function readableBody(
  body: BodyInit | null | undefined,
  crypto: WebCrypto,
): Promise<BodyInit | null | undefined> {
  const isStream = typeof (body as ReadableStream | null | undefined)?.getReader === 'function';
  if (isStream) return withinLimit(await readBody(new Response(body), MAX_REQUEST_BYTES));
  // React Native has forms whose parts cannot be asked for.
  const isForm = globalThis.FormData !== undefined && body instanceof FormData && Symbol.iterator in body;
  return isForm ? (await import('./form-body.ts')).encodeForm(body as FormData, crypto) : body;
}

/**
 * @param body as {@link readableBody} gives it. React Native's Request does not give the bytes of a text.
 * @throws {CaleError} `too-large`.
 */
export async function contentOf(asked: Request, body: unknown): Promise<Uint8Array<ArrayBuffer>> {
  if (asked.method === 'GET' || asked.method === 'HEAD' || asked.body === null) return new Uint8Array(0);
  return withinLimit(typeof body === 'string' ? utf8(body) : await readBody(asked, MAX_REQUEST_BYTES));
}

function withinLimit(content: Uint8Array<ArrayBuffer> | undefined): Uint8Array<ArrayBuffer> {
  if (content === undefined || content.length > MAX_REQUEST_BYTES) throw new CaleError('too-large');
  return content;
}
