import { env, listDurableObjectIds, reset, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { CredentialShard } from '../../../durable-objects/credential-shard/shard.ts';
import type { Guid } from '../../../shared/protocol/guid.ts';
import { catalogueKey } from '../../../workers/authority/credentials/catalogue.ts';
import { Shards } from '../../../workers/authority/credentials/shards.ts';
import { restorePage } from '../../../workers/authority/recovery/restore.ts';
import { authorityFromSettings } from '../../../workers/authority/settings.ts';
import { Administrator } from '../../support/administrator.ts';
import { AuthorityClient, createAdministered, type Registered } from '../../support/authority.ts';
import { Device } from '../../support/device.ts';

const { CATALOGUE, OWNERS, SHARDS } = env as unknown as {
  CATALOGUE: KVNamespace;
  OWNERS: DurableObjectNamespace;
  SHARDS: DurableObjectNamespace<CredentialShard>;
};
let authority: AuthorityClient;
let administrator: Administrator;

beforeEach(async () => {
  await reset();
  // One that has no key of the placement from before.
  const deployed = createAdministered(authorityFromSettings(env));
  authority = new AuthorityClient(deployed);
  administrator = new Administrator(deployed);
});

const isValid = async (registered: Pick<Registered, 'guid'>) => (await authority.validate(registered)) === 200;

/** Runs a statement in all shards. */
async function inShards(statement: string): Promise<void> {
  for (const id of await listDurableObjectIds(SHARDS)) {
    await runInDurableObject(SHARDS.get(id), (_, { storage }) => void storage.sql.exec(statement));
  }
}

/** Tells KV all states at once. */
async function carry(): Promise<void> {
  await inShards('UPDATE credentials SET catalogue_due = 1 WHERE catalogue_due IS NOT NULL');
  for (const id of await listDurableObjectIds(SHARDS)) {
    const shard = SHARDS.get(id);
    await runInDurableObject(shard, (_, { storage }) => storage.setAlarm(Date.now() + 60_000));
    await runDurableObjectAlarm(shard);
  }
}

async function rowsOfAll(): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for (const id of await listDurableObjectIds(SHARDS)) {
    await runInDurableObject(SHARDS.get(id), (_, { storage }) => {
      for (const row of storage.sql.exec('SELECT * FROM credentials').toArray()) {
        rows.push({ ...row, profile: [...new Uint8Array(row['profile'] as ArrayBuffer)], catalogue_due: null });
      }
    });
  }
  return rows.sort((a, b) => Number(a['id']) - Number(b['id']));
}

const revoke = ({ guid }: Registered) => administrator.send('DELETE', `credentials/${guid}`);

/** Credentials of each kind: valid, revoked, and a renewal that is not used. */
async function someCredentials(): Promise<{ phone: Registered; revoked: Registered; renewal: Registered }> {
  const phone = await authority.register('alice', await Device.create('P-256', 'phone'));
  const revoked = await authority.register('bob', await Device.create('RSA-2048', 'laptop'));
  await revoke(revoked);
  const renewal = await authority.renew(phone, await Device.create('P-384', 'phone'));
  await carry();
  return { phone, revoked, renewal };
}

describe('reindexing', () => {
  test('makes the same rows again when all shards are lost, with the key of their placement', async () => {
    const { phone, revoked, renewal } = await someCredentials();
    const before = await rowsOfAll();
    for (const table of ['credentials', 'nonces', 'placement']) await inShards(`DELETE FROM ${table}`);
    // An isolate that starts now has no key.
    const later = createAdministered(authorityFromSettings(env));
    const other = new Administrator(later);
    expect(await other.reindex()).toMatchObject({ compared: 3, added: 3, revoked: 0, refused: 0, moved: 0 });
    expect(await rowsOfAll()).toEqual(before);
    expect([await isValid(phone), await isValid(revoked), await isValid(renewal)]).toEqual([true, false, true]);
    expect(await other.reindex()).toMatchObject({ compared: 3, added: 0, revoked: 0, refused: 0, moved: 0 });
    // The renewal was used, and its row knew what it renews.
    await vi.waitFor(async () => expect(await isValid(phone)).toBe(false));
  });

  test('makes rows that a client was told of before KV was', async () => {
    const registered = await authority.register('alice');
    await inShards('DELETE FROM credentials');
    expect(await isValid(registered)).toBe(false);
    expect(await administrator.reindex()).toMatchObject({ added: 1 });
    expect(await isValid(registered)).toBe(true);
  });

  test('applies a revocation that a shard has lost, and leaves the rows that are there as they are', async () => {
    const { phone, revoked } = await someCredentials();
    await inShards("UPDATE credentials SET revoked_at = NULL, device = 'CN=as it is'");
    expect(await isValid(revoked)).toBe(true);
    expect(await administrator.reindex()).toMatchObject({ added: 0, revoked: 1 });
    expect([await isValid(phone), await isValid(revoked)]).toEqual([true, false]);
    for (const row of await rowsOfAll()) expect(row['device']).toBe('CN=as it is');
  });

  test('tells the lists of the owners', async () => {
    const phone = await authority.register('alice');
    await inShards('DELETE FROM credentials');
    await runInDurableObject(
      OWNERS.getByName('alice'),
      (_, { storage }) => void storage.sql.exec('DELETE FROM entries'),
    );
    await administrator.reindex();
    const list = await runInDurableObject(OWNERS.getByName('alice'), (_, { storage }) =>
      storage.sql.exec('SELECT guid, live FROM entries').toArray(),
    );
    expect(list).toEqual([{ guid: phone.guid, live: 1 }]);
  });

  test('goes through all entries in pages, and counts what is none of a credential', async () => {
    const metadata = { ...(await CATALOGUE.getWithMetadata<object>(await entryOfOne())).metadata };
    await inShards('DELETE FROM credentials');
    for (let at = 0; at < 120; at++) {
      const guid = crypto.randomUUID();
      await CATALOGUE.put(`csr/${at}`, 'no CSR', { metadata: { ...metadata, guid } });
    }
    const first = (await (await administrator.send('POST', 'reindex')).json()) as Record<string, unknown>;
    expect(first).toMatchObject({ compared: 100, cursor: expect.any(String) });
    const all = await administrator.reindex();
    expect(all).toMatchObject({ compared: 121, refused: 120 });
    expect(Number(first['added']) + Number(all['added'])).toBe(1);
  });

  async function entryOfOne(): Promise<string> {
    return catalogueKey((await authority.register('alice')).guid as Guid);
  }
});

describe('an export', () => {
  test('imported into another number of shards, with nothing else left, makes the same rows', async () => {
    const { phone, revoked, renewal } = await someCredentials();
    // The day of the use is written.
    await inShards('UPDATE credentials SET last_used = 1795651200000 WHERE last_used IS NOT NULL');
    await inShards("UPDATE credentials SET last_used = 1795651200000 WHERE owner = 'alice'");
    const before = await rowsOfAll();
    const exported = await administrator.export();
    expect(exported).toHaveLength(3);
    expect(exported.find(({ guid }) => guid === revoked.guid)).toMatchObject({ revokedAt: expect.any(String) });
    expect(exported.find(({ guid }) => guid === renewal.guid)).toMatchObject({
      owner: 'alice',
      scopes: ['read'],
      csr: btoa(String.fromCharCode(...renewal.device.csr)),
      supersedes: phone.guid,
      lastUsedOn: '2026-11-26',
    });
    await reset();
    const other = createAdministered({ ...authorityFromSettings(env), shardCount: 3 });
    const importer = new Administrator(other);
    expect(await importer.import(exported)).toEqual({ added: 3, revoked: 0, refused: [] });
    expect(await rowsOfAll()).toEqual(before);
    expect(await importer.import(exported)).toEqual({ added: 0, revoked: 0, refused: [] });
    const client = new AuthorityClient(other);
    const statuses = await Promise.all([phone, revoked, renewal].map((each) => client.validate(each)));
    expect(statuses).toEqual([200, 403, 200]);
    // KV has the CSRs again, and their states.
    await carry();
    const { metadata, value } = await CATALOGUE.getWithMetadata(
      await catalogueKey(revoked.guid as Guid),
      'arrayBuffer',
    );
    expect(new Uint8Array(value ?? new ArrayBuffer())).toEqual(revoked.device.csr);
    expect(metadata).toMatchObject({ state: 'revoked', owner: 'bob' });
  });

  test('has each row once, over pages', async () => {
    const registered: Registered[] = [];
    const device = await Device.create('P-256', 'phone');
    for (let at = 0; at < 105; at++) registered.push(await authority.register(`owner ${at}`, device));
    const first = (await (await administrator.send('GET', 'export')).json()) as { credentials: unknown[] };
    expect(first.credentials).toHaveLength(100);
    const guids = (await administrator.export()).map(({ guid }) => guid);
    expect(guids.sort()).toEqual(registered.map(({ guid }) => guid).sort());
  });

  test('of a credential whose CSR is lost has what its row has', async () => {
    const { phone } = await someCredentials();
    await CATALOGUE.delete(await catalogueKey(phone.guid as Guid));
    const before = await rowsOfAll();
    const exported = await administrator.export();
    expect(exported.find(({ guid }) => guid === phone.guid)).toMatchObject({ csr: null });
    await inShards('DELETE FROM credentials');
    expect(await administrator.import(exported)).toMatchObject({ added: 3, refused: [] });
    expect((await rowsOfAll()).map(withoutUse)).toEqual(before.map(withoutUse));
    expect(await isValid(phone)).toBe(true);
  });
});

const withoutUse = ({ last_used, ...row }: Record<string, unknown>) => row;

describe('an import', () => {
  test('never takes back a revocation, and applies those that it has', async () => {
    const [one, other] = [await authority.register('alice'), await authority.register('bob')];
    const exported = await administrator.export();
    await revoke(one);
    expect(await administrator.import(exported)).toEqual({ added: 0, revoked: 0, refused: [] });
    expect([await isValid(one), await isValid(other)]).toEqual([false, true]);
    const revokedAt = '2026-11-26T00:00:00Z';
    expect(await administrator.import(exported.map((each) => ({ ...each, revokedAt })))).toMatchObject({ revoked: 1 });
    expect(await isValid(other)).toBe(false);
  });

  test('refuses what is no credential, says why, and takes the others', async () => {
    await authority.register('alice');
    const [good = expect.unreachable()] = await administrator.export();
    await inShards('DELETE FROM credentials');
    const csr = String(good['csr']);
    const bad = [
      null,
      { ...good, guid: 'x' },
      { ...good, owner: '' },
      { ...good, scopes: 'read' },
      { ...good, registeredAt: 'yesterday' },
      { ...good, supersedes: 5 },
      { ...good, csr: `${csr.slice(0, -8)}AAAAAAA=` },
      { ...good, csr: null, template: 'AAAA' },
    ];
    const answer = (await administrator.import([...bad, good])) as { added: number; refused: { at: number }[] };
    expect(answer.added).toBe(1);
    expect(answer.refused.map(({ at }) => at).sort()).toEqual(bad.map((_, at) => at));
    for (const body of [[], {}, { credentials: {} }, { credentials: Array(101).fill(good) }]) {
      expect((await administrator.send('POST', 'import', body)).status).toBe(400);
    }
  });
});

describe('a restoration', () => {
  const to = '2026-11-26T00:00:00Z';
  const refusalOf = async (response: Response) => [response.status, await response.json()];

  test('is not there in workerd, which is said, and nothing is changed', async () => {
    const { phone, revoked } = await someCredentials();
    const before = await rowsOfAll();
    vi.useFakeTimers({ now: Date.parse(to) + 60_000, toFake: ['Date'] });
    const answer = await administrator.send('POST', 'restore', { to });
    vi.useRealTimers();
    expect(await refusalOf(answer)).toMatchObject([
      409,
      {
        type: 'urn:cale:problem:restore-not-available',
        title: 'Point-in-time recovery is not there on this platform.',
      },
    ]);
    expect(await rowsOfAll()).toEqual(before);
    expect([await isValid(phone), await isValid(revoked)]).toEqual([true, false]);
  });

  test('is to a time that has passed', async () => {
    for (const body of [
      {},
      { to: 'yesterday' },
      { to: '2999-01-01T00:00:00Z' },
      { to, cursor: 'x' },
      { to, cursor: 1 },
    ]) {
      expect((await administrator.send('POST', 'restore', body)).status).toBe(400);
    }
  });

  test('goes on only with shards whose states KV has, then ends each object, so that it starts as of that time', async () => {
    const registered = await authority.register('alice');
    const shards = new Shards(SHARDS, { count: 1, placement: 'hash' });
    // workerd has no history: what Cloudflare does with these calls is not seen here.
    const calls: unknown[] = [];
    await runInDurableObject(shards.at(0), (_, { storage }) => {
      vi.spyOn(storage, 'getBookmarkForTime').mockImplementation(async (time) => `bookmark of ${time}`);
      vi.spyOn(storage, 'onNextSessionRestoreBookmark').mockImplementation(async (bookmark) => {
        calls.push(bookmark, storage.sql.exec('SELECT 1 FROM credentials WHERE catalogue_due > 0').toArray().length);
        return 'bookmark of before';
      });
    });
    expect(await restorePage(shards, 5, 0)).toEqual({ restored: 1, failed: [], cursor: null });
    expect(calls).toEqual(['bookmark of 5', 0]);
    expect(await isValid(registered)).toBe(true);
    // The spies are gone with the object.
    expect(await restorePage(shards, 5, 0)).toBeUndefined();
  });
});

test('cursors that are none are refused', async () => {
  for (const [method, path] of [
    ['GET', 'export?cursor=x'],
    ['GET', 'export?cursor=1'],
    ['POST', 'reindex?cursor=x'],
    ['POST', 'reindex?cursor=rows:x'],
    ['GET', 'credentials?owner=a&cursor=x'],
    ['DELETE', 'credentials?owner=a&cursor=1&cursor=1'],
  ] as const) {
    expect((await administrator.send(method, path)).status, path).toBe(400);
  }
});
