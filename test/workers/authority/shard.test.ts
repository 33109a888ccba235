import { env, evictDurableObject, reset, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { NewCredential } from '../../../durable-objects/credential-shard/credential.ts';
import { catalogueStateOf } from '../../../durable-objects/credential-shard/due-states.ts';
import type { CredentialShard } from '../../../durable-objects/credential-shard/shard.ts';
import { utf8 } from '../../../shared/encoding/bytes.ts';
import { type Guid, newGuid } from '../../../shared/protocol/guid.ts';
import { isValidIdentity } from '../../../shared/protocol/identity.ts';
import { newNonce } from '../../../shared/protocol/nonce.ts';
import {
  addToCatalogue,
  catalogueKey,
  type EntryMetadata,
  pendingMetadata,
} from '../../../workers/authority/credentials/catalogue.ts';

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

/** Of an entry whose row is about to be written. */
const metadataOf = (guid: Guid, registeredAt = 1000): EntryMetadata =>
  pendingMetadata({
    guid,
    identity: { owner: 'alice', organization: 'example.com', scopes: [] },
    shard: 0,
    registeredAt,
    endsAt: null,
    supersedes: null,
  });

test('a credential is found as it was registered, and after the object was evicted too', async () => {
  const registered = credential();
  expect(await shard.register(registered)).toBe(true);
  await evictDurableObject(shard);
  const found = { template: registered.template.buffer, refusal: null };
  expect(await shard.find(registered.guid)).toEqual({ found, filler: null });
  // As much is read and handed over for a GUID that is unknown.
  expect(await shard.find(newGuid())).toEqual({ found: null, filler: registered.template.buffer });
});

test('a GUID that begins as one that is there is unknown, is not registered, and revokes nothing', async () => {
  const first = credential();
  await shard.register(first);
  const alike = `${first.guid.slice(0, 13)}${newGuid().slice(13)}` as Guid;
  expect((await shard.find(alike)).found).toBeNull();
  expect(await shard.register(credential({ guid: alike }))).toBe(false);
  expect(await shard.revoke({ guid: alike })).toBe(0);
  expect((await shard.find(first.guid)).found).not.toBeNull();
});

test('a GUID is not given twice, and what is there stays', async () => {
  const first = credential();
  await shard.register(first);
  expect(await shard.register(credential({ guid: first.guid, owner: 'mallory' }))).toBe(false);
  expect((await shard.list({ owner: 'alice' }, 100)).map(({ guid }) => guid)).toEqual([first.guid]);
  expect(await shard.list({ owner: 'mallory' }, 100)).toEqual([]);
});

test('an owner has a list, in the order of registration, that says what is revoked', async () => {
  const [later, earlier] = [credential({ registeredAt: 2000 }), credential({ registeredAt: 1000, scopes: [] })];
  for (const each of [later, earlier, credential({ owner: 'bob' })]) await shard.register(each);
  await shard.revoke({ guid: earlier.guid });
  expect(await shard.list({ owner: 'alice' }, 100)).toEqual([
    expect.objectContaining({
      guid: earlier.guid,
      scopes: [],
      registeredAt: '1970-01-01T00:00:01.000Z',
      revokedAt: expect.any(String),
    }),
    expect.objectContaining({ guid: later.guid, scopes: ['read', 'write'], revokedAt: null }),
  ]);
});

describe('a credential that ends', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test('is refused from its end on, to the millisecond, and revocation is the reason that counts more', async () => {
    vi.useFakeTimers({ now: 5000, toFake: ['Date'] });
    const [ends, never] = [credential({ endsAt: 5001 }), credential()];
    for (const each of [ends, never]) await shard.register(each);
    const refusals = async () => [
      (await shard.find(ends.guid)).found?.refusal,
      (await shard.find(never.guid)).found?.refusal,
    ];
    expect(await refusals()).toEqual([null, null]);
    vi.setSystemTime(5001);
    expect(await refusals()).toEqual(['ended', null]);
    await shard.revoke({ guid: ends.guid });
    expect(await refusals()).toEqual(['revoked', null]);
  });

  test('is listed with its end, and no more drawn for decoys then', async () => {
    vi.useFakeTimers({ now: 5000, toFake: ['Date'] });
    const ends = credential({ endsAt: 6000 });
    await shard.register(ends);
    expect(await shard.list({ owner: 'alice' }, 100)).toEqual([
      expect.objectContaining({ endsAt: '1970-01-01T00:00:06.000Z', lastUsedOn: null, revokedAt: null }),
    ]);
    expect((await shard.sample(4)).drawn).toHaveLength(1);
    vi.setSystemTime(6000);
    expect(await shard.sample(4)).toEqual({ count: 1, drawn: [] });
  });
});

test('a sample has each credential once, or so many at random where there are more', async () => {
  const given = ['P-256', 'P-384', 'P-521'].map((keyType) => credential({ keyType }));
  for (const each of given) await shard.register(each);
  const all = await shard.sample(3);
  expect(all.count).toBe(3);
  expect(all.drawn.map(({ keyType }) => keyType).toSorted()).toEqual(['P-256', 'P-384', 'P-521']);
  const some = await shard.sample(2);
  expect([some.count, some.drawn.length]).toEqual([3, 2]);
});

describe('the day of the last use', () => {
  const DAY = Date.UTC(2027, 0, 31);
  beforeEach(() => {
    vi.useFakeTimers({ now: DAY + 5 * HOUR_MS, toFake: ['Date', 'setTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Lets five seconds pass, in the object. */
  const later = () => runInDurableObject(shard, () => void vi.advanceTimersByTime(5_000));
  const stored = ({ guid }: NewCredential) =>
    runInDurableObject(shard, (_, { storage }) => {
      const query = 'SELECT last_used FROM credentials WHERE guid = ?';
      return storage.sql.exec<{ last_used: number | null }>(query, guid).one().last_used;
    });

  test('is written seconds after the request, and listed at once', async () => {
    const [used, unused] = [credential(), credential()];
    for (const each of [used, unused]) await shard.register(each);
    await shard.find(used.guid);
    expect([await stored(used), await stored(unused)]).toEqual([null, null]);
    const listed = async () =>
      new Map((await shard.list({ owner: 'alice' }, 100)).map(({ guid, lastUsedOn }) => [guid, lastUsedOn]));
    expect(await listed()).toEqual(
      new Map([
        [used.guid, '2027-01-31'],
        [unused.guid, null],
      ]),
    );
    await later();
    expect([await stored(used), await stored(unused)]).toEqual([DAY, null]);
    await evictDurableObject(shard);
    expect((await listed()).get(used.guid)).toBe('2027-01-31');
  });

  test('is no use of a credential that is not valid, or of a nonce that is not admitted', async () => {
    const [revoked, ended, replayed] = [credential(), credential({ endsAt: 1 }), credential()];
    for (const each of [revoked, ended, replayed]) await shard.register(each);
    await shard.revoke({ guid: revoked.guid });
    for (const { guid } of [revoked, ended]) await shard.find(guid);
    expect((await shard.admit(replayed.guid, newNonce(0))).found?.refusal).toBe('nonce-not-admitted');
    await later();
    for (const each of [revoked, ended, replayed]) expect(await stored(each)).toBeNull();
  });

  test('is written as one row, whether the GUID is known, known from today, revoked or unknown', async () => {
    const [known, revoked] = [credential(), credential()];
    for (const each of [known, revoked]) await shard.register(each);
    await shard.revoke({ guid: revoked.guid });
    /** Rows that are written in the five seconds after a request, and by the request itself. */
    const written = async (guid: Guid) =>
      runInDurableObject(shard, (instance, { storage }) => {
        const counts: number[] = [];
        const exec = storage.sql.exec.bind(storage.sql);
        const spy = vi.spyOn(storage.sql, 'exec').mockImplementation((...query) => {
          const cursor = exec(...query);
          counts.push(cursor.rowsWritten);
          return cursor as never;
        });
        const sum = () => counts.splice(0).reduce((total, count) => total + count, 0);
        (instance as CredentialShard).find(guid);
        const atOnce = sum();
        vi.advanceTimersByTime(5_000);
        spy.mockRestore();
        return { atOnce, after: sum() };
      });
    for (const guid of [newGuid(), known.guid, known.guid, revoked.guid, newGuid()]) {
      expect(await written(guid)).toEqual({ atOnce: 0, after: 1 });
    }
  });
});

describe('revocation', () => {
  const isFound = async ({ guid }: NewCredential) => (await shard.find(guid)).found?.refusal === null;

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
    await addToCatalogue(CATALOGUE, key, csr, metadataOf(guid));
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
    await addToCatalogue(CATALOGUE, key, Uint8Array.of(1), metadataOf(guid));
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
  const now = Date.now();
  const metadata = pendingMetadata({
    guid: newGuid(),
    identity,
    shard: 65535,
    registeredAt: now,
    endsAt: now,
    supersedes: newGuid(),
  });
  for (const each of [
    metadata,
    { ...metadata, ...catalogueStateOf(null) },
    { ...metadata, ...catalogueStateOf(now) },
  ]) {
    expect(utf8(JSON.stringify(each)).length).toBeLessThanOrEqual(1024);
  }
});
