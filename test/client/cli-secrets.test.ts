/** Where the command takes passwords and tokens from, and where it sends them. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { CaleShell, MAIN, type RunOptions } from '../support/cale-shell.ts';
import type {} from '../support/provided.ts';
import { hasTerminal, runAtTerminal } from '../support/terminal.ts';

const EDGE = inject('edge');
const basic = (credentials: string): string => `Basic ${Buffer.from(credentials).toString('base64')}`;

let shell: CaleShell;
/** It has the document of the edge, refuses everything else, and repeats what it was sent. */
let server: Server;
let stranger: string;
let sent: string[] = [];
/** What a proxy would have been asked for. */
let asked: string[] = [];
beforeAll(async () => {
  shell = await CaleShell.create();
  const document = await (await fetch(`${EDGE}/.well-known/cale`)).text();
  server = createServer((request, response) => {
    if (request.url === '/.well-known/cale') return response.end(document);
    const { authorization = '' } = request.headers;
    sent.push(authorization);
    const decoded = Buffer.from(authorization.slice(6), 'base64').toString();
    const problem = { type: 'urn:cale:problem:x', title: `No, ${authorization}.`, detail: decoded, status: 401 };
    return response.writeHead(401).end(JSON.stringify(problem));
  }).on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    socket.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stranger = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  [sent, asked] = [[], []];
});
afterAll(async () => {
  server.close();
  await shell.remove();
});

const WARNING = 'list of processes';
const register = (options: RunOptions, ...args: string[]) => shell.caleWith(options, 'register', stranger, ...args);
const credentials = (options: RunOptions, ...args: string[]) =>
  shell.caleWith(options, 'credentials', stranger, '--owner', 'alice', ...args);

describe('a password or a token, which no error repeats, is taken', () => {
  test.each<[string, RunOptions, string[], string]>([
    [
      'from standard input',
      { input: 'won:der land\n' },
      ['--basic', 'alice', '--password-stdin'],
      'alice:won:der land',
    ],
    [
      'from standard input of Windows',
      { input: 'wonder\r\n' },
      ['--basic', 'alice', '--password-stdin'],
      'alice:wonder',
    ],
    ['from the environment', { env: { CALE_PASSWORD: 'wonder' } }, ['--basic', 'alice'], 'alice:wonder'],
  ])('%s, for Basic', async (_, options, args, expected) => {
    const { code, stdout, stderr } = await register(options, ...args);
    expect({ code, stdout, sent }).toEqual({ code: 4, stdout: '', sent: [basic(expected)] });
    for (const secret of [WARNING, 'wonder', basic(expected).slice(6)]) expect(stderr).not.toContain(secret);
  });

  test.each<[string, RunOptions, string[]]>([
    ['from standard input', { input: 'eyJ.token\n' }, ['--token-stdin']],
    ['from standard input, with --bearer', { input: 'eyJ.token\n' }, ['--bearer', '--token-stdin']],
    ['from the environment', { env: { CALE_TOKEN: 'eyJ.token' } }, ['--bearer']],
  ])('%s, for Bearer', async (_, options, args) => {
    const { code, stderr } = await register(options, ...args);
    expect({ code, sent }).toEqual({ code: 4, sent: ['Bearer eyJ.token'] });
    for (const secret of [WARNING, 'eyJ']) expect(stderr).not.toContain(secret);
  });

  test.each<[string, RunOptions, string[]]>([
    ['from standard input', { input: 'of admin\n' }, ['--token-stdin']],
    ['from the environment', { env: { CALE_ADMIN_TOKEN: 'of admin' } }, []],
  ])('%s, for administration', async (_, options, args) => {
    const { code, stderr } = await credentials(options, ...args);
    expect({ code, sent }).toEqual({ code: 4, sent: ['Bearer of admin'] });
    for (const secret of [WARNING, 'of admin']) expect(stderr).not.toContain(secret);
  });

  test('on the command line, with a warning that other users can see it; with --json there is JSON only', async () => {
    const ways = [
      () => register({}, '--basic', 'alice:wonder'),
      () => register({}, '--bearer', 'wonder'),
      () => credentials({}, '--token', 'wonder'),
    ];
    for (const way of ways) {
      const { code, stdout, stderr } = await way();
      expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
      expect(stderr).toContain(WARNING);
      expect(stderr).toMatch(/-stdin.*CALE_/);
      expect(stderr).not.toContain('wonder');
    }
    const json = await register({}, '--basic', 'alice:wonder', '--json');
    expect(JSON.parse(json.stderr)).toMatchObject({ error: 'refused', status: 401 });
    expect(json.stderr).not.toContain('wonder');
    expect(sent).toEqual([basic('alice:wonder'), 'Bearer wonder', 'Bearer wonder', basic('alice:wonder')]);
  });

  test.skipIf(!hasTerminal)('at a terminal, which does not show it', async () => {
    const command = `CALE_HOME='${shell.home}' CALE_PASSPHRASE=secret '${process.execPath}' '${MAIN}'`;
    const ways = [
      ['register', '--basic alice', 'Password of alice:', basic('alice:wonder')],
      ['register', '--bearer', 'Token:', 'Bearer wonder'],
      ['register', '--basic alice --password-stdin', 'Password of alice:', basic('alice:wonder')],
      ['credentials', '--owner alice', "Administrator's token:", 'Bearer wonder'],
    ] as const;
    for (const [name, options, question] of ways) {
      const { code, shown } = await runAtTerminal(`${command} ${name} ${stranger} ${options}`, [[question, 'wonder']]);
      expect(code).toBe(4);
      expect(shown).not.toContain('wonder');
    }
    expect(sent).toEqual(ways.map(([, , , expected]) => expected));
  });
});

test.each<[string, RunOptions, string[]]>([
  ['no user', {}, []],
  ['no password, and no terminal', {}, ['--basic', 'alice']],
  ['no token, and no terminal', {}, ['--bearer']],
  ['an empty standard input', { input: '\n' }, ['--basic', 'alice', '--password-stdin']],
  ['a password without a user', { input: 'x\n' }, ['--password-stdin']],
  ['two passwords', { input: 'x\n' }, ['--basic', 'alice:x', '--password-stdin']],
  ['two proofs', { input: 'x\n' }, ['--basic', 'alice', '--token-stdin']],
])('%s is a matter of usage, and nothing is sent', async (_, options, args) => {
  expect(await register(options, ...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/\w/) });
  expect(sent).toEqual([]);
});

describe('by http to another machine', () => {
  test.each([
    ['a password', ['register', 'http://api.example.com', '--basic', 'alice:wonderland']],
    ['a token', ['register', 'http://192.0.2.1:8787', '--bearer', 'x']],
    ["the administrator's token, to revoke", ['revoke', 'http://api.example.com', '--owner', 'alice', '--token', 'x']],
    [
      "the administrator's token, to list",
      ['credentials', 'http://api.example.com', '--owner', 'alice', '--token', 'x'],
    ],
  ])('%s does not go out, and nothing else does', async (_, args) => {
    const result = await shell.caleWith({ env: { HTTP_PROXY: stranger } }, ...args);
    expect(result).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('https://') });
    expect({ asked, sent }).toEqual({ asked: [], sent: [] });
  });
});
