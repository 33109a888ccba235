/**
 * An origin in plain Node: `node node-origin.ts PORT`, with the options of the library as JSON on standard input. It says
 * `ready` when it listens.
 */

import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { Application } from '../../origin/origin.ts';

// Not every runtime of the library has them.
for (const name of ['navigator', 'ReadableStreamBYOBReader']) {
  Reflect.deleteProperty(globalThis, name);
}
const { createOrigin } = await import('../../origin/origin.ts');

const HELLO = 'hello '.repeat(100);
const plain = (content: BodyInit, headers: HeadersInit = {}) =>
  new Response(content, { headers: { 'Content-Type': 'text/plain', ...headers } });

const ROUTES: Readonly<Record<string, Application>> = {
  '/hello': (_, client) => plain(`hello ${client.owner}`),
  '/echo': async (request, { proof }) => plain(`${proof}: ${await request.text()}`),
  '/gzip': () => plain(Uint8Array.from(gzipSync(HELLO)), { 'Content-Encoding': 'gzip' }),
  '/br': () => plain(Uint8Array.from(brotliCompressSync(HELLO)), { 'Content-Encoding': 'br' }),
  '/decoded': () => plain(HELLO, { 'Content-Encoding': 'gzip', 'Content-Length': '44' }),
  '/chunks': () => plain(new Blob([HELLO, HELLO]).stream()),
  '/throws': () => {
    throw 'secret';
  },
  '/broken': () => plain(new ReadableStream({ start: (controller) => controller.error(new Error('secret')) })),
  '/endless': () => plain(new ReadableStream()),
  '/large': () => plain('x'.repeat(1_000_001)),
};

const origin = createOrigin({
  ...JSON.parse(await text(process.stdin)),
  maxAnswerBytes: 1_000_000,
  maxAnswerSeconds: 0.5,
});
const application: Application = (request, client) =>
  ROUTES[new URL(request.url).pathname]?.(request, client) ?? new Response('not found', { status: 404 });

const server = createServer(async (incoming, outgoing) => {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headersDistinct)) headers.set(name, value?.join(', ') ?? '');
  const { method = 'GET' } = incoming;
  const body = method === 'GET' || method === 'HEAD' ? null : await text(incoming);
  const request = new Request(headers.get('X-Url') ?? '', { method, headers, body });
  const response = await origin.handle(request, application);
  outgoing.writeHead(response.status, [...response.headers].flat());
  outgoing.end(new Uint8Array(await response.arrayBuffer()));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(`ready ${typeof address === 'object' ? address?.port : ''}`);
});
