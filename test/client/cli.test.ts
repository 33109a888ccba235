/** The command, as it is run from a shell. */

import { type ExecFileException, execFile } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../../scripts/certificates.ts';
import { ROOT } from '../../scripts/workers.ts';
import { importRecipient } from '../../shared/cms/recipients/recipients.ts';
import { seal } from '../../shared/cms/seal.ts';
import { parsePublicKey } from '../../shared/crypto/keys/public-key.ts';
import { concat, utf8 } from '../../shared/encoding/bytes.ts';
import type { Harness } from '../support/harness.ts';
import { startWithTestOrigin } from '../support/test-origin.ts';

const PASSPHRASE = 'a passphrase of the test';

let harness: Harness;
let home: string;
beforeAll(async () => {
  harness = await startWithTestOrigin({ edge: { TLS_CIPHER: 'ECDHE-RSA-AES256-GCM-SHA384' } });
  home = await mkdtemp(join(tmpdir(), 'cale-home-'));
  expect(await cale('register', url('/'), '--basic', 'alice:wonderland', '--subject', 'shell')).toMatchObject({
    code: 0,
  });
});
afterAll(async () => {
  await harness.server.close();
  await rm(home, { recursive: true });
});

const url = (path: string): string => new URL(path, harness.url).href;

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<Result> {
  return new Promise((resolve) => {
    const given = { ...process.env, CALE_HOME: home, CALE_PASSPHRASE: PASSPHRASE, ...env };
    const child = execFile(command, args, { env: given }, (error: ExecFileException | null, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
    child.stdin?.end();
  });
}

const cale = (...args: string[]): Promise<Result> => run(process.execPath, [join(ROOT, 'client/cli/main.ts'), ...args]);

test('fetch prints the body, and with -i the status and header fields that the origin gave', async () => {
  const plain = await cale('fetch', url('/resource'));
  expect(plain.code).toBe(0);
  expect(JSON.parse(plain.stdout)).toMatchObject({ owner: 'alice' });
  const { stdout } = await cale('fetch', '-i', url('/nowhere'));
  expect(stdout).toMatch(/^404\n(.*\n)*content-type: application\/json\n(.*\n)*\n\{"error":"not found"\}$/);
  const json = JSON.parse((await cale('fetch', '--json', url('/nowhere'))).stdout);
  expect(json).toMatchObject({ status: 404, body: '{"error":"not found"}' });
});

describe('fetch writes:', () => {
  const mirror = async (...args: string[]): Promise<Record<string, unknown>> => {
    const { code, stdout, stderr } = await cale('fetch', ...args, url('/mirror?a=b'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as Record<string, unknown>;
  };

  test('-d is a POST of a form, signed', async () => {
    expect(await mirror('-d', 'note=milk')).toMatchObject({
      method: 'POST',
      body: 'note=milk',
      search: '?a=b',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      proof: 'signature',
      isSealed: false,
    });
  });

  test('-X says the method, -H a header field, as often as it is given', async () => {
    const fields = ['-H', 'Content-Type: application/json', '-H', 'X-One: 1', '-H', 'X-Two:2: 3'];
    expect(await mirror('-X', 'PUT', '-d', '{}', ...fields)).toMatchObject({
      method: 'PUT',
      body: '{}',
      headers: { 'content-type': 'application/json', 'x-one': '1', 'x-two': '2: 3' },
      proof: 'signature',
    });
    expect(await mirror('-X', 'DELETE')).toMatchObject({ method: 'DELETE', body: '', proof: 'signature' });
    expect(await mirror('-H', 'X-One: 1')).toMatchObject({
      method: 'GET',
      headers: { 'x-one': '1' },
      proof: 'reading',
    });
  });

  test('--data-binary @file is the bytes of a file', async () => {
    const file = join(home, 'body');
    const bytes = Uint8Array.from({ length: 5000 }, (_, at) => at % 256);
    await writeFile(file, bytes);
    const { stdout } = await cale(
      'fetch',
      '--data-binary',
      `@${file}`,
      '-H',
      'Content-Type: image/png',
      url('/digest'),
    );
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(JSON.parse(stdout)).toEqual({ length: 5000, sha256, type: 'image/png' });
  });

  test('--seal lets only the origin read it', async () => {
    expect(await mirror('--seal')).toMatchObject({ method: 'GET', isSealed: true, proof: 'reading' });
    expect(await mirror('--seal', '-d', 'x')).toMatchObject({
      method: 'POST',
      body: 'x',
      isSealed: true,
      proof: 'signature',
    });
  });

  test.each([
    ['a header field that is none', ['-H', 'nonsense']],
    ['a file that is not there', ['-d', '@/nowhere/body']],
  ])('%s is a matter of usage, and nothing is sent', async (_, args) => {
    const result = await cale('fetch', ...args, url('/mirror'));
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).not.toBe('');
  });
});

test('whoami says who, and gives the certificate', async () => {
  const { stdout } = await cale('whoami', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ owner: 'alice', scopes: ['read', 'write'], device: 'CN=shell' });
  expect((await cale('whoami')).stdout).toContain('owner: alice\norganization: example.com\n');
  expect((await cale('whoami', '--pem')).stdout).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
});

test('what --raw saves is opened by the command, and by openssl with the file that holds the key', async () => {
  const saved = join(home, 'answer.cms');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(ROOT, 'client/cli/main.ts'), 'fetch', '--raw', url('/resource/7')],
    { env: { ...process.env, CALE_HOME: home }, encoding: 'buffer' },
  );
  await writeFile(saved, stdout);
  expect((await cale('open', saved)).stdout).toBe('xxxxxxx');
  const [key = ''] = (await readdir(home)).filter((name) => name.endsWith('.pem'));
  const openssl = ['cms', '-decrypt', '-inform', 'DER', '-in', saved, '-inkey', join(home, key)];
  const opened = await run('openssl', [...openssl, '-passin', `pass:${PASSPHRASE}`]);
  expect(opened).toMatchObject({ code: 0, stdout: 'xxxxxxx' });
});

test('what can have been altered on its way is opened only when that is asked for', async () => {
  const pem = (await cale('whoami', '--pem')).stdout;
  const spki = new Uint8Array(new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' }));
  const recipient = await importRecipient(parsePublicKey(spki));
  const saved = join(home, 'cbc.cms');
  await writeFile(saved, concat(await seal(recipient, 'AES-256-CBC', utf8('a content'))));
  expect(await cale('open', saved)).toMatchObject({ code: 3, stdout: '' });
  expect(await cale('open', saved, '--allow-unauthenticated')).toMatchObject({ code: 0, stdout: 'a content' });
  await writeFile(saved, concat(await seal(recipient, 'AES-256-GCM', utf8('a content'))));
  expect(await cale('open', saved)).toMatchObject({ code: 0, stdout: 'a content' });
});

describe('register', () => {
  const accounts = async (): Promise<number> => JSON.parse((await cale('list', '--json')).stdout).length;
  const registerBob = (account: string, ...more: string[]) =>
    cale('register', url('/'), '--basic', 'bob:builder', '--account', account, ...more);
  afterAll(async () => {
    for (const account of ['owner', 'pinned']) await cale('forget', url('/'), '--account', account);
  });

  test('says for whom, and --owner is whom it has to be for', async () => {
    const before = await accounts();
    expect((await registerBob('owner')).stdout).toContain('owner: bob\n');
    expect((await registerBob('owner', '--owner', 'bob', '--force')).code).toBe(0);
    const refused = await registerBob('other', '--owner', 'alice', '--json');
    expect(refused).toMatchObject({ code: 3, stdout: '' });
    expect(JSON.parse(refused.stderr)).toMatchObject({ error: 'not-trusted' });
    expect(await accounts()).toBe(before + 1);
  });

  test('--authority is the one that is trusted, by its file or its fingerprint', async () => {
    const certificate = harness.secrets.authority['AUTHORITY_CERTIFICATES'] ?? '';
    const file = join(home, 'authority.crt');
    await writeFile(file, certificate);
    const { fingerprint256 } = new X509Certificate(certificate);
    for (const authority of [file, fingerprint256, fingerprint256.replaceAll(':', '').toLowerCase()]) {
      expect((await registerBob('pinned', '--authority', authority, '--force')).code).toBe(0);
    }
    const before = await accounts();
    const other = join(home, 'other.crt');
    await writeFile(other, (await createAuthority('another authority')).certificate);
    for (const authority of [other, 'ab'.repeat(32)]) {
      expect(await registerBob('other', '--authority', authority)).toMatchObject({ code: 3, stdout: '' });
    }
    expect(await registerBob('other', '--authority', '/nowhere/authority.crt')).toMatchObject({ code: 2, stdout: '' });
    expect(await accounts()).toBe(before);
  });
});

test('the file of an account holds its key only under a passphrase', async () => {
  const [name = ''] = (await readdir(home)).filter((each) => each.endsWith('.pem'));
  const text = await readFile(join(home, name), 'utf8');
  expect(text).toContain('-----BEGIN ENCRYPTED PRIVATE KEY-----');
  expect(text).not.toContain('-----BEGIN PRIVATE KEY-----');
  const { stdout } = await run('openssl', ['asn1parse', '-in', join(home, name)]);
  expect(stdout).toMatch(/INTEGER +:0927C0/);
  expect(stdout).toContain('hmacWithSHA256');
  const main = join(ROOT, 'client/cli/main.ts');
  const wrong = await run(process.execPath, [main, 'fetch', url('/resource')], { CALE_PASSPHRASE: 'another' });
  expect(wrong).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^cale: The passphrase does not open/),
  });
});

test('accounts are listed without a passphrase, and forgotten', async () => {
  await cale('register', url('/'), '--basic', 'bob:builder', '--account', 'second', '--key', 'RSA-2048');
  const accounts = JSON.parse((await cale('list', '--json')).stdout) as { account: string }[];
  expect(accounts.map(({ account }) => account).toSorted()).toEqual(['default', 'second']);
  expect(JSON.parse((await cale('fetch', '--account', 'second', url('/resource'))).stdout).owner).toBe('bob');
  expect((await cale('forget', url('/'), '--account', 'second')).code).toBe(0);
  expect((await cale('list')).stdout).not.toContain('second');
});

test('an operator sees and revokes credentials; the next answer cannot be opened', async () => {
  await cale('register', url('/'), '--basic', 'bob:builder', '--account', 'third');
  const token = ['--token', 'admin'];
  const listed = await cale('credentials', url('/'), '--owner', 'bob', ...token, '--json');
  const found = JSON.parse(listed.stdout) as { guid: string; revokedAt: string | null }[];
  expect(found.some(({ revokedAt }) => revokedAt === null)).toBe(true);
  expect((await cale('revoke', url('/'), '--owner', 'bob', ...token)).stdout).toMatch(/^revoked: [1-9]\d*\n$/);
  const refused = await cale('fetch', url('/resource'), '--account', 'third', '--json');
  expect(refused).toMatchObject({ code: 3, stdout: '' });
  expect(JSON.parse(refused.stderr)).toMatchObject({ error: 'unreadable' });
});

test('an account is not lost to another one of its name, unless that is asked for', async () => {
  const before = (await cale('list')).stdout;
  const again = ['register', url('/'), '--basic', 'alice:wonderland'];
  expect(await cale(...again)).toMatchObject({ code: 2, stderr: expect.stringContaining('already') });
  expect((await cale('list')).stdout).toBe(before);
  expect((await cale(...again, '--force', '--subject', 'shell')).code).toBe(0);
  expect((await cale('list')).stdout).not.toBe(before);
});

test('no one is registered where the key cannot be kept', async () => {
  const credentials = async () =>
    JSON.parse((await cale('credentials', url('/'), '--owner', 'bob', '--token', 'admin', '--json')).stdout).length;
  const before = await credentials();
  const main = join(ROOT, 'client/cli/main.ts');
  const blocked = { CALE_HOME: '/sys/nowhere' };
  const result = await run(process.execPath, [main, 'register', url('/'), '--basic', 'bob:builder'], blocked);
  expect(result).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^cale: Keys cannot be stored .*\/sys\/nowhere/m),
  });
  expect(await credentials()).toBe(before);
});

describe('exit codes', () => {
  test.each([
    ['no command', 2, []],
    ['an unknown option', 2, ['list', '--nonsense']],
    ['a key type that is none', 2, ['register', 'http://127.0.0.1:9', '--basic', 'a:b', '--key', 'DSA']],
    ['no proof of identity', 2, ['register', 'http://127.0.0.1:9']],
    ['a GUID that is none', 2, ['revoke', 'http://127.0.0.1:9', '--token', 'x', '--guid', 'xyz']],
    ['a date that is none', 2, ['revoke', 'http://127.0.0.1:9', '--token', 'x', '--before', 'yesterday']],
    ['no such account', 2, ['fetch', 'http://127.0.0.1:9/resource']],
    ['an edge that is not there', 5, ['register', 'http://127.0.0.1:9', '--basic', 'a:b']],
  ] as const)('%s is %i', async (_, code, args) => {
    const result = await cale(...args);
    expect(result.code).toBe(code);
    expect(result.stderr).not.toBe('');
    expect(result.stdout).toBe('');
  });

  test('a wrong password is 4', async () => {
    const result = await cale('register', url('/'), '--basic', 'alice:wrong', '--account', 'other');
    expect(result).toMatchObject({ code: 4, stderr: expect.stringContaining('(identity-required)') });
  });
});
