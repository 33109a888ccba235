/** The lock of FileKeyStore: a file, which programs heed that know nothing else of each other. */

import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { CaleClient, FileKeyStore } from '../../client/node.ts';
import { takeLockFile } from '../../client/stores/lock-file.ts';
import { ROOT } from '../../scripts/workers.ts';
import type {} from '../support/provided.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cale-lock-'));
  path = join(folder, 'account.lock');
});
afterEach(() => rm(folder, { recursive: true }));

const crashed = async (): Promise<void> => {
  await writeFile(path, 'of a program that is no more');
  const longAgo = new Date(Date.now() - 2 * 60_000);
  await utimes(path, longAgo, longAgo);
};

/** Takes the lock as often as that, and notes when more than one holds it. */
async function takeAtOnce(times: number): Promise<number> {
  let holders = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: times }, async () => {
      const release = await takeLockFile(path);
      most = Math.max(most, ++holders);
      await new Promise((resolve) => setTimeout(resolve, 5));
      holders--;
      await release();
    }),
  );
  return most;
}

test('one holds it at a time, and it is gone afterwards', async () => {
  expect(await takeAtOnce(8)).toBe(1);
  expect(await readdir(folder)).toEqual([]);
});

test('that of a program which crashed is taken over, by one', async () => {
  await crashed();
  expect(await takeAtOnce(8)).toBe(1);
  expect(await readdir(folder)).toEqual([]);
});

test('that of a program which works is waited for', async () => {
  await writeFile(path, 'of another program');
  let isTaken = false;
  const taking = takeLockFile(path).then((release) => {
    isTaken = true;
    return release();
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(isTaken).toBe(false);
  await rm(path);
  await taking;
  expect(isTaken).toBe(true);
});

test('who slept so long that it was taken from him leaves it to the other', async () => {
  const releaseFirst = await takeLockFile(path);
  const longAgo = new Date(Date.now() - 2 * 60_000);
  await utimes(path, longAgo, longAgo);
  const releaseSecond = await takeLockFile(path);
  await releaseFirst();
  expect((await stat(path)).isFile()).toBe(true);
  await releaseSecond();
  expect(await readdir(folder)).toEqual([]);
});

test('a lock is no account, and a folder that cannot be written is a storage error', async () => {
  const store = new FileKeyStore({ directory: folder, passphrase: 'a passphrase of the test' });
  const id = { edge: 'https://api.example.com', name: 'default' };
  expect(await store.exclusively(id, () => store.list())).toEqual([]);
  expect(await store.isPersisted()).toBe(true);
  const blocked = new FileKeyStore({ directory: '/sys/nowhere', passphrase: 'a passphrase of the test' });
  await expect(blocked.exclusively(id, async () => 1)).rejects.toMatchObject({ code: 'storage' });
});

test('of programs that start at once one registers', async () => {
  const program = join(ROOT, 'test/client/load-or-register.ts');
  const run = () => promisify(execFile)(process.execPath, [program, inject('edge'), folder]);
  const outcomes = await Promise.all([run(), run(), run()]);
  expect(outcomes.map(({ stdout }) => stdout)).toEqual(['alice', 'alice', 'alice']);
  const token = { headers: { Authorization: 'Bearer admin' } };
  const answer = await fetch(`${inject('edge')}/admin/credentials?owner=alice`, token);
  const { credentials } = (await answer.json()) as { credentials: { device: string }[] };
  expect(credentials.filter(({ device }) => device === 'CN=one of several programs')).toHaveLength(1);
  const store = new FileKeyStore({ directory: folder, passphrase: 'a passphrase of the test' });
  expect((await CaleClient.load({ edge: inject('edge'), store }))?.owner).toBe('alice');
});
