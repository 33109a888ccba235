import { env, listDurableObjectIds, reset, runInDurableObject } from 'cloudflare:test';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CredentialShard } from '../../../durable-objects/credential-shard/shard.ts';
import { type Guid, newGuid } from '../../../shared/protocol/guid.ts';
import { newNonce } from '../../../shared/protocol/nonce.ts';
import { type Layout, Shards } from '../../../workers/authority/credentials/shards.ts';
import type { AuthorityOptions } from '../../../workers/authority/options.ts';
import { movePage } from '../../../workers/authority/recovery/move.ts';
import { authorityFromSettings } from '../../../workers/authority/settings.ts';
import { Administrator } from '../../support/administrator.ts';
import { AuthorityClient, createAdministered, type Registered } from '../../support/authority.ts';

const { SHARDS } = env as unknown as { SHARDS: DurableObjectNamespace<CredentialShard> };
const FIRST = { shard: 0, after: -1 };

beforeEach(() => reset());

function deployed(options: Partial<AuthorityOptions>) {
  const authority = createAdministered({ ...authorityFromSettings(env), ...options });
  return { client: new AuthorityClient(authority), administrator: new Administrator(authority) };
}

/** The steps of docs/operations.md, from three shards by the prefix of GUIDs to eight by their hash. */
const STEPS = {
  before: deployed({ shardCount: 3, shardPlacement: 'prefix' }),
  both: deployed({
    shardCount: 3,
    shardPlacement: 'prefix',
    previousShardCount: 8,
    previousShardPlacement: 'hash',
  }),
  moving: deployed({ shardCount: 8, shardPlacement: 'hash', previousShardCount: 3, previousShardPlacement: 'prefix' }),
  after: deployed({ shardCount: 8, shardPlacement: 'hash' }),
};
const LAYOUT: Layout = { count: 8, placement: 'hash', previous: { count: 3, placement: 'prefix' } };

async function registerMany(client: AuthorityClient, count: number): Promise<Registered[]> {
  const all: Registered[] = [];
  while (all.length < count) all.push(await client.register(`owner ${all.length}`));
  return all;
}

const statusesOf = async (client: AuthorityClient, all: readonly Registered[]) => {
  const statuses: number[] = [];
  for (const each of all) statuses.push(await client.validate(each));
  return statuses;
};

/** The number of rows that each GUID has, in all shards. */
async function copiesOf(): Promise<Map<string, number>> {
  const copies = new Map<string, number>();
  for (const id of await listDurableObjectIds(SHARDS)) {
    await runInDurableObject(SHARDS.get(id), (_, { storage }) => {
      for (const { guid } of storage.sql.exec<{ guid: string }>('SELECT guid FROM credentials').toArray()) {
        copies.set(guid, (copies.get(guid) ?? 0) + 1);
      }
    });
  }
  return copies;
}

test('the number and the placement of shards change, nothing is lost and no client is refused, at each step', async () => {
  const old = await registerMany(STEPS.before.client, 12);
  const [revoked = expect.unreachable(), ...valid] = old;
  await STEPS.before.administrator.send('DELETE', `credentials/${revoked.guid}`);
  for (const { client } of [STEPS.before, STEPS.both, STEPS.moving]) {
    expect(await statusesOf(client, valid)).toEqual(valid.map(() => 200));
    expect(await client.validate(revoked)).toBe(403);
  }
  // While one deployment takes the place of another, both answer.
  const during = [await STEPS.both.client.register('both'), await STEPS.moving.client.register('moving')];
  for (const { client } of [STEPS.both, STEPS.moving]) expect(await statusesOf(client, during)).toEqual([200, 200]);
  const { moved } = await STEPS.moving.administrator.reindex();
  expect(moved).toBeGreaterThan(0);
  for (const { client } of [STEPS.moving, STEPS.after]) {
    expect(await statusesOf(client, [...valid, ...during])).toEqual([...valid, ...during].map(() => 200));
    expect(await client.validate(revoked)).toBe(403);
  }
  const copies = await copiesOf();
  expect([...old, ...during].map(({ guid }) => copies.get(guid))).toEqual([...old, ...during].map(() => 1));
  expect(await STEPS.moving.administrator.reindex()).toMatchObject({ moved: 0, added: 0 });
});

test('clients are answered all the time while rows move', async () => {
  const all = await registerMany(STEPS.before.client, 8);
  let isMoving = true;
  const asked = (async () => {
    const statuses: number[] = [];
    while (isMoving) statuses.push(...(await statusesOf(STEPS.moving.client, all)));
    return statuses;
  })();
  await STEPS.moving.administrator.reindex();
  isMoving = false;
  expect((await asked).filter((status) => status !== 200)).toEqual([]);
});

describe('while credentials move', () => {
  const shards = new Shards(SHARDS, LAYOUT);
  const before = new Shards(SHARDS, { count: 3, placement: 'prefix' });

  /** A GUID that has another shard than before. */
  async function newMovingGuid(asked: Shards): Promise<Guid> {
    let guid = newGuid();
    while ((await before.numberOf(guid)) === (await asked.numberOf(guid))) guid = newGuid();
    return guid;
  }

  /** A credential in its previous shard, which is not its current one. */
  async function inPreviousShard(asked = shards): Promise<Guid> {
    const guid = await newMovingGuid(asked);
    await before.register({
      guid,
      owner: 'alice',
      organization: 'example.com',
      scopes: [],
      device: '',
      keyType: 'P-256',
      csrSha256: '',
      catalogueKey: `csr/${guid}`,
      template: Uint8Array.of(1),
      registeredAt: Date.now(),
    });
    return guid;
  }

  const previousOf = async (guid: Guid) => before.at(await before.numberOf(guid));
  const currentOf = async (guid: Guid) => shards.at(await shards.numberOf(guid));
  const refusalOf = async (guid: Guid) => (await shards.find(guid))?.refusal;
  const move = () => movePage(shards, FIRST);
  const copy = async (guid: Guid) => (await currentOf(guid)).putBackRows(await (await previousOf(guid)).rows(-1, 10));

  test.each([
    ['before its row moves', async () => undefined],
    ['when its row is in both shards', copy],
    ['after its row has moved', move],
  ])('a nonce that was admitted is refused the next time: %s', async (_, between: (guid: Guid) => Promise<unknown>) => {
    const guid = await inPreviousShard();
    const nonce = newNonce(Date.now());
    expect((await shards.find(guid, nonce))?.refusal).toBeNull();
    await between(guid);
    expect((await shards.find(guid, nonce))?.refusal).toBe('nonce-not-admitted');
    expect((await shards.findWithOwner(guid, nonce)).found?.refusal).toBe('nonce-not-admitted');
    await move();
    expect((await shards.find(guid, nonce))?.refusal).toBe('nonce-not-admitted');
    expect((await shards.find(guid, newNonce(Date.now())))?.refusal).toBeNull();
  });

  test('a nonce that comes many times at once, while its row moves, is admitted once', async () => {
    for (let round = 0; round < 10; round++) {
      const guid = await inPreviousShard();
      const nonce = newNonce(Date.now());
      const [found] = await Promise.all([
        Promise.all(Array.from({ length: 12 }, () => shards.find(guid, nonce))),
        move(),
      ]);
      expect(found.map((each) => each?.refusal).filter((refusal) => refusal === null)).toHaveLength(1);
    }
  });

  test.each([
    [
      'of the previous shard, while the row is in both',
      async (guid: Guid) => (await previousOf(guid)).revoke({ guid }),
    ],
    ['of the current shard, while the row is in both', async (guid: Guid) => (await currentOf(guid)).revoke({ guid })],
  ])('a revocation %s holds, and goes with the row', async (_, revoke) => {
    const guid = await inPreviousShard();
    await copy(guid);
    expect(await refusalOf(guid)).toBeNull();
    await revoke(guid);
    expect(await refusalOf(guid)).toBe('revoked');
    expect((await shards.summaries([guid])).get(guid)?.revokedAt).not.toBeNull();
    await move();
    expect(await refusalOf(guid)).toBe('revoked');
    const { found } = await (await previousOf(guid)).find(guid);
    expect([found, (await (await currentOf(guid)).find(guid)).found?.refusal]).toEqual([null, 'revoked']);
  });

  test('a row that was revoked since it was read stays, so that the next round takes the revocation along', async () => {
    const guid = await inPreviousShard();
    const previous = await previousOf(guid);
    const read = await previous.rows(-1, 10);
    await (await currentOf(guid)).putBackRows(read);
    await previous.revoke({ guid });
    expect(await previous.removeMoved(read)).toBe(0);
    await move();
    expect((await (await currentOf(guid)).find(guid)).found?.refusal).toBe('revoked');
    expect((await previous.find(guid)).found).toBeNull();
  });

  test('a revocation that comes while rows move holds', async () => {
    for (let round = 0; round < 10; round++) {
      const guid = await inPreviousShard();
      await Promise.all([move(), shards.revoke({ guid: guid }, 'client')]);
      expect(await refusalOf(guid)).toBe('revoked');
    }
  });

  test('one counts once, is listed once, and a query revokes it in whichever shard it is', async () => {
    const [copied, left] = [await inPreviousShard(), await inPreviousShard()];
    await copy(copied);
    const { administrator } = STEPS.moving;
    const { credentials } = (await (await administrator.send('GET', 'credentials?owner=alice')).json()) as {
      credentials: { guid: string }[];
    };
    expect(credentials.map(({ guid }) => guid).sort()).toEqual([copied, left].sort());
    expect(await shards.revoke({ guid: copied }, 'client')).toBe(1);
    await administrator.send('DELETE', 'credentials?owner=alice');
    expect([await refusalOf(copied), await refusalOf(left)]).toEqual(['revoked', 'revoked']);
  });

  test('the same shards are asked for a GUID that is unknown, one call each, in one order', async () => {
    const asked: string[] = [];
    const counting = new Shards(
      {
        idFromName: (name: string) => name,
        get: (name: string) => ({
          findMoving(...args: [Guid]) {
            asked.push('previous');
            return SHARDS.getByName(name).findMoving(...args);
          },
          findWithOwner(...args: [Guid]) {
            asked.push('current');
            return SHARDS.getByName(name).findWithOwner(...args);
          },
          placementKey: () => SHARDS.getByName(name).placementKey(),
        }),
      } as never,
      LAYOUT,
    );
    for (const guid of [await inPreviousShard(counting), await newMovingGuid(counting)]) {
      asked.length = 0;
      await counting.find(guid, newNonce(Date.now()));
      await counting.findWithOwner(guid);
      expect(asked).toEqual(['previous', 'current', 'previous', 'current']);
    }
  });
});

test('a row whose number another GUID has in the new shard stays where it is found', async () => {
  const shards = new Shards(SHARDS, { count: 1, placement: 'hash', previous: { count: 2, placement: 'hash' } });
  const credential = (guid: Guid) => ({
    guid,
    owner: 'alice',
    organization: 'example.com',
    scopes: [],
    device: '',
    keyType: 'P-256',
    csrSha256: '',
    catalogueKey: `csr/${guid}`,
    template: Uint8Array.of(1),
    registeredAt: Date.now(),
  });
  const two = new Shards(SHARDS, { count: 2, placement: 'hash' });
  let one = newGuid();
  while ((await two.numberOf(one)) !== 1) one = newGuid();
  const alike = `${one.slice(0, 13)}${newGuid().slice(13)}` as Guid;
  await two.register(credential(one));
  await shards.register(credential(alike));
  expect(await movePage(shards, FIRST)).toEqual({ moved: 0, refused: 1, cursor: null });
  expect([(await shards.find(one))?.refusal, (await shards.find(alike))?.refusal]).toEqual([null, null]);
});

test('administration goes through any number of shards in bounded calls', async () => {
  const many = deployed({ shardCount: 300 });
  const owners = await Promise.all([1, 2, 3, 4].map(() => many.client.register('alice')));
  const first = (await (await many.administrator.send('GET', 'credentials?owner=alice')).json()) as object;
  expect(first).toMatchObject({ cursor: '128' });
  const pages = (path: string, method: string) => followed(many.administrator, method, path);
  const listed = await pages('credentials?owner=alice', 'GET');
  expect(listed.flatMap(({ credentials }) => credentials as { guid: string }[])).toHaveLength(4);
  const revoked = await pages('credentials?owner=alice', 'DELETE');
  expect(revoked).toHaveLength(3);
  expect(revoked.reduce((sum, page) => sum + Number(page['revoked']), 0)).toBe(4);
  expect(await statusesOf(many.client, owners)).toEqual([403, 403, 403, 403]);
});

async function followed(administrator: Administrator, method: string, path: string) {
  const pages: Record<string, unknown>[] = [];
  for (let cursor = ''; ; ) {
    const page = (await (await administrator.send(method, path + cursor)).json()) as Record<string, unknown>;
    pages.push(page);
    if (page['cursor'] === undefined) return pages;
    cursor = `&cursor=${page['cursor']}`;
  }
}
