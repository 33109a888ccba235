import { env, evictDurableObject, reset } from 'cloudflare:test';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CredentialShard } from '../../../durable-objects/credential-shard/shard.ts';
import { type Guid, newGuid } from '../../../shared/protocol/guid.ts';
import { Shards } from '../../../workers/authority/credentials/shards.ts';

const { SHARDS } = env as unknown as { SHARDS: DurableObjectNamespace<CredentialShard> };
const COUNT = 16;
const shardsBy = (placement: 'hash' | 'prefix', count = COUNT) => new Shards(SHARDS, { count, placement });
const numbersOf = (shards: Shards, guids: readonly Guid[]) => Promise.all(guids.map((guid) => shards.numberOf(guid)));

beforeEach(() => reset());

describe('by a keyed hash', () => {
  test('a GUID has the same shard in every isolate, also after the one with the key was evicted', async () => {
    const guids = Array.from({ length: 100 }, newGuid);
    const numbers = await numbersOf(shardsBy('hash'), guids);
    await evictDurableObject(shardsBy('hash').at(0));
    expect(await numbersOf(shardsBy('hash'), guids)).toEqual(numbers);
  });

  test('GUIDs that begin alike are spread over all shards, and each deployment spreads them in its own way', async () => {
    const guids = Array.from({ length: 800 }, () => `00000000${newGuid().slice(8)}` as Guid);
    const numbers = await numbersOf(shardsBy('hash'), guids);
    for (let shard = 0; shard < COUNT; shard++) {
      // 50 on average, within six standard deviations of 6.8.
      expect(Math.abs(numbers.filter((number) => number === shard).length - 50)).toBeLessThan(42);
    }
    await reset();
    expect(await numbersOf(shardsBy('hash'), guids)).not.toEqual(numbers);
  });

  test('a key that could not be had is asked for again', async () => {
    let isDown = true;
    const namespace = {
      idFromName: (name: string) => SHARDS.idFromName(name),
      get: (id: DurableObjectId) =>
        isDown ? { placementKey: () => Promise.reject(new Error('not reached')) } : SHARDS.get(id),
    } as unknown as DurableObjectNamespace<CredentialShard>;
    const shards = new Shards(namespace, { count: COUNT, placement: 'hash' });
    const guid = newGuid();
    await expect(shards.numberOf(guid)).rejects.toThrow('not reached');
    isDown = false;
    expect(await shards.numberOf(guid)).toBe(await shardsBy('hash').numberOf(guid));
  });
});

test('by its prefix a GUID has the shard that it had before there was a choice', async () => {
  const guids = ['00000000', '0000001f', 'ffffffff'].map((prefix) => `${prefix}${newGuid().slice(8)}` as Guid);
  expect(await numbersOf(shardsBy('prefix'), guids)).toEqual([0, 15, 15]);
});
