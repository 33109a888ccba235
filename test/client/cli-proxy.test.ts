/** `cale proxy`: an API as a tool sees it that knows nothing of CALE, and whom the view is not for. */

import { type ChildProcess, spawn } from 'node:child_process';
import { type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { CaleShell, MAIN } from '../support/cale-shell.ts';
import type {} from '../support/provided.ts';

const EDGE = inject('edge');

interface View {
  readonly url: string;
  readonly token: string;
  readonly child: ChildProcess;
  /** All that was printed. */
  readonly printed: { stdout: string; stderr: string };
  /** The exit code. */
  readonly ended: Promise<number | null>;
}

let shell: CaleShell;
let view: View;
beforeAll(async () => {
  shell = await CaleShell.create();
  await shell.cale('register', EDGE, '--basic', 'alice:wonderland');
  view = await start();
});
afterAll(async () => {
  view.child.kill();
  await view.ended;
  await shell.remove();
});

async function start(...args: string[]): Promise<View> {
  const command = [MAIN, 'proxy', new URL(EDGE).host, ...args];
  const child = spawn(process.execPath, command, { env: shell.env, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = { stdout: '', stderr: '' };
  child.stderr.on('data', (chunk) => {
    printed.stderr += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      printed.stdout += chunk;
      if (printed.stdout.includes('Bearer')) resolve();
    });
    void ended.then(() => reject(new Error(printed.stderr)));
  });
  const [, url = ''] = /(http:\/\/127\.0\.0\.1:\d+) is /.exec(printed.stdout) ?? [];
  const [, token = ''] = /^token: (\S+)$/m.exec(printed.stdout) ?? [];
  return { url, token, child, printed, ended };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
  readonly of?: View;
}

/** As a tool asks: with the token, unless `headers` have an Authorization. */
function ask(path: string, { method = 'GET', headers = {}, body, of = view }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // Node says the length of a body by itself only for some methods.
    const length = body === undefined ? {} : { 'Content-Length': String(body.length) };
    const given = { Authorization: `Bearer ${of.token}`, ...length, ...headers };
    const { hostname, port } = new URL(of.url);
    const asked = request({ hostname, port, path, method, headers: given }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

const basic = (user: string, password: string): string => `Basic ${btoa(`${user}:${password}`)}`;

describe('a tool with the token', () => {
  test('reads answers with their status and fields', async () => {
    const answer = await ask('/resource');
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    expect(answer.headers['content-length']).toBe(String(answer.text.length));
    expect(JSON.parse(answer.text)).toMatchObject({ owner: 'alice' });
    expect(await ask('/nowhere')).toMatchObject({ status: 404, text: '{"error":"not found"}' });
    expect(await ask('/empty')).toMatchObject({ status: 204, text: '' });
    const { headers } = await ask('/cookies');
    expect(headers['set-cookie']).toHaveLength(2);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'])('asks by %s, with a body and fields', async (method) => {
    const headers = { 'X-Field': 'a value', Cookie: 'a=1', 'Content-Type': 'text/plain', 'CALE-Nonce': 'none' };
    const { text } = await ask('/mirror?a=b', { method, body: 'a body', headers });
    const seen = JSON.parse(text) as { headers: Record<string, string> };
    expect(seen).toMatchObject({
      method,
      body: 'a body',
      search: '?a=b',
      proof: 'signature',
      isSealed: false,
      headers: { 'x-field': 'a value', cookie: 'a=1', 'content-type': 'text/plain' },
    });
    expect(text).not.toContain(view.token);
  });

  test('asks by OPTIONS without a body, since the edge takes none', async () => {
    const { text } = await ask('/mirror', { method: 'OPTIONS' });
    expect(JSON.parse(text)).toMatchObject({ method: 'OPTIONS', body: '', proof: 'reading' });
    const { status, text: refusal } = await ask('/mirror', { method: 'OPTIONS', body: 'a body' });
    expect([status, refusal]).toEqual([502, expect.stringContaining('content-not-expected')]);
  });

  test('asks by HEAD, and gets no body', async () => {
    const answer = await ask('/resource/10', { method: 'HEAD' });
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'text/plain' }, text: '' });
  });

  test('follows a redirect of the edge to this view, and others where they lead', async () => {
    const to = async (location: string) =>
      (await ask(`/redirect/302?to=${encodeURIComponent(location)}`)).headers.location;
    expect(await to(`${EDGE}/resource?a=b`)).toBe('/resource?a=b');
    expect(await to(EDGE)).toBe('/');
    expect(await to('/resource')).toBe('/resource');
    expect(await to('https://elsewhere.example/')).toBe('https://elsewhere.example/');
    expect(await to(`${EDGE}.elsewhere.example/`)).toBe(`${EDGE}.elsewhere.example/`);
  });

  test('can say the token as the password of Basic', async () => {
    for (const user of ['', 'anybody', 'a']) {
      expect((await ask('/resource', { headers: { Authorization: basic(user, view.token) } })).status).toBe(200);
    }
  });

  test('hears of what is not forwarded, and why', async () => {
    const big = await ask('/mirror', { method: 'POST', body: new Uint8Array(10 * 1024 * 1024 + 1) });
    expect(big).toMatchObject({ status: 413, headers: { 'content-type': 'application/problem+json' } });
    expect((await ask('/mirror', { method: 'TRACE' })).status).toBe(501);
    expect((await ask('/mirror', { body: 'a GET with a body' })).status).toBe(501);
    expect((await ask('http://elsewhere.example/')).status).toBe(400);
    // A path that looks like a host is one of the edge all the same.
    expect((await ask('//elsewhere.example/')).status).toBe(404);
  });
});

describe('is not for', () => {
  test('a tool without the token', async () => {
    const wrong = ['', 'Bearer', 'Bearer x', `Basic ${view.token}`, basic(view.token, ''), `Bearer ${view.token}x`];
    for (const Authorization of wrong) {
      const answer = await ask('/resource', { headers: { Authorization } });
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer, Basic /);
    }
  });

  test('a name of somebody else that leads to this address', async () => {
    const { port } = new URL(view.url);
    for (const Host of [
      'elsewhere.example',
      `elsewhere.example:${port}`,
      '127.0.0.1',
      `127.0.0.1.elsewhere.example:${port}`,
    ]) {
      expect((await ask('/resource', { headers: { Host } })).status).toBe(403);
    }
    for (const Host of [`localhost:${port}`, `127.0.0.1:${port}`]) {
      expect((await ask('/resource', { headers: { Host } })).status).toBe(200);
    }
  });

  test('pages of other origins, even when a browser sends the token', async () => {
    const { port } = new URL(view.url);
    const foreign = [
      { Origin: 'https://elsewhere.example' },
      { Origin: 'null' },
      { Origin: 'http://127.0.0.1:1' },
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
    ];
    for (const headers of foreign) {
      const answer = await ask('/resource', { headers: headers as Record<string, string> });
      expect(answer.status).toBe(403);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
    const own = { Origin: `http://localhost:${port}`, 'Sec-Fetch-Site': 'same-origin' };
    const { text } = await ask('/mirror', { method: 'POST', body: 'x', headers: own });
    expect(JSON.parse(text)).toMatchObject({ headers: { origin: EDGE } });
  });

  test('other machines: it listens on loopback only', async () => {
    const { port } = new URL(view.url);
    // The whole of 0.0.0.0 would include this address.
    const other = request({ hostname: '127.0.0.2', port, headers: { Authorization: `Bearer ${view.token}` } });
    const outcome = await new Promise((resolve) => {
      other.on('response', () => resolve('answered'));
      other.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
      other.end();
    });
    expect(outcome).toBe('ECONNREFUSED');
  });
});

test('its token is printed once, and another one each time', async () => {
  expect(view.printed.stdout.split(view.token)).toHaveLength(2);
  expect(view.printed.stderr).not.toContain(view.token);
  expect(view.token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  const second = await start();
  second.child.kill('SIGTERM');
  expect(second.token).not.toBe(view.token);
  expect(await second.ended).toBe(0);
});

test('Ctrl-C ends it cleanly, while a request is under way and a connection is kept', async () => {
  const second = await start('--seal');
  expect(JSON.parse((await ask('/mirror', { of: second })).text)).toMatchObject({ isSealed: true });
  const underWay = ask('/resource/10000000', { of: second }).then(
    () => 'answered',
    () => 'broken off',
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  second.child.kill('SIGINT');
  expect(await second.ended).toBe(0);
  expect(['answered', 'broken off']).toContain(await underWay);
  expect(second.printed.stderr).toBe('');
});

test('the end of npm ends it too, which passes no signal on', async () => {
  // A shell in place of npm, so that it can be ended by itself.
  const script = `"${process.execPath}" "${MAIN}" proxy ${new URL(EDGE).host} & echo "pid $!"; wait`;
  const env = { ...shell.env, npm_lifecycle_event: 'npx' };
  const npm = spawn('sh', ['-c', script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  // The pipe is closed when the last program that has it has ended.
  const ended = new Promise((resolve) => npm.stdout.on('close', resolve));
  await new Promise<void>((resolve) => {
    npm.stdout.on('data', (chunk) => {
      printed += chunk;
      if (printed.includes('Bearer')) resolve();
    });
  });
  npm.kill('SIGKILL');
  let isLeftOver = false;
  const tooLate = setTimeout(() => {
    isLeftOver = true;
    process.kill(Number(/^pid (\d+)$/m.exec(printed)?.[1]), 'SIGKILL');
  }, 60_000);
  await ended;
  clearTimeout(tooLate);
  expect(isLeftOver).toBe(false);
});

test('what the edge refuses, or cannot be opened, is a problem, and a line for the terminal', async () => {
  const second = await start('--account', 'default');
  const [{ guid }] = JSON.parse((await shell.cale('list', '--json')).stdout) as [{ guid: string }];
  await shell.cale('revoke', EDGE, '--guid', guid, '--token', 'admin');
  const answer = await ask('/resource?key=secret', { of: second });
  expect(answer).toMatchObject({ status: 502, headers: { 'content-type': 'application/problem+json' } });
  expect(JSON.parse(answer.text)).toMatchObject({ type: 'urn:cale:problem:unreadable', status: 502 });
  second.child.kill('SIGINT');
  await second.ended;
  expect(second.printed.stderr).toMatch(/^cale: GET \/resource: .+\n$/);
});

test('a port that is taken, one that is none, and a URL with a path are a matter of usage', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { port: number };
  const other = await shell.cale('proxy', EDGE, '--port', String(port));
  expect(other).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(`${port}`) });
  taken.close();
  for (const args of [[EDGE, '--port', '65536'], [EDGE, '--port', 'x'], [`${EDGE}/v1`]]) {
    expect(await shell.cale('proxy', ...args)).toMatchObject({ code: 2, stdout: '' });
  }
});
