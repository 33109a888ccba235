import { env, runInDurableObject } from 'cloudflare:test';
import { expect, test } from 'vitest';
import { digestOfNetwork, FamiliarNetworks } from '../../../../durable-objects/password-guard/familiar-networks.ts';

const { SHARDS } = env as unknown as { SHARDS: DurableObjectNamespace };

/** Runs with the storage of an object that has none of these networks. */
const withStorage = (name: string, run: (storage: SyncKvStorage) => void) =>
  runInDurableObject(SHARDS.getByName(name), (_, { storage }) => run(storage.kv));

test('a network that was added is known, and so it is to the object that starts next', () =>
  withStorage('familiar', (storage) => {
    const networks = new FamiliarNetworks(storage);
    expect(networks.has('a')).toBe(false);
    networks.add('a');
    expect(networks.has('a')).toBe(true);
    expect(new FamiliarNetworks(storage).has('a')).toBe(true);
  }));

test('of more than fifty networks those go that were not used for the longest time', () =>
  withStorage('many', (storage) => {
    const networks = new FamiliarNetworks(storage);
    for (let at = 0; at < 50; at++) networks.add(String(at));
    networks.add('0');
    networks.add('50');
    for (const known of [networks, new FamiliarNetworks(storage)]) {
      expect(known.has('0')).toBe(true);
      expect(known.has('1')).toBe(false);
      expect(known.has('2')).toBe(true);
      expect(known.has('50')).toBe(true);
    }
  }));

test('a digest of a network is kept, and not the network', async () => {
  expect(await digestOfNetwork('192.0.2.1')).toMatch(/^[A-Za-z0-9+/]{43}=$/);
  expect(await digestOfNetwork('192.0.2.1')).not.toBe(await digestOfNetwork('192.0.2.2'));
});
