/** `npm run dev` as a person runs it. */

import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test, vi } from 'vitest';
import { USAGE } from '../../scripts/dev/options.ts';
import { runDev, startDev } from '../support/dev-server.ts';
import { freePort } from '../support/free-port.ts';
import { registeredDevice } from '../support/harness.ts';
import { createRawClient } from '../support/raw-client.ts';
import { startUpstream } from '../support/upstream.ts';

/** Words of the tools. */
const NOISE = /not connected|Binding +Resource|Scheduled Workers|⛅|Using secrets|Ready on|goroutine/;

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });

test('says in ten lines what it is, shows requests and events after that, and ends with all that it began', async () => {
  const edge = await startDev([]);
  const { origin, port } = edge.url;
  const lines = edge.output().trim().split('\n');
  expect(lines.length).toBeLessThanOrEqual(10);
  expect(edge.output()).toContain(`CALE runs on ${origin}`);
  for (const word of [
    'alice:wonderland (read, write)',
    'bob:builder (read)',
    `admin, for ${origin}/admin`,
    'the demo API',
  ]) {
    expect(edge.output()).toContain(word);
  }
  const { device, guid } = await registeredDevice(edge);
  expect(await createRawClient(edge, { device, guid }).ask('/resource')).toMatchObject({ status: 200 });
  await vi.waitFor(() => expect(edge.output()).toContain('GET /resource 200 OK'), 5000);
  expect(edge.output()).toMatch(/\{"event":"registered","owner":"[\w-]{16}"\}/);
  expect(edge.output()).not.toContain('"outcome":"answered"');
  expect(edge.output()).not.toMatch(NOISE);
  for (const page of ['http://localhost:3000', 'http://127.0.0.1:5173']) {
    const answer = await edge.server.fetch('/resource', { headers: { Origin: page, 'CALE-GUID': guid } });
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe(page);
  }
  const elsewhere = await edge.server.fetch('/', { headers: { Origin: 'https://example.org', 'CALE-GUID': guid } });
  expect(elsewhere.headers.has('Access-Control-Allow-Origin')).toBe(false);
  expect(await edge.end('SIGINT')).toBe(0);
  expect(await listens(Number(port))).toBe(false);
  expect(edge.output()).not.toMatch(NOISE);
});

test('in front of an API that does not answer yet it says so, and goes on when it does', async () => {
  const port = await freePort();
  const edge = await startDev([
    ...['--upstream', `http://localhost:${port}`],
    ...['--var', 'UNSAFE_METHODS:allow'],
    ...['--var', 'TLS_CIPHER:ECDHE-RSA-AES256-SHA'],
  ]);
  expect(edge.output()).toContain(`http://localhost:${port}, which does not answer yet (ECONNREFUSED)`);
  const { device, guid } = await registeredDevice(edge);
  const client = createRawClient(edge, { device, guid });
  expect(await client.ask('/a')).toMatchObject({ status: 502 });
  const api = await startUpstream({}, port);
  expect(await client.ask('/a')).toMatchObject({ status: 200 });

  // Flags go through: a write takes no signature here, and its body streams. The cipher is the one that was said.
  const parts: string[] = [];
  api.onChunk((chunk) => parts.push(chunk));
  const sent = request(`${edge.url.origin}/b`, { method: 'POST', headers: { 'CALE-GUID': guid } });
  const answered = new Promise<string>((resolve) => sent.on('response', (response) => resolve(text(response))));
  sent.write('one ');
  await vi.waitFor(() => expect(parts).toEqual(['one ']), 5000);
  sent.end('two');
  expect(JSON.parse(await device.open(await answered))).toMatchObject({ method: 'POST', body: 'one two' });
  const response = await edge.server.fetch('/a', { headers: { 'CALE-GUID': guid } });
  expect(response.headers.get('Content-Type')).toContain('smime-type=enveloped-data');
  await api.close();
  expect(await edge.end('SIGTERM')).toBe(0);
});

test('has its flags told by --help', async () => {
  expect(await runDev(['--help'])).toEqual({ code: 0, output: `${USAGE}\n` });
});

test('shows what the tools say when it is asked to', async () => {
  const edge = await startDev(['--verbose']);
  expect(edge.output()).toMatch(NOISE);
  await edge.end();
});

describe('is one sentence, and ends:', () => {
  test('a setting that a Worker does not start with', async () => {
    const port = String(await freePort());
    const args = ['--upstream', 'http://localhost:1', '--var', 'UPSTREAM_AUTH:basic'];
    expect(await runDev([...args, '--port', port])).toEqual({
      code: 1,
      output: 'cale-gateway does not start: UPSTREAM_AUTH must be one of: bearer, signature.\n',
    });
  });

  test('a port that is taken', async () => {
    const other = await startUpstream();
    const { port } = new URL(other.url);
    const { code, output } = await runDev(['--port', port]);
    await other.close();
    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(`^Port ${port} of 127\\.0\\.0\\.1 is taken by another program: .*\\.\\n$`));
  });

  test.each([
    [['--upstream', 'localhost:5005'], /^--upstream must be a URL .*; did you mean http:\/\/localhost:5005\?\n$/],
    [['--upstream', 'http://localhost:8787'], /^--upstream http:\/\/localhost:8787 is where the edge itself .*\n$/],
    [['--upstream', 'http://localhost:1', '--var', 'UPSTREAMS:[]'], /^Give one API by --upstream, .*\n$/],
  ])('%o', async (args, sentence) => {
    const { code, output } = await runDev(args);
    expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(sentence) });
  });
});
