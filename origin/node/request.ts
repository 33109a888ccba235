/** Requests of node:http as those of the Fetch standard, and back. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

/** The additions of Express that say once more what a request is. */
type ExpressRequest = IncomingMessage & {
  originalUrl?: string;
  query?: unknown;
  readonly app?: { get(name: 'query parser fn'): unknown };
};

/**
 * @param base origin of the URL that the client asked for.
 * @returns the request, whose body is read only when it is asked for.
 * @throws {TypeError} for a method that fetch does not have.
 */
export function toRequest(req: ExpressRequest, res: ServerResponse, base: string): Request {
  const aborted = new AbortController();
  res.once('close', () => res.writableFinished || aborted.abort());
  const headers = new Headers();
  for (let at = 0; at < req.rawHeaders.length; at += 2) {
    headers.append(req.rawHeaders[at] ?? '', req.rawHeaders[at + 1] ?? '');
  }
  const { method = 'GET' } = req;
  const init = { method, headers, signal: aborted.signal };
  const url = base + pathOf(req.originalUrl ?? req.url ?? '/');
  return new Request(url, method === 'GET' || method === 'HEAD' ? init : { ...init, ...bodyOf(req, res) });
}

/** Path and query, of the absolute form too (RFC 9112 3.2.2). */
function pathOf(target: string): string {
  if (target.startsWith('/')) return target;
  if (!URL.canParse(target)) return '/';
  const { pathname, search } = new URL(target);
  return pathname + search;
}

function bodyOf(req: IncomingMessage, res: ServerResponse): { body: ReadableStream<Uint8Array>; duplex: 'half' } {
  let chunks: AsyncIterator<Uint8Array> | undefined;
  const source = {
    async pull(controller: ReadableStreamDefaultController<Uint8Array>) {
      // The connection stays, so that a body that is too large gets an answer.
      chunks ??= req.iterator({ destroyOnReturn: false });
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(new Uint8Array(value));
    },
    async cancel() {
      await chunks?.return?.();
    },
  };
  // What was not read of a body would be in the way of the next request.
  res.once('finish', () => req.resume());
  return { body: new ReadableStream(source, { highWaterMark: 0 }), duplex: 'half' };
}

/** Makes `req` the other request: what the library read is read by parsers once more, and what it opened is the request. */
export async function replaceRequest(req: ExpressRequest, request: Request): Promise<void> {
  const { host } = req.headers;
  const { pathname, search } = new URL(request.url);
  const content = Buffer.from(await request.arrayBuffer());
  const fields = new Headers(request.headers);
  fields.delete('Transfer-Encoding');
  if (content.length > 0 || fields.has('Content-Length')) fields.set('Content-Length', String(content.length));
  if (host !== undefined) fields.set('Host', host);
  req.method = request.method;
  req.url = pathname + search;
  if (req.originalUrl !== undefined) req.originalUrl = req.url;
  req.headers = Object.fromEntries(fields);
  req.rawHeaders = [...fields].flat();
  replaceQuery(req, search.slice(1));
  replaceBody(req, content);
}

/** Express 4 has read the query before any middleware; later ones read it when it is asked for. */
function replaceQuery(req: ExpressRequest, query: string): void {
  const parse = req.app?.get('query parser fn');
  if (Object.hasOwn(req, 'query') && typeof parse === 'function') req.query = parse(query);
}

/** Readable as the function that it is: it makes a stream of an object, here of one that was read to its end. */
const initializeReadable = Readable as unknown as { call(stream: Readable, options: { read(): void }): void };

function replaceBody(req: IncomingMessage, content: Buffer): void {
  initializeReadable.call(req, { read() {} });
  if (content.length > 0) req.push(content);
  req.push(null);
}
