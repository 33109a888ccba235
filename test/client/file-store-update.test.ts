/** Accounts in files that are stored again when the client has followed an authority. */

import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { CaleClient, FileKeyStore } from '../../client/node.ts';
import { basic } from '../support/harness.ts';
import type {} from '../support/provided.ts';

const edge = inject('edge');
const id = { edge, name: 'default' };
const PASSPHRASE = 'correct horse';

let directory: string;
let asked: number;
let store: FileKeyStore;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cale-store-'));
  store = openStore();
  await CaleClient.register({ edge, store, authorization: basic('alice', 'wonderland') });
});
afterAll(() => rm(directory, { recursive: true }));

function openStore(): FileKeyStore {
  asked = 0;
  const passphrase = () => {
    asked += 1;
    return PASSPHRASE;
  };
  return new FileKeyStore({ directory, passphrase });
}

const read = async () => (await openStore().get(id)) ?? expect.unreachable();

test('an account without issuers follows and is stored with them, and its key opens as before', async () => {
  const { issuers, ...before } = await read();
  await openStore().update(before);
  expect((await read()).issuers).toBeUndefined();
  const client = (await CaleClient.load({ edge, store: openStore() })) ?? expect.unreachable();
  await client.whoami();
  const after = await read();
  expect(after).toMatchObject({ ...before, issuers, key: { keyIdentifier: before.key.keyIdentifier } });
  const [file = ''] = await readdir(directory);
  await promisify(execFile)('openssl', [
    'pkey',
    '-in',
    join(directory, file),
    '-passin',
    `pass:${PASSPHRASE}`,
    '-noout',
  ]);
});

test('the passphrase is asked for once, when an account is read and stored again', async () => {
  const opened = openStore();
  const account = (await opened.get(id)) ?? expect.unreachable();
  await opened.update(account);
  expect(asked).toBe(1);
});

test('another account that has taken its place stays', async () => {
  const account = await read();
  await openStore().update({ ...account, guid: crypto.randomUUID(), issuers: 'other' });
  expect((await read()).issuers).toBe(account.issuers);
});
