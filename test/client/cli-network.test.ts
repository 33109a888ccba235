/** Proxies between the command and the edge. */

import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';
import { CaleShell } from '../support/cale-shell.ts';
import type {} from '../support/provided.ts';

const EDGE = inject('edge');
const { host: HOST, hostname: HOSTNAME } = new URL(EDGE);

let shell: CaleShell;
let server: Server;
let proxy: string;
/** What the proxy was asked for. */
let asked: string[] = [];
beforeAll(async () => {
  shell = await CaleShell.create();
  await shell.cale('register', EDGE, '--basic', 'alice:wonderland');
  server = createServer().on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    const [hostname = '', port] = (request.url ?? '').split(':');
    const onward = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    for (const each of [socket, onward]) each.on('error', () => [socket, onward].map((other) => other.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked = [];
});
afterAll(async () => {
  server.close();
  await shell.remove();
});

const fetchBy = (env: Record<string, string>) => shell.caleWith({ env }, 'fetch', `${EDGE}/resource/3`);

test.each(['HTTP_PROXY', 'http_proxy'])('the proxy of %s is asked', async (name) => {
  expect(await fetchBy({ [name]: proxy })).toMatchObject({ code: 0, stdout: 'xxx' });
  expect(new Set(asked)).toEqual(new Set([HOST]));
});

test.each([
  ['NO_PROXY', { NO_PROXY: HOSTNAME }],
  ['no_proxy', { no_proxy: `elsewhere.example,${HOSTNAME}` }],
])('no proxy is asked for a host of %s', async (_, none) => {
  expect(await fetchBy({ HTTP_PROXY: proxy, ...none })).toMatchObject({ code: 0, stdout: 'xxx' });
  expect(asked).toEqual([]);
});

test('a proxy that is not there, or is no URL, is told by the name of its variable', async () => {
  const closed = await fetchBy({ HTTP_PROXY: 'http://127.0.0.1:1' });
  expect(closed).toMatchObject({ code: 5, stdout: '', stderr: expect.stringContaining('HTTP_PROXY') });
  const none = await fetchBy({ HTTPS_PROXY: 'nonsense' });
  expect(none).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('HTTPS_PROXY') });
  expect((await shell.caleWith({ env: { HTTPS_PROXY: 'nonsense' } }, 'list')).code).toBe(0);
});

test('where Node knows no proxies, fetch takes them from the library', async () => {
  const program = `
    const { EnvHttpProxyAgent, setGlobalDispatcher } = await import(${JSON.stringify(join(ROOT, 'client/cli/undici.ts'))});
    setGlobalDispatcher(new EnvHttpProxyAgent());
    const request = new Request(${JSON.stringify(`${EDGE}/.well-known/cale`)});
    console.log((await fetch(request, { redirect: 'manual' })).status);`;
  const run = await shell.run(process.execPath, ['--input-type=module', '-e', program], { env: { HTTP_PROXY: proxy } });
  expect(run).toMatchObject({ code: 0, stdout: '200\n' });
  expect(asked).toEqual([HOST]);
});
