/** `npm run ca`: what it writes, and what it refuses without a change. */

import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClone } from '../support/clone.ts';

let folder: string;
let clone: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cale-ca-'));
  clone = await createClone(join(folder, 'clone'));
  expect(await ca('init', '--days', '90')).toMatchObject({ code: 0, stderr: '' });
});
afterAll(() => rm(folder, { recursive: true }));

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const PASSPHRASE = { CALE_CA_PASSPHRASE: 'correct horse' };

function ca(...args: string[]): Promise<Ran> {
  return caWith(PASSPHRASE, ...args);
}

function caWith(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const script = join(clone, 'scripts/ca.ts');
    const { CALE_CA_PASSPHRASE: _, ...own } = process.env;
    const child = execFile(process.execPath, [script, ...args], { env: { ...own, ...env } }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
    child.stdin?.end();
  });
}

const openssl = (...args: string[]): Promise<boolean> =>
  new Promise((resolve) => {
    execFile('openssl', args, { cwd: join(clone, 'secrets') }, (error) => resolve(error === null));
  });

/** Every file of the folder with its text. */
async function snapshot(): Promise<Record<string, string>> {
  const path = join(clone, 'secrets');
  const files = (await readdir(path, { recursive: true })).filter((file) => /\.\w+$/.test(file));
  const texts = await Promise.all(files.map(async (file) => [file, await readFile(join(path, file), 'utf8')]));
  return Object.fromEntries(texts);
}

test('keys are readable only for their owner, and that of the root by its passphrase', async () => {
  const modeOf = async (file: string) => (await stat(join(clone, 'secrets', file))).mode & 0o777;
  expect(await modeOf('.')).toBe(0o700);
  const files = Object.keys(await snapshot());
  expect(files).toContain('deploy/authority.json');
  for (const file of files) expect(await modeOf(file)).toBe(file.endsWith('.pem') ? 0o644 : 0o600);
  expect(await openssl('pkey', '-in', 'root-1.key', '-passin', 'pass:correct horse', '-noout')).toBe(true);
  expect(await openssl('pkey', '-in', 'root-1.key', '-passin', 'pass:wrong', '-noout')).toBe(false);
  expect(await openssl('pkey', '-in', 'issuing-1.key', '-noout')).toBe(true);
});

test('it lists all with state, end and fingerprint', async () => {
  const { stdout } = await ca('show');
  const soon = new Date(Date.now() + 90 * 24 * 60 * 60 * 1000).toISOString().slice(0, 7);
  expect(stdout).toMatch(
    /^root-1: in use\n {2}secrets\/root-1.pem, by root-1, ends 20\d\d-\d\d-\d\d\n {2}([0-9A-F]{2}:){31}[0-9A-F]{2}$/m,
  );
  for (const name of ['issuing', 'signing', 'encryption']) {
    expect(stdout).toMatch(new RegExp(`^${name}-1: in use\\n {2}secrets/${name}-1.pem, by \\w+-1, ends ${soon}`, 'm'));
  }
});

describe('is refused in a sentence, and nothing is changed:', () => {
  test.each<[string, string[], Record<string, string>, RegExp]>([
    ['a second init', ['init'], PASSPHRASE, /There is an authority in secrets\/ already/],
    [
      'a wrong passphrase',
      ['rotate', 'issuing'],
      { CALE_CA_PASSPHRASE: 'wrong' },
      /does not open secrets\/root-1\.key/,
    ],
    ['no passphrase and no terminal', ['issue', 'issuing'], {}, /set CALE_CA_PASSPHRASE/],
    ['an empty passphrase', ['rotate', 'root'], { CALE_CA_PASSPHRASE: '' }, /is empty/],
    ['days that are none', ['rotate', 'signing', '--days', '0'], PASSPHRASE, /--days is a whole number from 1 to 7300/],
    ['an unknown key', ['revoke', 'issuing-9'], PASSPHRASE, /There is no key issuing-9\. There are: root-1, issuing-1/],
  ])('%s', async (_, args, env, sentence) => {
    const before = await snapshot();
    const { code, stdout, stderr } = await caWith(env, ...args);
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(sentence)]);
    expect(await snapshot()).toEqual(before);
  });

  test.each([[], ['rotate'], ['rotate', 'all'], ['issue', 'root'], ['show', 'x'], ['init', '--force'], ['revoke']])(
    'a command that is none: %s %s',
    async (...args) => {
      const before = await snapshot();
      expect(await ca(...args)).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining('npm run ca -- init'),
      });
      expect(await snapshot()).toEqual(before);
    },
  );

  test('a step without the key of the root', async () => {
    const path = join(clone, 'secrets/root-1.key');
    await rename(path, join(folder, 'root-1.key'));
    const before = await snapshot();
    const { code, stderr } = await ca('rotate', 'issuing');
    expect([code, stderr]).toEqual([1, 'secrets/root-1.key is not there: bring it back for this step.\n']);
    expect(await snapshot()).toEqual(before);
    await rename(join(folder, 'root-1.key'), path);
  });

  test('a state that is damaged', async () => {
    const path = join(clone, 'secrets/state.json');
    const good = await readFile(path, 'utf8');
    await writeFile(path, good.slice(0, 40));
    expect(await ca('show')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('secrets/state.json is damaged'),
    });
    await writeFile(path, good);
  });

  test('a rotation of the root while one of an issuing key is under way', async () => {
    expect(await ca('rotate', 'issuing')).toMatchObject({ code: 0 });
    const before = await snapshot();
    const { code, stderr } = await ca('rotate', 'root');
    expect([code, stderr]).toEqual([1, 'A rotation is under way: end it first, by npm run ca -- rotate issuing\n']);
    expect(await snapshot()).toEqual(before);
  });
});

test('what was written once stays as it is, through rotations and revocations', async () => {
  const before = await snapshot();
  for (const command of ['rotate issuing', 'revoke issuing-2', 'revoke root-1']) {
    expect(await ca(...command.split(' '))).toMatchObject({ code: 0, stderr: '' });
  }
  const after = await snapshot();
  const kept = Object.entries(before).filter(([file]) => /\.(key|pem)$/.test(file));
  expect(after).toMatchObject(Object.fromEntries(kept));
  const { stdout } = await ca('show');
  expect(stdout).toMatch(/^root-1: revoked$/m);
  expect(stdout).toMatch(/^root-2: in use$/m);
});
