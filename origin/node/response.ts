/** Responses of node:http as those of the Fetch standard, and back. */

import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { hasNullBody } from '../../shared/protocol/null-body.ts';

/** The members of a response that write to the connection, or say that it was written to. */
const REPLACED = [
  'write',
  'end',
  'writeHead',
  'flushHeaders',
  'writeContinue',
  'writeProcessing',
  'writeEarlyHints',
  'destroy',
  'headersSent',
  'writableEnded',
] as const;

/** Puts the members of responses that are captured back. */
const RESTORE = new WeakMap<ServerResponse, () => void>();

/**
 * From now on nothing that is written to `res` is sent. As nothing was sent, a handler of errors can still answer when a
 * handler has begun to: another status replaces what was written before.
 * @returns the response, when it was ended.
 * @throws when the connection is gone.
 */
export function captureResponse(req: IncomingMessage, res: ServerResponse): Promise<Response> {
  let chunks: Buffer[] = [];
  let status: number | undefined;
  let isEnded = false;
  let resolve: (response: Response) => void;
  let reject: (reason: Error) => void;
  const promise = new Promise<Response>((...both) => {
    [resolve, reject] = both;
  });

  function begin(): void {
    if (status === undefined) {
      // Asked for once: middlewares set fields when they see it called.
      res.writeHead(res.statusCode);
    } else if (status !== res.statusCode) {
      chunks = [];
    }
    status = res.statusCode;
  }

  function write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    const done = [encoding, callback].find((each) => typeof each === 'function');
    if (!isEnded) {
      begin();
      chunks.push(bytesOf(chunk, encoding));
    }
    if (done !== undefined) process.nextTick(done as () => void);
    return true;
  }

  function end(...given: unknown[]): ServerResponse {
    const done = given.find((each) => typeof each === 'function');
    if (done !== undefined) res.once('finish', done as () => void);
    if (isEnded) return res;
    begin();
    const [chunk, encoding] = given;
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function') chunks.push(bytesOf(chunk, encoding));
    isEnded = true;
    resolve(toResponse(req, res, Buffer.concat(chunks)));
    return res;
  }

  function writeHead(code: number, ...given: unknown[]): ServerResponse {
    const fields = given.find((each) => typeof each === 'object' && each !== null);
    res.statusCode = code;
    for (const [name, value] of pairsOf(fields as WrittenFields)) res.setHeader(name, value);
    return res;
  }

  /** A body that broke off, as nothing of it was sent, is an error like others. */
  function destroy(): ServerResponse {
    isEnded = true;
    resolve(new Response(null, { status: 500 }));
    return res;
  }

  const replace = replacer(res);
  const ignore = { value: () => undefined };
  replace({
    write: { value: write },
    end: { value: end },
    writeHead: { value: writeHead },
    destroy: { value: destroy },
    flushHeaders: ignore,
    // Interim answers would pass the edge in the clear.
    writeContinue: ignore,
    writeProcessing: ignore,
    writeEarlyHints: ignore,
    headersSent: { get: () => isEnded },
    writableEnded: { get: () => isEnded },
  });
  res.once('close', () => reject(new Error('the connection was closed')));
  return promise;
}

/** @returns a function that replaces members of `res`, which those of before can be put back for. */
function replacer(res: ServerResponse): (members: Record<(typeof REPLACED)[number], PropertyDescriptor>) => void {
  const before = REPLACED.map((name) => [name, Object.getOwnPropertyDescriptor(res, name)] as const);
  RESTORE.set(res, () => {
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) Reflect.deleteProperty(res, name);
      else Object.defineProperty(res, name, descriptor);
    }
  });
  return (members) => {
    for (const [name, descriptor] of Object.entries(members)) {
      const kind = 'get' in descriptor ? {} : { writable: true };
      Object.defineProperty(res, name, { ...descriptor, ...kind, configurable: true });
    }
  };
}

function bytesOf(chunk: unknown, encoding: unknown): Buffer {
  if (typeof chunk === 'string') {
    return Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
  }
  if (chunk instanceof Uint8Array) return Buffer.from(chunk);
  throw new TypeError('The "chunk" argument must be of type string or an instance of Buffer or Uint8Array.');
}

type WrittenFields = OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined;

/** Fields in any of the forms that `writeHead` takes. */
function pairsOf(fields: WrittenFields): [string, string | number | readonly string[]][] {
  if (fields === undefined) return [];
  if (!Array.isArray(fields)) {
    return Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  }
  const flat = fields.flat();
  return Array.from({ length: flat.length / 2 }, (_, at) => [String(flat[2 * at]), String(flat[2 * at + 1])]);
}

function toResponse(req: IncomingMessage, res: ServerResponse, body: Buffer): Response {
  const headers = new Headers();
  for (const [name, value] of pairsOf(res.getHeaders())) {
    for (const each of Array.isArray(value) ? value : [value]) headers.append(name, String(each));
  }
  const { statusCode: status } = res;
  const hasBody = req.method !== 'HEAD' && !hasNullBody(status);
  return new Response(hasBody ? new Uint8Array(body) : null, { status, headers });
}

/** Sends a response with no field but its own. */
export async function sendResponse(res: ServerResponse, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  RESTORE.get(res)?.();
  RESTORE.delete(res);
  if (res.destroyed || res.headersSent) return;
  for (const name of res.getHeaderNames()) res.removeHeader(name);
  res.statusCode = response.status;
  // Node's own for the status, in place of one that a handler set.
  res.statusMessage = '';
  for (const [name, value] of response.headers) res.setHeader(name, value);
  res.end(body);
}
