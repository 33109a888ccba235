import { env, evictDurableObject, reset, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CredentialShard } from '../../durable-objects/shard.ts';
import type { NewCredential } from '../../durable-objects/table.ts';
import { newGuid } from '../../shared/wire/guid.ts';
import { addToCatalogue, catalogueKey, sweepCatalogue } from '../../workers/authority/catalogue.ts';
import { Shards } from '../../workers/authority/shards.ts';

const { CATALOGUE, SHARDS } = env as unknown as {
  CATALOGUE: KVNamespace;
  SHARDS: DurableObjectNamespace<CredentialShard>;
};

const HOUR_MS = 60 * 60 * 1000;
let name = 0;
let shard: DurableObjectStub<CredentialShard>;
beforeEach(async () => {
  await reset();
  shard = SHARDS.getByName(`test-${name++}`);
});

function credential(changes: Partial<NewCredential> = {}): NewCredential {
  const guid = newGuid();
  return {
    guid,
    owner: 'alice',
    organization: 'example.com',
    scopes: ['read', 'write'],
    device: 'CN=phone',
    keyType: 'P-256',
    csrSha256: '00',
    catalogueKey: `csr/${guid}`,
    subjectAndKey: Uint8Array.of(1, 2, 3),
    extensions: Uint8Array.of(4, 5),
    registeredAt: 1000,
    ...changes,
  };
}

test('a credential is found as it was registered, and after the object was evicted too', async () => {
  const registered = credential();
  expect(await shard.register(registered)).toBe(true);
  await evictDurableObject(shard);
  expect(await shard.find(registered.guid)).toEqual({
    subjectAndKey: registered.subjectAndKey,
    extensions: registered.extensions,
  });
  expect(await shard.find(newGuid())).toBeNull();
});

test('a GUID is not given twice, and what is there stays', async () => {
  const first = credential();
  await shard.register(first);
  expect(await shard.register(credential({ guid: first.guid, owner: 'mallory' }))).toBe(false);
  expect((await shard.list('alice')).map(({ guid }) => guid)).toEqual([first.guid]);
  expect(await shard.list('mallory')).toEqual([]);
});

test('an owner has a list, in the order of registration, that says what is revoked', async () => {
  const [later, earlier] = [credential({ registeredAt: 2000 }), credential({ registeredAt: 1000, scopes: [] })];
  for (const each of [later, earlier, credential({ owner: 'bob' })]) await shard.register(each);
  await shard.revoke({ guid: earlier.guid });
  expect(await shard.list('alice')).toEqual([
    expect.objectContaining({
      guid: earlier.guid,
      scopes: [],
      registeredAt: '1970-01-01T00:00:01.000Z',
      revokedAt: expect.any(String),
    }),
    expect.objectContaining({ guid: later.guid, scopes: ['read', 'write'], revokedAt: null }),
  ]);
});

describe('revocation', () => {
  const isFound = async ({ guid }: NewCredential) => (await shard.find(guid)) !== null;

  test('of one credential is known at once, and counts once', async () => {
    const [one, other] = [credential(), credential()];
    for (const each of [one, other]) await shard.register(each);
    expect(await shard.revoke({ guid: one.guid })).toBe(1);
    expect([await isFound(one), await isFound(other)]).toEqual([false, true]);
    expect(await shard.revoke({ guid: one.guid })).toBe(0);
  });

  test("of an owner leaves others'", async () => {
    const [a, b, bobs] = [credential(), credential(), credential({ owner: 'bob' })];
    for (const each of [a, b, bobs]) await shard.register(each);
    expect(await shard.revoke({ owner: 'alice' })).toBe(2);
    expect([await isFound(a), await isFound(b), await isFound(bobs)]).toEqual([false, false, true]);
  });

  test('of all before a date leaves what was registered at it', async () => {
    const [before, at] = [credential({ registeredAt: 999 }), credential({ registeredAt: 1000 })];
    for (const each of [before, at]) await shard.register(each);
    expect(await shard.revoke({ before: 1000 })).toBe(1);
    expect([await isFound(before), await isFound(at)]).toEqual([false, true]);
  });

  test('reaches the catalogue, which keeps the CSR and who registered it', async () => {
    const guid = newGuid();
    const key = await catalogueKey(guid);
    const csr = Uint8Array.of(9, 9);
    await addToCatalogue(CATALOGUE, key, csr, { owner: 'alice', organization: 'example.com', scopes: [] }, 0, 1000);
    await shard.register(credential({ guid, catalogueKey: key }));
    await shard.revoke({ guid });
    await runDurableObjectAlarm(shard);
    const entry = await CATALOGUE.getWithMetadata<Record<string, string>>(key, 'arrayBuffer');
    expect(new Uint8Array(entry.value ?? new ArrayBuffer())).toEqual(csr);
    expect(entry.metadata).toMatchObject({ owner: 'alice', state: 'revoked', revokedAt: expect.any(String) });
  });

  test('is carried over later when the catalogue does not have the entry yet', async () => {
    const due = () =>
      runInDurableObject(
        shard,
        (_, state) => state.storage.sql.exec('SELECT 1 FROM credentials WHERE catalogue_due = 1').toArray().length,
      );
    const guid = newGuid();
    const key = await catalogueKey(guid);
    await shard.register(credential({ guid, catalogueKey: key }));
    await shard.revoke({ guid });
    await runDurableObjectAlarm(shard);
    expect(await due()).toBe(1);
    await addToCatalogue(CATALOGUE, key, Uint8Array.of(1), { owner: 'a', organization: 'b', scopes: [] }, 0, 1000);
    expect(await runDurableObjectAlarm(shard)).toBe(true);
    expect(await due()).toBe(0);
  });
});

test('a sweep removes what no credential points to, unless it is younger than an hour', async () => {
  const shards = new Shards(SHARDS, 4);
  const identity = { owner: 'alice', organization: 'example.com', scopes: [] };
  const add = async (registeredAt: number, withRow: boolean) => {
    const guid = newGuid();
    const key = await catalogueKey(guid);
    await addToCatalogue(CATALOGUE, key, Uint8Array.of(1), identity, shards.numberOf(guid), registeredAt);
    if (withRow) await shards.of(guid).register(credential({ guid, catalogueKey: key, registeredAt }));
    return key;
  };
  const now = 10 * HOUR_MS;
  const [known, orphan, young] = [await add(HOUR_MS, true), await add(HOUR_MS, false), await add(now - 1000, false)];
  expect(await sweepCatalogue(CATALOGUE, shards, now)).toBe(1);
  const left = (await CATALOGUE.list()).keys.map((key) => key.name);
  expect(left).toEqual(expect.arrayContaining([known, young]));
  expect(left).not.toContain(orphan);
});
