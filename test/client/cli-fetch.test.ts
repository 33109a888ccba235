/** `cale fetch` as people who know curl type it. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { CaleShell } from '../support/cale-shell.ts';
import type {} from '../support/provided.ts';

const EDGE = inject('edge');

let shell: CaleShell;
beforeAll(async () => {
  shell = await CaleShell.create();
  expect(await shell.cale('register', EDGE, '--basic', 'alice:wonderland')).toMatchObject({ code: 0 });
});
afterAll(() => shell.remove());

const mirror = async (...args: string[]): Promise<{ method: string; body: string; headers: Record<string, string> }> =>
  JSON.parse((await shell.cale('fetch', ...args, `${EDGE}/mirror`)).stdout);
const digest = async (...args: string[]) => JSON.parse((await shell.cale('fetch', ...args, `${EDGE}/digest`)).stdout);

describe('a body', () => {
  test('is joined by & out of several -d, --data-raw and --data-binary, in their order', async () => {
    const parts = ['-d', 'a=1', '--data-raw', '@b', '-d', 'c=3', '--data-binary', 'd=\n4'];
    expect(await mirror(...parts)).toMatchObject({ method: 'POST', body: 'a=1&@b&c=3&d=\n4' });
    expect(await mirror('-d', '')).toMatchObject({ method: 'POST', body: '' });
  });

  test('of -d @file has no line ends and no zero bytes, and of --data-binary @file is the file', async () => {
    const file = join(shell.home, 'body');
    await writeFile(file, 'one\r\ntwo\n\0three\n');
    expect(await mirror('-d', `@${file}`)).toMatchObject({ body: 'onetwothree' });
    expect(await mirror('--data-binary', `@${file}`)).toMatchObject({ body: 'one\r\ntwo\n\0three\n' });
    const result = await shell.cale('fetch', '-d', `@${file}`, `${EDGE}/mirror`);
    expect(result).toMatchObject({ code: 0, stderr: expect.stringContaining('--data-binary') });
    await writeFile(
      file,
      Uint8Array.from({ length: 5000 }, (_, at) => at % 256),
    );
    expect(await digest('--data-binary', `@${file}`)).toMatchObject({ length: 5000 });
  });

  test('of @- is standard input', async () => {
    const { stdout } = await shell.caleWith({ input: 'from a pipe' }, 'fetch', '-d', '@-', `${EDGE}/mirror`);
    expect(JSON.parse(stdout)).toMatchObject({ body: 'from a pipe' });
  });

  test('has the type of a form, unless -H says another, or none', async () => {
    const type = async (...args: string[]) => (await mirror('-d', 'x', ...args)).headers['content-type'];
    expect(await type()).toBe('application/x-www-form-urlencoded');
    expect(await type('-H', 'content-type: text/plain')).toBe('text/plain');
    expect(await type('-H', 'Content-Type:')).toBeUndefined();
  });
});

test('-H is "Name: value", "Name;" for an empty one, or @file with one a line', async () => {
  const file = join(shell.home, 'fields');
  await writeFile(file, 'X-One: 1\r\n\nX-Two:  2 \n');
  const { headers } = await mirror('-H', `@${file}`, '-H', 'X-Empty;', '-H', 'X-Text: gr\u00fc\u00df');
  // UTF-8, as a terminal gives it to curl.
  expect(headers).toMatchObject({ 'x-one': '1', 'x-two': '2', 'x-empty': '', 'x-text': 'gr\u00fc\u00df' });
});

describe('-o', () => {
  test('writes to a file what would be printed; - is standard output', async () => {
    const file = join(shell.home, 'answer');
    expect(await shell.cale('fetch', '-o', file, `${EDGE}/resource/5`)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await readFile(file, 'utf8')).toBe('xxxxx');
    expect((await shell.cale('fetch', '-o', '-', `${EDGE}/resource/5`)).stdout).toBe('xxxxx');
    await shell.cale('fetch', '--json', '-o', file, `${EDGE}/resource/5`);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ status: 200, body: 'xxxxx' });
  });

  test.each([
    ['a folder', 'folder'],
    ['a file in no folder', 'nowhere/answer'],
  ])('%s is told before anything is written there or at the origin', async (_, name) => {
    await mkdir(join(shell.home, 'folder'), { recursive: true });
    const count = async () => (await shell.cale('fetch', `${EDGE}/count`)).stdout;
    const before = await count();
    const result = await shell.cale('fetch', '-d', '', '-o', join(shell.home, name), `${EDGE}/count`);
    expect(result).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(name) });
    expect(await count()).toBe(before);
  });

  test('leaves the file as it was where there is no answer', async () => {
    const file = join(shell.home, 'kept');
    await writeFile(file, 'of before');
    expect((await shell.cale('fetch', '-o', file, `${EDGE}/loop`)).code).not.toBe(0);
    expect(await readFile(file, 'utf8')).toBe('of before');
  });
});

describe('--json', () => {
  test('has each cookie, as a list', async () => {
    const { headers } = JSON.parse((await shell.cale('fetch', '--json', `${EDGE}/cookies`)).stdout);
    const cookies = ['a=1; Path=/', 'b=2; Expires=Wed, 01 Jan 2031 00:00:00 GMT'];
    expect(headers).toMatchObject({ 'content-type': expect.stringContaining('text/plain'), 'set-cookie': cookies });
    const lines = (await shell.cale('fetch', '-i', `${EDGE}/cookies`)).stdout.split('\n');
    expect(lines.filter((line) => line.startsWith('set-cookie'))).toEqual(cookies.map((each) => `set-cookie: ${each}`));
  });

  test('has a body that is no text in base64', async () => {
    const file = join(shell.home, 'bytes');
    await writeFile(file, Uint8Array.of(0xff, 0, 0xfe));
    const args = ['--data-binary', `@${file}`, `${EDGE}/bytes`];
    expect(JSON.parse((await shell.cale('fetch', '--json', ...args)).stdout)).toMatchObject({ base64: '/wD+' });
  });
});

describe('a URL', () => {
  test('needs no scheme on loopback, and a path is of the only edge', async () => {
    const { host } = new URL(EDGE);
    for (const url of [`${host}/resource/3`, '/resource/3', `${EDGE.toUpperCase()}/resource/3`]) {
      expect(await shell.cale('fetch', url)).toMatchObject({ code: 0, stdout: 'xxx' });
    }
  });

  test('of another host without a scheme is one of https', async () => {
    const { stderr } = await shell.cale('fetch', 'api.example.com/balance');
    expect(stderr).toContain('https://api.example.com');
  });

  test.each(['ftp://127.0.0.1/', 'http://', 'mailto:alice@example.com', 'http://alice:secret@127.0.0.1/x', 'a b'])(
    '%s is none, and a password in it is not repeated',
    async (url) => {
      const result = await shell.cale('fetch', url);
      expect(result).toMatchObject({ code: 2, stdout: '' });
      expect(result.stderr).not.toContain('secret');
    },
  );
});

test('methods that no request has, and bodies that a method has not, are a matter of usage', async () => {
  for (const args of [
    ['-X', 'TRACE'],
    ['-X', 'a b'],
    ['-X', 'GET', '-d', 'x'],
    ['--raw', '-d', 'x'],
  ]) {
    expect(await shell.cale('fetch', ...args, `${EDGE}/mirror`)).toMatchObject({ code: 2, stdout: '' });
  }
  expect(await mirror('-X', 'PROPFIND')).toMatchObject({ method: 'PROPFIND' });
});
