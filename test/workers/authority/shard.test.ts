import { env, evictDurableObject, reset, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { beforeEach, describe, expect, test } from 'vitest';
import type { NewCredential } from '../../../durable-objects/credential-shard/credential.ts';
import type { CredentialShard } from '../../../durable-objects/credential-shard/shard.ts';
import { utf8 } from '../../../shared/encoding/bytes.ts';
import { type Guid, newGuid } from '../../../shared/protocol/guid.ts';
import { isValidIdentity } from '../../../shared/protocol/identity.ts';
import { addToCatalogue, catalogueKey, entryMetadata } from '../../../workers/authority/credentials/catalogue.ts';
import { Shards } from '../../../workers/authority/credentials/shards.ts';
import { sweepCatalogue } from '../../../workers/authority/credentials/sweep.ts';

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
    template: Uint8Array.of(1, 2, 3),
    registeredAt: 1000,
    ...changes,
  };
}

test('a credential is found as it was registered, and after the object was evicted too', async () => {
  const registered = credential();
  expect(await shard.register(registered)).toBe(true);
  await evictDurableObject(shard);
  expect(await shard.find(registered.guid)).toEqual({ template: registered.template.buffer, refusal: null });
  expect(await shard.find(newGuid())).toBeNull();
});

test('a GUID that begins as one that is there is unknown, is not registered, and revokes nothing', async () => {
  const first = credential();
  await shard.register(first);
  const alike = `${first.guid.slice(0, 13)}${newGuid().slice(13)}` as Guid;
  expect(await shard.find(alike)).toBeNull();
  expect(await shard.register(credential({ guid: alike }))).toBe(false);
  expect(await shard.revoke({ guid: alike })).toBe(0);
  expect(await shard.find(first.guid)).not.toBeNull();
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
  const isFound = async ({ guid }: NewCredential) => (await shard.find(guid))?.refusal === null;

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
    await addToCatalogue(
      CATALOGUE,
      key,
      csr,
      entryMetadata(guid, { owner: 'alice', organization: 'example.com', scopes: [] }, 0, 1000),
    );
    await shard.register(credential({ guid, catalogueKey: key }));
    await shard.revoke({ guid });
    await runDurableObjectAlarm(shard);
    const entry = await CATALOGUE.getWithMetadata<Record<string, string>>(key, 'arrayBuffer');
    expect(new Uint8Array(entry.value ?? new ArrayBuffer())).toEqual(csr);
    expect(entry.metadata).toMatchObject({ owner: 'alice', state: 'revoked', revokedAt: expect.any(String) });
  });

  test('of what the catalogue does not have is tried again later, and holds up no other', async () => {
    const whenDue = (guid: string) =>
      runInDurableObject(shard, (_, state) => {
        const query = 'SELECT catalogue_due FROM credentials WHERE guid = ?';
        return state.storage.sql.exec<{ catalogue_due: number | null }>(query, guid).one().catalogue_due;
      });
    const missing = Array.from({ length: 120 }, () => credential());
    for (const each of missing) await shard.register(each);
    await shard.revoke({ owner: 'alice' });
    const guid = newGuid();
    const key = await catalogueKey(guid);
    const identity = { owner: 'bob', organization: 'example.com', scopes: [] };
    await addToCatalogue(CATALOGUE, key, Uint8Array.of(1), entryMetadata(guid, identity, 0, 1000));
    await shard.register(credential({ guid, owner: 'bob', catalogueKey: key }));
    await shard.revoke({ guid });
    const before = Date.now();
    await runDurableObjectAlarm(shard);
    await runDurableObjectAlarm(shard);
    expect(await whenDue(guid)).toBeNull();
    for (const each of missing) expect(await whenDue(each.guid)).toBeGreaterThanOrEqual(before + 59_000);
  });
});

test('the longest identity that a certificate can carry fits into the 1,024 bytes that KV has for it', () => {
  const identity = {
    owner: '\u{1f600}'.repeat(64),
    organization: `${'a'.repeat(60)}.${'b'.repeat(39)}`,
    scopes: [...Array.from({ length: 7 }, (_, at) => `${at}`.repeat(49)), 'x'.repeat(50)],
  };
  expect(isValidIdentity(identity)).toBe(true);
  expect(isValidIdentity({ ...identity, scopes: [...identity.scopes, 'y'] })).toBe(false);
  expect(isValidIdentity({ ...identity, organization: `a${identity.organization}` })).toBe(false);
  const metadata = entryMetadata(newGuid(), identity, 65535, Date.now());
  const revoked = { ...metadata, state: 'revoked', revokedAt: metadata.registeredAt };
  expect(utf8(JSON.stringify(revoked)).length).toBeLessThanOrEqual(1024);
});

describe('a sweep', () => {
  const now = 10 * HOUR_MS;
  const shards = new Shards(SHARDS, 1, 'hash');
  const add = async (registeredAt: number, withRow: boolean) => {
    const guid = newGuid();
    const key = await catalogueKey(guid);
    const identity = { owner: 'alice', organization: 'example.com', scopes: [] };
    const metadata = entryMetadata(guid, identity, await shards.numberOf(guid), registeredAt);
    await addToCatalogue(CATALOGUE, key, Uint8Array.of(1), metadata);
    if (withRow)
      await shards.at(await shards.numberOf(guid)).register(credential({ guid, catalogueKey: key, registeredAt }));
    return key;
  };

  test('removes what no credential points to, unless it is younger than an hour', async () => {
    const [known, orphan, young] = [await add(HOUR_MS, true), await add(HOUR_MS, false), await add(now - 1000, false)];
    expect(await sweepCatalogue(CATALOGUE, shards, now)).toBe(1);
    const left = (await CATALOGUE.list()).keys.map((key) => key.name);
    expect(left).toEqual(expect.arrayContaining([known, young]));
    expect(left).not.toContain(orphan);
  });

  test('removes nothing of a shard that has lost its rows', async () => {
    const key = await add(HOUR_MS, false);
    expect(await sweepCatalogue(CATALOGUE, shards, now)).toBe(0);
    expect(await CATALOGUE.get(key)).not.toBeNull();
  });
});
