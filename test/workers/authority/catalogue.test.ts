import { env, reset, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CredentialShard } from '../../../durable-objects/credential-shard/shard.ts';
import { type Guid, newGuid } from '../../../shared/protocol/guid.ts';
import { createAuthority } from '../../../workers/authority/app.ts';
import {
  addToCatalogue,
  catalogueKey,
  type EntryMetadata,
  pendingMetadata,
} from '../../../workers/authority/credentials/catalogue.ts';
import { Shards } from '../../../workers/authority/credentials/shards.ts';
import { sweepCatalogue } from '../../../workers/authority/credentials/sweep.ts';
import { authorityFromSettings } from '../../../workers/authority/settings.ts';
import { AuthorityClient } from '../../support/authority.ts';

const { CATALOGUE, SHARDS } = env as unknown as {
  CATALOGUE: KVNamespace;
  SHARDS: DurableObjectNamespace<CredentialShard>;
};
const HOUR_MS = 60 * 60 * 1000;
const NOW = 10 * HOUR_MS;
// By a prefix, so that no key of the placement is left from before the storage was emptied.
const shards = new Shards(SHARDS, { count: 8, placement: 'prefix' });
const authority = new AuthorityClient(
  createAuthority({ ...authorityFromSettings(env), shardCount: 8, shardPlacement: 'prefix' }),
);

beforeEach(() => reset());

const shardOf = async (guid: string) => shards.at(await shards.numberOf(guid as Guid));
const stateOf = async (guid: string) =>
  (await CATALOGUE.getWithMetadata<EntryMetadata>(await catalogueKey(guid as Guid))).metadata?.state;
const isThere = async (guid: string) => (await CATALOGUE.get(await catalogueKey(guid as Guid))) !== null;
const refusalOf = async (guid: Guid) => (await shards.find(guid))?.refusal;
const sweep = (now = NOW) => sweepCatalogue(CATALOGUE, shards, now);

interface Written {
  readonly state: EntryMetadata['state'];
  readonly hasRow: boolean;
  readonly registeredAt?: number;
}

/** Writes an entry, and a row as far as it has one. */
async function write({ state, hasRow, registeredAt = HOUR_MS }: Written): Promise<Guid> {
  const guid = newGuid();
  const identity = { owner: 'alice', organization: 'example.com', scopes: [] };
  const catalogue = await catalogueKey(guid);
  const metadata = pendingMetadata({ guid, identity, shard: 0, registeredAt, endsAt: null, supersedes: null });
  const revokedAt = state === 'revoked' ? { revokedAt: '1970-01-01T02:00:00.000Z' } : {};
  await addToCatalogue(CATALOGUE, catalogue, Uint8Array.of(1), { ...metadata, state, ...revokedAt });
  if (!hasRow) return guid;
  await shards.register({
    guid,
    ...identity,
    device: '',
    keyType: 'P-256',
    csrSha256: '',
    catalogueKey: catalogue,
    template: Uint8Array.of(1),
    registeredAt,
  });
  return guid;
}

describe('the state of an entry', () => {
  test('is pending from before its row is written, and valid soon after', async () => {
    const { guid } = await authority.register('alice');
    expect(await stateOf(guid)).toBe('pending');
    await runInDurableObject(await shardOf(guid), async (_, { storage }) => {
      const due = (await storage.getAlarm()) ?? expect.unreachable();
      // KV takes one write a second for a key, and the client waits for none but the first.
      expect(due - Date.now()).toBeGreaterThan(1000);
      expect(due - Date.now()).toBeLessThan(60_000);
      storage.sql.exec('UPDATE credentials SET catalogue_due = 1');
    });
    await runDurableObjectAlarm(await shardOf(guid));
    expect(await stateOf(guid)).toBe('valid');
  });

  test('stays pending where the row was never written', async () => {
    const guid = await write({ state: 'pending', hasRow: false });
    await sweep(HOUR_MS + 1000);
    expect(await stateOf(guid)).toBe('pending');
  });

  test('says which credential is renewed', async () => {
    const old = await authority.register('alice');
    const renewed = await authority.renew(old);
    const { metadata } = await CATALOGUE.getWithMetadata<EntryMetadata>(await catalogueKey(renewed.guid as Guid));
    expect(metadata?.supersedes).toBe(old.guid);
  });
});

describe('a sweep', () => {
  test('removes an entry that is pending, older than an hour and without a row, and no other', async () => {
    const orphan = await write({ state: 'pending', hasRow: false });
    const kept = [
      await write({ state: 'pending', hasRow: false, registeredAt: NOW - HOUR_MS + 1 }),
      await write({ state: 'pending', hasRow: true }),
      await write({ state: 'valid', hasRow: false }),
      await write({ state: 'valid', hasRow: true }),
      await write({ state: 'revoked', hasRow: false }),
      await write({ state: 'revoked', hasRow: true }),
    ];
    expect(await sweep()).toEqual({ removed: 1, revoked: 1, missing: 2 });
    expect(await isThere(orphan)).toBe(false);
    for (const guid of kept) expect(await isThere(guid), guid).toBe(true);
  });

  test('removes nothing of a shard that has lost some of its rows', async () => {
    const registered = await Promise.all([1, 2, 3].map((at) => authority.register(`owner ${at}`)));
    for (const { guid } of registered) {
      const shard = await shardOf(guid);
      await runInDurableObject(
        shard,
        (_, { storage }) => void storage.sql.exec('UPDATE credentials SET catalogue_due = 1'),
      );
      await runDurableObjectAlarm(shard);
    }
    const [lost = expect.unreachable()] = registered;
    await runInDurableObject(await shardOf(lost.guid), (_, { storage }) => {
      storage.sql.exec('DELETE FROM credentials WHERE guid = ?', lost.guid);
    });
    expect(await sweep(Date.now() + 2 * HOUR_MS)).toEqual({ removed: 0, revoked: 0, missing: 1 });
    for (const { guid } of registered) expect(await isThere(guid)).toBe(true);
  });

  test('makes an entry valid that is pending and has a row', async () => {
    const guid = await write({ state: 'pending', hasRow: true });
    const shard = await shardOf(guid);
    await runInDurableObject(
      shard,
      (_, { storage }) => void storage.sql.exec('UPDATE credentials SET catalogue_due = NULL'),
    );
    await sweep();
    await runDurableObjectAlarm(shard);
    expect(await stateOf(guid)).toBe('valid');
  });

  test('applies a revocation that the row lacks, and tells KV of one that the entry lacks', async () => {
    const [revived, untold] = [
      await write({ state: 'revoked', hasRow: true }),
      await write({ state: 'valid', hasRow: true }),
    ];
    await runInDurableObject(await shardOf(untold), (_, { storage }) => {
      storage.sql.exec('UPDATE credentials SET revoked_at = 5, catalogue_due = NULL WHERE guid = ?', untold);
    });
    expect(await refusalOf(revived)).toBeNull();
    expect(await sweep()).toMatchObject({ revoked: 1 });
    expect(await refusalOf(revived)).toBe('revoked');
    await runDurableObjectAlarm(await shardOf(untold));
    expect(await stateOf(untold)).toBe('revoked');
    expect(await sweep()).toMatchObject({ revoked: 0 });
  });

  test.each([
    ['entries', { pages: 2 }],
    ['calls of shards', { calls: 5 }],
    ['removals', { removed: 10 }],
  ])('goes on where the last one stopped, with no more %s than it may have', async (_, bounds) => {
    const guids = await Promise.all(Array.from({ length: 45 }, () => write({ state: 'pending', hasRow: false })));
    const rounds: number[] = [];
    for (let round = 0; round < 10; round++) {
      const all = { pageSize: 10, pages: 100, calls: 1000, removed: 1000, ...bounds };
      rounds.push((await sweepCatalogue(CATALOGUE, shards, NOW, all)).removed);
    }
    expect(Math.max(...rounds)).toBeLessThanOrEqual(20);
    expect(rounds.reduce((sum, removed) => sum + removed, 0)).toBe(45);
    for (const guid of guids) expect(await isThere(guid)).toBe(false);
  });
});

test('a revocation that comes while KV is told that a credential is valid is told after it', async () => {
  const { guid } = await authority.register('alice');
  const shard = await shardOf(guid);
  await runInDurableObject(
    shard,
    (_, { storage }) => void storage.sql.exec('UPDATE credentials SET catalogue_due = 1'),
  );
  await Promise.all([runDurableObjectAlarm(shard), shards.revoke({ guid: guid as Guid }, 'client')]);
  await runDurableObjectAlarm(shard);
  expect(await stateOf(guid)).toBe('revoked');
});
