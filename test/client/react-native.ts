/**
 * A program: `node react-native.ts EDGE MODULE` runs the client's MODULE with the fetch and the text codecs of React
 * Native's usual polyfills, with a WebCrypto that is handed in, and without what Hermes lacks. It prints what it read, as
 * JSON. The polyfill's own transport is XMLHttpRequest, which Node has not: messages go by node:http.
 */

import { request as httpRequest } from 'node:http';
import { createRequire } from 'node:module';
import { Crypto as PeculiarCrypto } from '@peculiar/webcrypto';

const [, , edge = '', module = ''] = process.argv;
const { stdout } = process;
const crypto = new PeculiarCrypto() as unknown as Crypto;

const MISSING = [
  'crypto',
  'DecompressionStream',
  'fetch',
  'Headers',
  'navigator',
  'ReadableStream',
  'Request',
  'Response',
  'structuredClone',
  'TextDecoder',
  'TextEncoder',
];
for (const name of MISSING) {
  Object.defineProperty(globalThis, name, { value: undefined, configurable: true, writable: true });
}
const require = createRequire(import.meta.url);
require('fast-text-encoding');
// Looked for when the module is loaded.
Object.assign(globalThis, { self: globalThis, XMLHttpRequest: class {} });
const { Headers, Request, Response } = require('whatwg-fetch') as Pick<
  typeof globalThis,
  'Headers' | 'Request' | 'Response'
>;
Object.assign(globalThis, { Headers, Request, Response });

const byNode = async (request: Request): Promise<Response> => {
  const body = request.method === 'GET' ? undefined : Buffer.from(await request.arrayBuffer());
  const headers: Record<string, string | number> = body === undefined ? {} : { 'Content-Length': body.length };
  request.headers.forEach((value, name) => {
    headers[name] = value;
  });
  return new Promise((resolve, reject) => {
    const sent = httpRequest(request.url, { method: request.method, headers }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk as Buffer);
      const fields = new Headers();
      for (const [name, value] of Object.entries(answer.headers)) fields.append(name, String(value));
      resolve(
        new Response(Uint8Array.from(Buffer.concat(chunks)), { status: answer.statusCode ?? 0, headers: fields }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
};

const { CaleClient, MemoryKeyStore } = (await import(module)) as typeof import('../../client/index.ts');
const options = { edge, crypto, fetch: byNode as unknown as typeof fetch, store: new MemoryKeyStore() };
const authorization = `Basic ${btoa('alice:wonderland')}`;
const outcomes: unknown[] = [];
for (const key of ['P-256', 'RSA-2048'] as const) {
  const client = await CaleClient.register({ ...options, authorization, key, subject: 'gr\u00fcn' });
  const response = await client.fetch('/redirect/302?to=/resource');
  const { owner } = (await response.clone().json()) as { owner: string };
  const bodies: string[] = [];
  for (const seal of [false, true]) {
    const written = await client.fetch('/echo', { method: 'POST', body: 'gr\u00fc\u00df', seal });
    bodies.push(((await written.json()) as { body: string }).body);
  }
  const { device } = await client.whoami();
  outcomes.push({ status: response.status, url: response.url, owner, bodies, device });
}
stdout.write(JSON.stringify(outcomes));
