/** The KeyStore of examples/react-native, with a stand-in for the native module of React Native that it calls. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Crypto as PeculiarCrypto } from '@peculiar/webcrypto';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type * as client from '../../client/index.ts';
import { ROOT } from '../../scripts/workers.ts';
import type {} from '../support/provided.ts';

/** What the phone keeps, as react-native-keychain has it. */
const KEYCHAIN = `
const items = new Map();
export const ACCESSIBLE = { WHEN_UNLOCKED_THIS_DEVICE_ONLY: 'AccessibleWhenUnlockedThisDeviceOnly' };
export async function setGenericPassword(username, password, { service, accessible }) {
  if (accessible !== ACCESSIBLE.WHEN_UNLOCKED_THIS_DEVICE_ONLY) throw new Error('it would be in a backup');
  items.set(service, { service, username, password });
}
export const getGenericPassword = async ({ service }) => items.get(service) ?? false;
export const resetGenericPassword = async ({ service }) => items.delete(service);
export const getAllGenericPasswordServices = async () => ['of another library', ...items.keys()];
`;
const MAIN = `
export { KeychainStore } from './examples/react-native/keychain-store.ts';
export * from './client/index.ts';
`;

let folder: string;
let app: typeof client & { readonly KeychainStore: new (crypto: Crypto) => client.KeyStore };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cale-react-native-'));
  await writeFile(join(folder, 'keychain.js'), KEYCHAIN);
  await build({
    stdin: { contents: MAIN, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    splitting: true,
    format: 'esm',
    outdir: folder,
    entryNames: 'app',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    external: ['node:*'],
    alias: {
      'cale-workers/client': join(ROOT, 'client/index.ts'),
      'react-native-keychain': join(folder, 'keychain.js'),
    },
  });
  app = await import(join(folder, 'app.js'));
});
afterAll(() => rm(folder, { recursive: true }));

test.each(['P-256', 'RSA-2048'] as const)(
  'keeps an account with a key of %s over registration and renewal',
  async (key) => {
    const crypto = new PeculiarCrypto() as unknown as Crypto;
    const store = new app.KeychainStore(crypto);
    const authorization = `Basic ${btoa('alice:wonderland')}`;
    const options = { edge: inject('edge'), account: key, store, crypto, authorization, key };
    const clients = await Promise.all([1, 2].map(() => app.CaleClient.loadOrRegister(options)));
    const resourceOf = async (client: client.CaleClient | undefined) =>
      (await (await client?.fetch('/resource'))?.json()) as unknown;
    for (const client of clients) expect(await resourceOf(client)).toMatchObject({ owner: 'alice' });
    const [before] = (await store.list()).filter(({ name }) => name === key);
    await clients[0]?.renew();
    const [after] = (await store.list()).filter(({ name }) => name === key);
    expect(after?.guid).not.toBe(before?.guid);
    expect(after?.isUnproved).toBeUndefined();
    expect(await resourceOf(await app.CaleClient.load(options))).toMatchObject({ owner: 'alice' });
    await clients[0]?.forget();
    expect(await app.CaleClient.load(options)).toBeUndefined();
  },
);
