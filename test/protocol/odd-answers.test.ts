/** Answers of an application between the two envelopes: however a handler ends, the outside is the same for every GUID. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDevelopmentSecrets } from '../../scripts/development-secrets.ts';
import { type BinaryResponse, parseResponse } from '../../shared/encoding/bhttp/response.ts';
import { parseUtf8 } from '../../shared/encoding/bytes.ts';
import type { Device } from '../support/device.ts';
import { ask, type Harness, registeredDevice, startHarness } from '../support/harness.ts';
import { randomNonce } from '../support/raw-signing.ts';
import { WHOLE_ANSWER } from '../support/test-origin.ts';

type Answer = Awaited<ReturnType<typeof ask>>;

const HELLO = 'hello '.repeat(100);

/** A server behind the origin, as a proxied API is. */
function createUpstream(): Server {
  const send: Readonly<Record<string, [encoding: string | undefined, content: Buffer]>> = {
    '/gzip': ['gzip', gzipSync(HELLO)],
    '/deflate': ['deflate', deflateSync(HELLO)],
    '/br': ['br', brotliCompressSync(HELLO)],
    '/bomb': ['gzip', gzipSync(Buffer.alloc(1_100_000))],
    '/text': [undefined, Buffer.from(HELLO)],
    '/large': [undefined, Buffer.alloc(1_100_000)],
  };
  return createServer((request, response) => {
    const path = request.url ?? '';
    const found = send[path];
    if (found !== undefined) {
      const [encoding, content] = found;
      response.writeHead(200, {
        'Content-Type': 'text/plain',
        'Content-Length': content.length,
        ...(encoding && { 'Content-Encoding': encoding }),
      });
      response.end(content);
    } else if (path === '/cut') {
      response.writeHead(200, { 'Content-Length': 1000 });
      response.write('part', () => response.destroy());
    } else if (path === '/stalled') {
      response.writeHead(200);
      response.write('part');
    } else response.writeHead(404).end();
  });
}

let upstream: Server;
let harness: Harness;
let device: Device;
let guid: string;

async function start(origin: string, vars: Record<string, string>): Promise<Harness> {
  const secrets = await createDevelopmentSecrets();
  const main = `test/support/${origin}.ts`;
  return startHarness({
    secrets,
    vars: { edge: { UNSAFE_METHODS: 'allow' } },
    edgeBindings: { ORIGIN: origin },
    more: [{ name: origin, main, compatibility_date: '2026-11-02', vars: { ...secrets.origin, ...vars } }],
  });
}

beforeAll(async () => {
  upstream = createUpstream();
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const { port } = upstream.address() as AddressInfo;
  harness = await start('odd-origin', { UPSTREAM: `http://127.0.0.1:${port}` });
  ({ device, guid } = await registeredDevice(harness));
});
afterAll(async () => {
  await harness.server.close();
  upstream.closeAllConnections();
  upstream.close();
});

interface Read {
  readonly status: number;
  readonly text: string;
  /** By lower-case name; several lines of a name are a list. */
  readonly fields: Record<string, string | string[]>;
}

function readWhole({ status, headers, content }: BinaryResponse): Read {
  const fields: Record<string, string | string[]> = {};
  for (const [name, value] of headers) {
    const before = fields[name];
    fields[name] = before === undefined ? value : [before, value].flat();
  }
  return { status, text: parseUtf8(content), fields };
}

const whole = async (response: Answer): Promise<Read> =>
  readWhole(parseResponse(await device.openBytes(new Uint8Array(await response.arrayBuffer()))));

const outsideOf = ({ status, headers }: Answer) => [
  status,
  ...[...headers].filter(([name]) => !['content-length', 'date'].includes(name)),
];

type Init = NonNullable<Parameters<typeof ask>[3]>;

/** Asks with the known GUID, and with an unknown one, whose answer must look the same outside. */
async function read(path: string, { headers, ...init }: Init = {}, on = harness, id = guid): Promise<Read> {
  const asked = { ...init, headers: { ...WHOLE_ANSWER, 'CALE-Nonce': randomNonce(), ...(headers as object) } };
  const [known, unknown] = [await ask(on, path, id, asked), await ask(on, path, crypto.randomUUID(), asked)];
  expect(outsideOf(known)).toEqual(outsideOf(unknown));
  expect(known.status).toBe(200);
  return whole(known);
}

const problem = (reason: string) => expect.stringContaining(`urn:cale:problem:${reason}`);

describe('a handler that fails is answered sealed and signed, and the outside says nothing:', () => {
  test.each<[string, number, unknown]>([
    ['/throws/error', 500, 'Internal Server Error'],
    ['/throws/text', 500, problem('origin-failed')],
    ['/throws/object', 500, problem('origin-failed')],
    ['/throws/later', 500, problem('origin-failed')],
    ['/throws/teapot', 418, 'teapot'],
    ['/nothing', 500, problem('origin-failed')],
    ['/broken', 500, problem('origin-failed')],
    ['/used', 500, problem('origin-failed')],
    ['/socket', 501, problem('upgrade-not-supported')],
    ['/endless', 504, problem('answer-not-ended')],
    ['/large', 500, problem('answer-too-large')],
    ['/upstream/large', 500, problem('answer-too-large')],
    ['/upstream/bomb', 500, problem('answer-too-large')],
    ['/upstream/stalled', 504, problem('answer-not-ended')],
    ['/nowhere', 404, '404 Not Found'],
  ])('%s', async (path, status, text) => {
    const answer = await read(path);
    expect(answer).toMatchObject({ status, text });
    expect(answer.fields).toHaveProperty('signature');
    expect(answer.text).not.toContain('secret');
    const body = await ask(harness, path, guid);
    expect(body.status).toBe(200);
    expect(await device.open(await body.text())).toEqual(text);
  });

  test('an upstream that breaks off', async () => {
    // Between this server and the Worker is a proxy of the test harness, which may keep the break to itself.
    const { status, text } = await read('/upstream/cut');
    const { type } = JSON.parse(text) as { type: string };
    expect(['500 urn:cale:problem:origin-failed', '504 urn:cale:problem:answer-not-ended']).toContain(
      `${status} ${type}`,
    );
  });

  test('the operator is told of the reason, and not of what was thrown', async () => {
    for (const path of ['/throws/text', '/broken', '/socket', '/endless']) await read(path);
    const lines = harness.server
      .getLogs()
      .map(({ message }) => message)
      .filter((message) => message.includes('request-failed'))
      .join('\n');
    expect(lines).toContain('origin-failed: the application threw what is no Error, but of type string');
    expect(lines).toContain('upgrade-not-supported: the application wants to upgrade the connection');
    expect(lines).toContain('answer-not-ended: the answer did not end within 2 seconds');
    expect(lines).not.toContain('secret');
  });
});

describe('the content is what `fetch` would give, and its fields are true:', () => {
  test.each([
    '/upstream/text',
    '/upstream/gzip',
    '/upstream/deflate',
    '/upstream/br',
    '/rewrapped/gzip',
    '/rewrapped/br',
    '/asset',
    '/compressed',
  ])('%s', async (path) => {
    const { status, text, fields } = await read(path);
    expect({ status, text }).toEqual({ status: 200, text: HELLO });
    expect(fields).not.toHaveProperty('content-encoding');
    expect([undefined, String(HELLO.length)]).toContain(fields['content-length']);
    const body = await ask(harness, path, guid);
    expect(await device.open(await body.text())).toBe(HELLO);
  });

  test('an answer without content has none', async () => {
    for (const status of [204, 205, 304]) expect(await read(`/empty/${status}`)).toMatchObject({ status, text: '' });
  });

  test('a tag that the client has is answered with 304, and a part with 206', async () => {
    const { fields } = await read('/tagged');
    const again = await read('/tagged', { headers: { 'If-None-Match': String(fields['etag']) } });
    expect(again).toMatchObject({ status: 304, text: '', fields: { etag: fields['etag'] } });
    const part = await read('/range', { headers: { Range: 'bytes=0-1' } });
    expect(part).toMatchObject({ status: 206, text: '01', fields: { 'content-range': 'bytes 0-1/10' } });
  });

  test('a stream of events is one answer when it ends', async () => {
    expect(await read('/events')).toMatchObject({ status: 200, text: 'data: 0\n\ndata: 1\n\ndata: 2\n\n' });
  });

  test('a middleware that answers by itself is sealed like a handler', async () => {
    const post = (body: string) => read('/limited', { method: 'POST', body });
    expect(await post('short')).toMatchObject({ status: 200, text: 'short' });
    expect(await post('longer than ten')).toMatchObject({ status: 413, text: 'Payload Too Large' });
  });

  test('fields keep their lines and their bytes', async () => {
    const { fields } = await read('/fields');
    expect(fields['set-cookie']).toEqual(['a=1; Path=/', 'b=2; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT']);
    expect(fields).toMatchObject({ link: '</a>; rel=x, </b>; rel=y', 'x-latin': 'Zoë', 'x-empty': '' });
    expect(fields['content-disposition']).toBe('attachment; filename="naïve"');
    // What does not fit into bytes is UTF-8, which clients show as bytes.
    expect(Buffer.from(String(fields['x-wide']), 'latin1').toString()).toBe('日本');
  });

  test('a redirect leads where the client can go', async () => {
    const own = await read('/redirect');
    expect(own).toMatchObject({ status: 302, fields: { location: new URL('/there?a=b', harness.url).href } });
    expect(await read('/redirect?to=/there')).toMatchObject({ status: 302, fields: { location: '/there' } });
  });
});

describe('Accept is for the application, except for the envelope:', () => {
  test.each([
    ['application/pkcs7-mime', '*/*'],
    ['application/x-pkcs7-mime', '*/*'],
    ['application/json, application/pkcs7-mime', 'application/json'],
    ['application/pkcs7-mime;q=0.5, text/html;level=1', 'text/html;level=1'],
    ['text/html', 'text/html'],
    ['*/*', '*/*'],
  ])('%s is %s', async (accept, seen) => {
    const response = await ask(harness, '/accepts', guid, { headers: { Accept: accept } });
    const isBinary = accept.includes('application/pkcs7-mime');
    expect(response.headers.get('Content-Type')).toMatch(isBinary ? /^application\/pkcs7-mime;/ : /^application\/x-/);
    const content = isBinary ? new Uint8Array(await response.arrayBuffer()) : await response.text();
    expect(JSON.parse(await device.open(content))).toEqual({ accept: seen });
  });
});

describe('an origin that answers outside of the library', () => {
  let careless: Harness;
  let known: { device: Device; guid: string };
  beforeAll(async () => {
    careless = await start('careless-origin', {});
    known = await registeredDevice(careless);
  });
  afterAll(() => careless.server.close());

  test.each<[string, Init]>([
    ['/plain', {}],
    ['/moved', {}],
    ['/fails', {}],
    ['/throws', {}],
    ['/limited', { method: 'POST', body: 'longer than ten' }],
    ['/tagged', { headers: { 'If-None-Match': '*' } }],
  ])('is not handed on, and known GUIDs are told so inside: %s', async (path, init) => {
    const { headers, ...more } = init;
    for (const accept of [{}, WHOLE_ANSWER]) {
      const asked = { ...more, headers: { ...accept, ...(headers as object) } };
      const answer = await ask(careless, path, known.guid, asked);
      const decoy = await ask(careless, path, crypto.randomUUID(), asked);
      expect(outsideOf(answer)).toEqual(outsideOf(decoy));
      expect(answer.status).toBe(200);
      const opened = await known.device.openBytes(
        accept === WHOLE_ANSWER ? new Uint8Array(await answer.arrayBuffer()) : await answer.text(),
      );
      const inside = { status: 503, text: problem('unavailable'), fields: { 'retry-after': '5' } };
      if (accept === WHOLE_ANSWER) expect(readWhole(parseResponse(opened))).toMatchObject(inside);
      else expect(parseUtf8(opened)).toEqual(problem('unavailable'));
    }
  });

  test('and the operator of the edge is told what it did', async () => {
    await ask(careless, '/plain', known.guid);
    await ask(careless, '/moved', known.guid);
    const lines = careless.server.getLogs().map(({ message }) => message);
    expect(lines.join('\n')).toMatch(/request-failed.*origin answered 200, not sealed/);
    expect(lines.join('\n')).toMatch(/request-failed.*origin answered 302, not sealed/);
  });
});
