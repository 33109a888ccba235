/** What the command says when something goes wrong: the cause, the way out, no secret; and what does not stop it. */

import { spawn } from 'node:child_process';
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { CaleShell, MAIN } from '../support/cale-shell.ts';
import type {} from '../support/provided.ts';

const EDGE = inject('edge');
const REGISTER = ['register', EDGE, '--basic', 'alice:wonderland'];

let shell: CaleShell;
beforeAll(async () => {
  shell = await CaleShell.create();
  expect(await shell.cale(...REGISTER)).toMatchObject({ code: 0 });
});
afterAll(() => shell.remove());

const failing = (code: number, stderr: string) => ({ code, stdout: '', stderr: expect.stringContaining(stderr) });

describe('a secret that no header field can hold is not repeated:', () => {
  test.each<[string, string[]]>([
    ['a token', ['register', EDGE, '--account', 'other', '--bearer', 'eyJ.SECRET\nSECRET.sig']],
    ["the administrator's token", ['revoke', EDGE, '--owner', 'alice', '--token', 'SECRET\nSECRET']],
    ['a field', ['fetch', '-H', 'X-Key: SECRET\nSECRET', EDGE]],
    ['a field without a name', ['fetch', '-H', 'SECRET SECRET', EDGE]],
  ])('%s', async (_, args) => {
    for (const json of [[], ['--json']]) {
      const result = await shell.cale(...args, ...json);
      expect(result).toMatchObject({ code: 2, stdout: '' });
      expect(result.stderr).toMatch(/\w+ \w+/);
      expect(result.stderr).not.toContain('SECRET');
    }
  });

  test('and one with a line end behind it is taken', async () => {
    const revoked = await shell.cale('revoke', EDGE, '--guid', crypto.randomUUID(), '--token', 'admin\n', '--json');
    expect(revoked).toMatchObject({ code: 0, stdout: '{"revoked":0}\n' });
  });
});

describe('the edge', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  /** A stranger on a port. */
  async function listening(listener: RequestListener): Promise<string> {
    server = createServer(listener);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test('that is not there is told with its URL and the cause', async () => {
    const url = await listening(() => undefined);
    await new Promise((resolve) => server?.close(resolve));
    const result = await shell.cale('register', url, '--basic', 'a:b');
    expect(result).toMatchObject(failing(5, `${url} cannot be reached. (connect ECONNREFUSED`));
    expect(result.stderr).toContain('port');
  });

  test('that is http, and was asked by https, is told so', async () => {
    const { host } = new URL(await listening((_, response) => response.end()));
    expect(await shell.cale('register', `https://${host}`, '--basic', 'a:b')).toMatchObject(failing(5, 'http://'));
  });

  test.each<[string, RequestListener, number, string]>([
    ['a page', (_, response) => response.end('<p>'), 1, 'is no edge'],
    ['a redirect', (_, response) => response.writeHead(301, { Location: '/x' }).end(), 1, '(301)'],
    ['a 404', (_, response) => response.writeHead(404).end(), 4, 'is the URL right?'],
  ])('that is none, and answers with %s, is told so', async (_, listener, code, words) => {
    const url = await listening(listener);
    expect(await shell.cale('register', url, '--basic', 'a:b')).toMatchObject(failing(code, words));
  });

  test('that asks to wait is told with the time, and its words cannot move the cursor', async () => {
    const problem = { type: 'urn:cale:problem:too-many-requests', title: 'Too \u001b[2Jmany.', status: 429 };
    const url = await listening((_, response) =>
      response.writeHead(429, { 'Retry-After': '7' }).end(JSON.stringify(problem)),
    );
    const { stderr } = await shell.cale('register', url, '--basic', 'a:b');
    expect(stderr).toContain('(too-many-requests) Try again in 7 seconds.');
    expect(stderr).not.toContain('\u001b');
  });

  test('that does not take a password says so in its words, and --basic is named', async () => {
    const refused = await shell.cale('register', EDGE, '--basic', 'alice:wrong', '--account', 'other');
    expect(refused).toMatchObject(failing(4, '--basic'));
    const json = await shell.cale('register', EDGE, '--basic', 'alice:wrong', '--account', 'other', '--json');
    expect(JSON.parse(json.stderr)).toMatchObject({
      error: 'refused',
      status: 401,
      title: expect.stringMatching(/\w/),
    });
  });
});

test('no key is registered under an empty passphrase', async () => {
  const args = ['register', EDGE, '--basic', 'alice:wonderland', '--account', 'other'];
  expect(await shell.caleWith({ env: { CALE_PASSPHRASE: '' } }, ...args)).toMatchObject(failing(2, 'empty'));
});

test('with --json, errors of usage are JSON too', async () => {
  for (const args of [['fetch'], ['nonsense'], ['list', '--nonsense'], ['register', EDGE, '--key', 'DSA']]) {
    const { code, stderr } = await shell.cale(...args, '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ error: 'usage', message: expect.stringMatching(/\w/) });
  }
});

test('an answer that cannot be opened is no advice to throw the key away', async () => {
  await shell.cale('register', EDGE, '--basic', 'bob:builder', '--account', 'revoked');
  const accounts = JSON.parse((await shell.cale('list', '--json')).stdout) as { account: string; guid: string }[];
  const { guid = '' } = accounts.find(({ account }) => account === 'revoked') ?? {};
  await shell.cale('revoke', EDGE, '--guid', guid, '--token', 'admin');
  const { code, stderr } = await shell.cale('fetch', `${EDGE}/resource`, '--account', 'revoked');
  expect(code).toBe(3);
  expect(stderr).toContain('--account NAME');
  expect(stderr).not.toContain('--force');
  await shell.cale('forget', EDGE, '--account', 'revoked');
});

describe('in the folder of the keys', () => {
  test('files that are no accounts are passed over, and named by list', async () => {
    const [account = ''] = (await readdir(shell.home)).filter((name) => name.endsWith('.pem'));
    const foreign = ['empty.pem', 'authority.pem', 'json.pem', 'copy.pem', 'folder.pem', '._macos.pem'];
    await writeFile(join(shell.home, 'empty.pem'), '');
    await writeFile(join(shell.home, 'authority.pem'), (await shell.cale('whoami', '--pem')).stdout);
    await writeFile(join(shell.home, 'json.pem'), '{"edge":"http://127.0.0.1"}\n');
    await writeFile(join(shell.home, '._macos.pem'), Uint8Array.of(0, 5, 0x16, 7, 0, 2, 0, 0));
    await copyFile(join(shell.home, account), join(shell.home, 'copy.pem'));
    await mkdir(join(shell.home, 'folder.pem'));
    try {
      const listed = await shell.cale('list', '--json');
      expect(JSON.parse(listed.stdout)).toMatchObject([{ edge: EDGE, account: 'default' }]);
      const named = foreign.filter((name) => listed.stderr.includes(name));
      expect(named).toEqual(foreign.filter((name) => !name.startsWith('.')));
      expect(await shell.cale('fetch', `${EDGE}/resource/3`)).toEqual({ code: 0, stdout: 'xxx', stderr: '' });
      expect((await shell.cale('whoami')).stdout).toContain('owner: alice\n');
    } finally {
      for (const name of foreign) await rm(join(shell.home, name), { recursive: true });
    }
  });

  test('an account that is damaged is named, and no passphrase is blamed', async () => {
    const [name = ''] = (await readdir(shell.home)).filter((each) => each.endsWith('.pem'));
    const path = join(shell.home, name);
    const text = await readFile(path, 'utf8');
    const half = text.slice(0, text.lastIndexOf('-----END') - 100);
    for (const damaged of [
      half,
      text.replace('-----BEGIN ENCRYPTED', ''),
      text.replace(/\n[A-Za-z0-9+/]{64}\n/, '\n'),
    ]) {
      await writeFile(`${path}.new`, damaged, { mode: 0o600 });
      await rename(`${path}.new`, path);
      expect(await shell.cale('fetch', `${EDGE}/resource`)).toMatchObject(failing(1, `${path} is damaged`));
    }
    await writeFile(path, text);
    expect(await shell.cale('fetch', `${EDGE}/resource/3`)).toMatchObject({ code: 0 });
  });

  test('an account whose edge was altered is named, not followed, and not written over', async () => {
    const [name = ''] = (await readdir(shell.home)).filter((each) => each.endsWith('.pem'));
    const path = join(shell.home, name);
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace(EDGE, 'https://evil.example.com'));
    try {
      for (const args of [
        ['fetch', `${EDGE}/resource`],
        ['whoami', '--edge', EDGE],
        ['forget', EDGE],
      ]) {
        expect(await shell.cale(...args)).toMatchObject(failing(1, `${path} was altered`));
      }
      expect((await shell.cale('whoami')).stderr).toContain(`${path} was altered`);
      expect(await shell.cale('list')).toEqual({ code: 0, stdout: '', stderr: expect.stringContaining(path) });
      expect(await shell.cale(...REGISTER)).toMatchObject(failing(2, `${path} was altered`));
    } finally {
      await writeFile(path, text);
    }
    expect(await shell.cale('fetch', `${EDGE}/resource/3`)).toMatchObject({ code: 0, stdout: 'xxx' });
  });

  test('that others can look into, or a key that they can read, is told with the command that mends it', async () => {
    const [name = ''] = (await readdir(shell.home)).filter((each) => each.endsWith('.pem'));
    const [path, folder] = [join(shell.home, name), shell.home];
    await chmod(path, 0o644);
    expect(await shell.cale('fetch', `${EDGE}/resource`)).toMatchObject(failing(1, `chmod 600 ${path}`));
    await chmod(path, 0o600);
    await chmod(folder, 0o755);
    for (const args of [['list'], [...REGISTER, '--force']]) {
      expect(await shell.cale(...args)).toMatchObject(failing(1, `chmod 700 ${folder}`));
    }
    await chmod(folder, 0o700);
  });

  test('that is a file, or lies in one, is named, with the variable that sets it', async () => {
    const file = join(shell.home, 'a file');
    await writeFile(file, '');
    for (const CALE_HOME of [file, join(file, 'below')]) {
      for (const args of [['list'], [...REGISTER, '--account', 'other']]) {
        const result = await shell.caleWith({ env: { CALE_HOME } }, ...args);
        expect(result).toMatchObject(failing(1, `${CALE_HOME}: it is no folder`));
        expect(result.stderr).toContain('CALE_HOME');
      }
    }
  });

  test('that is not there is empty', async () => {
    const env = { CALE_HOME: join(shell.home, 'nowhere') };
    expect(await shell.caleWith({ env }, 'list')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await shell.caleWith({ env }, 'whoami')).toMatchObject(failing(2, 'cale register'));
  });

  test('of which the name is empty is the usual one', async () => {
    const env = { CALE_HOME: '', XDG_CONFIG_HOME: join(shell.home, 'config') };
    expect(await shell.caleWith({ env }, 'list')).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});

describe('standard output', () => {
  /** Runs the command in a pipe whose reader goes after so many bytes. */
  async function intoPipe(bytes: number, ...args: string[]): Promise<{ code: number | null; stderr: string }> {
    const child = spawn(process.execPath, [MAIN, ...args], { env: shell.env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    if (bytes === 0) child.stdout.destroy();
    else child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { code, stderr };
  }

  test('that is a pipe, and closed early, ends the command quietly', async () => {
    for (const args of [['list'], ['whoami'], ['--help'], ['fetch', `${EDGE}/resource/10`]]) {
      expect(await intoPipe(0, ...args)).toEqual({ code: 0, stderr: '' });
    }
    expect(await intoPipe(1, 'fetch', `${EDGE}/resource/5000000`)).toEqual({ code: 0, stderr: '' });
  });

  test('that is full is told', async () => {
    const command = `"${process.execPath}" "${MAIN}" fetch ${EDGE}/resource > /dev/full`;
    expect(await shell.run('sh', ['-c', command])).toMatchObject(failing(1, 'no space left'));
  });
});
