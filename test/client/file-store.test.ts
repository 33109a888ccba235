/** Accounts in a folder: files that were altered, are damaged, of before, or open to other users. */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AccountInfo } from '../../client/account.ts';
import { generateDeviceKey } from '../../client/device-key.ts';
import { CaleError } from '../../client/errors.ts';
import { FileKeyStore } from '../../client/stores/file.ts';
import { ROOT } from '../../scripts/workers.ts';
import { parseSequence } from '../../shared/encoding/der/reader.ts';
import { encode, octetString, sequence } from '../../shared/encoding/der/writer.ts';
import { encodePem, parsePem } from '../../shared/encoding/pem.ts';

const PASSPHRASE = 'a passphrase of the test';
const EDGE = 'https://api.example.com';
const ID = { edge: EDGE, name: 'default' };
const OTHER = { edge: EDGE, name: 'other' };

let directory: string;
let passedOver: string[];
let store: FileKeyStore;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cale-store-'));
  passedOver = [];
  const onForeignFile = (path: string, fault: string) => passedOver.push(`${fault} ${path}`);
  store = new FileKeyStore({ directory, passphrase: PASSPHRASE, onForeignFile });
});
afterEach(() => rm(directory, { recursive: true }));

const info = (id: { edge: string; name: string }): AccountInfo => ({
  ...id,
  guid: crypto.randomUUID(),
  owner: 'alice',
  authorities: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  answersSigned: true,
  origin: { signing: '', encryption: '' },
  registeredAt: Date.UTC(2026, 10, 26),
});

/** @returns the path of the account's file. */
async function put(id: { edge: string; name: string }): Promise<string> {
  const { key, pkcs8 } = await generateDeviceKey('P-256', '', crypto.subtle);
  await store.put({ ...info(id), key }, pkcs8);
  return store.pathOf(id);
}

const write = (path: string, text: string) => writeFile(path, text, { mode: 0o600 });
const errorOf = (work: Promise<unknown>): Promise<CaleError> =>
  work.then(
    () => expect.unreachable(),
    (error) => error as CaleError,
  );

async function expectPassedOver(path: string, fault: string): Promise<void> {
  passedOver = [];
  expect((await store.list()).map(({ name }) => name)).toEqual(['other']);
  expect(passedOver).toEqual([`${fault} ${path}`]);
  expect(await store.get(OTHER)).toMatchObject({ owner: 'alice' });
}

const openssl = (path: string, passphrase: string) =>
  promisify(execFile)('openssl', ['pkey', '-in', path, '-passin', `pass:${passphrase}`, '-noout']);

test('an account is kept so that this user only can read it, and openssl finds its key', async () => {
  const path = await put(ID);
  expect(await store.get(ID)).toMatchObject({ ...ID, owner: 'alice', answersSigned: true });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await openssl(path, PASSPHRASE);
});

describe('a line that was altered is told by the name of its file, and never taken:', () => {
  test.each<[string, (line: Record<string, unknown>) => unknown]>([
    ['another edge', (line) => ({ ...line, edge: 'https://evil.example.com' })],
    ['another name', (line) => ({ ...line, name: 'else' })],
    ['another GUID', (line) => ({ ...line, guid: crypto.randomUUID() })],
    ['other authorities', (line) => ({ ...line, authorities: '' })],
    ['another owner', (line) => ({ ...line, owner: 'bob' })],
    ['answers that need no signature', (line) => ({ ...line, answersSigned: false })],
    ['no origin', ({ origin, ...line }) => line],
    ['a time that is none', (line) => ({ ...line, registeredAt: 'yesterday' })],
    ['one more member', (line) => ({ ...line, more: 1 })],
    ['the same in another order', (line) => Object.fromEntries(Object.entries(line).reverse())],
    ['nothing', () => undefined],
  ])('%s', async (_, alter) => {
    const path = await put(ID);
    await put(OTHER);
    const [line = '', ...pem] = (await readFile(path, 'utf8')).split('\n');
    await write(path, [JSON.stringify(alter(JSON.parse(line))), ...pem].join('\n'));
    const error = await errorOf(store.get(ID));
    expect(error).toBeInstanceOf(CaleError);
    expect(error).toMatchObject({ code: 'storage', message: expect.stringContaining(`${path} was altered`) });
    await expectPassedOver(path, 'altered');
  });

  test('the whole file of another account', async () => {
    const path = await put(ID);
    await copyFile(await put(OTHER), path);
    expect(await errorOf(store.get(ID))).toMatchObject({ code: 'storage', message: expect.stringContaining(path) });
    await expectPassedOver(path, 'altered');
  });

  test('with a salt that fits it, or that is as long as those of before: the key does not open', async () => {
    const path = await put(ID);
    const [line = '', ...pem] = (await readFile(path, 'utf8')).split('\n');
    const altered = JSON.stringify({ ...JSON.parse(line), guid: crypto.randomUUID() });
    for (const salt of [createHash('sha256').update(altered).digest(), Buffer.alloc(16, 1)]) {
      await write(path, `${altered}\n${withSalt(pem.join('\n'), salt)}`);
      expect(await errorOf(store.get(ID))).toMatchObject({ code: 'passphrase' });
    }
  });
});

/** The EncryptedPrivateKeyInfo with another salt. */
function withSalt(pem: string, salt: Uint8Array): string {
  const [der = new Uint8Array(0)] = parsePem('ENCRYPTED PRIVATE KEY', pem);
  const info = parseSequence(der);
  const algorithm = info.sequence();
  const pbes2 = algorithm.next().encoding;
  const parameters = algorithm.sequence();
  const kdf = parameters.sequence();
  const pbkdf2 = kdf.next().encoding;
  const kdfParameters = kdf.sequence();
  kdfParameters.octetString();
  const newKdf = sequence(pbkdf2, sequence(octetString(salt), kdfParameters.rest()));
  const newAlgorithm = sequence(pbes2, sequence(newKdf, parameters.rest()));
  return encodePem('ENCRYPTED PRIVATE KEY', encode(sequence(newAlgorithm, info.rest())));
}

test.each<[string, (text: string) => string]>([
  ['cut off', (text) => text.slice(0, text.lastIndexOf('-----END') - 100)],
  ['without its key', (text) => text.slice(0, text.indexOf('\n') + 1)],
  ['empty', () => ''],
])('a file that is %s is named, and spoils no other', async (_, damage) => {
  const path = await put(ID);
  await put(OTHER);
  await write(path, damage(await readFile(path, 'utf8')));
  expect(await errorOf(store.get(ID))).toMatchObject({ code: 'storage', message: expect.stringContaining(path) });
  await expectPassedOver(path, 'damaged');
});

describe('a file of before', () => {
  const OLD = 'test/vectors/account-file/c5383fa6dcb181e714cccdad485b777c.pem';
  const PASSPHRASE_OF_BEFORE = 'a passphrase of before';
  let path: string;
  let old: FileKeyStore;
  beforeEach(async () => {
    path = store.pathOf(ID);
    await copyFile(join(ROOT, OLD), path);
    await chmod(path, 0o600);
    old = new FileKeyStore({ directory, passphrase: PASSPHRASE_OF_BEFORE });
  });

  test('is read, and written in the new form', async () => {
    expect(await old.list()).toMatchObject([ID]);
    const account = await old.get(ID);
    expect(account).toMatchObject({ ...ID, guid: '00000000-0000-4000-8000-000000000001', owner: 'alice' });
    const { key, pkcs8 } = await generateDeviceKey('P-256', '', crypto.subtle);
    if (account !== undefined) await old.put({ ...account, key }, pkcs8);
    const text = await readFile(path, 'utf8');
    await write(path, text.replace('alice', 'mallory'));
    expect(await errorOf(old.get(ID))).toMatchObject({ code: 'storage' });
    await write(path, text);
    expect(await old.get(ID)).toMatchObject({ owner: 'alice' });
    await openssl(path, PASSPHRASE_OF_BEFORE);
  });

  test('leads to no other edge', async () => {
    await write(path, (await readFile(path, 'utf8')).replace(EDGE, 'https://evil.example.com'));
    expect(await errorOf(old.get(ID))).toMatchObject({ code: 'storage', message: expect.stringContaining('altered') });
  });
});

test('no key is stored under an empty passphrase', async () => {
  const { key, pkcs8 } = await generateDeviceKey('P-256', '', crypto.subtle);
  for (const passphrase of ['', () => '', () => undefined as unknown as string, undefined as unknown as string]) {
    const careless = new FileKeyStore({ directory, passphrase });
    for (const work of [() => careless.ready(), () => careless.put({ ...info(ID), key }, pkcs8)]) {
      expect(await errorOf(work())).toMatchObject({ code: 'passphrase', message: expect.stringContaining('empty') });
    }
  }
  expect(await readdir(directory)).toEqual([]);
});

describe('what is open to other users is not used, and the command that mends it is told:', () => {
  test.each(['755', '710', '702'])('a folder of mode %s', async (mode) => {
    await put(ID);
    await chmod(directory, mode);
    const { key, pkcs8 } = await generateDeviceKey('P-256', '', crypto.subtle);
    const writes = [() => store.ready(), () => store.put({ ...info(ID), key }, pkcs8)];
    for (const work of [...writes, () => store.get(ID), () => store.list()]) {
      const message = expect.stringContaining(`chmod 700 ${directory}`);
      expect(await errorOf(work())).toMatchObject({ code: 'storage', message });
    }
    await chmod(directory, 0o700);
    expect(await store.get(ID)).toMatchObject(ID);
  });

  test.each(['644', '620'])('a file of mode %s', async (mode) => {
    const path = await put(ID);
    await chmod(path, mode);
    const message = expect.stringContaining(`chmod 600 ${path}`);
    expect(await errorOf(store.get(ID))).toMatchObject({ code: 'storage', message });
  });

  test('in words of a shell', async () => {
    const folder = join(directory, "bob's keys");
    await mkdir(folder, { mode: 0o755 });
    const error = await errorOf(new FileKeyStore({ directory: folder, passphrase: PASSPHRASE }).ready());
    const [, command = ''] = /`(.*)`/.exec(error.message) ?? [];
    await promisify(execFile)('sh', ['-c', command]);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  test("another user's folder", async () => {
    // A process of root can give a folder away; for another one that of the system is another user's.
    const isRoot = process.getuid?.() === 0;
    const folder = isRoot ? directory : '/usr';
    if (isRoot) await promisify(execFile)('chown', ['12345', folder]);
    const work = new FileKeyStore({ directory: folder, passphrase: PASSPHRASE }).list();
    const message = expect.stringMatching(/another user: `sudo chown -R \d+ /);
    expect(await errorOf(work)).toMatchObject({ code: 'storage', message });
  });
});
