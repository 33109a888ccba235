import { env, listDurableObjectIds, reset, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CredentialShard } from '../../../durable-objects/credential-shard/shard.ts';
import { type Guid, newGuid } from '../../../shared/protocol/guid.ts';
import { deriveCredentialId } from '../../../workers/authority/credentials/credential-id.ts';
import { authorityFromSettings } from '../../../workers/authority/settings.ts';
import { Administrator } from '../../support/administrator.ts';
import { AuthorityClient, authorityOfTests, createAdministered, type Registered } from '../../support/authority.ts';

const { SHARDS } = env as unknown as { SHARDS: DurableObjectNamespace<CredentialShard> };
const authority = new AuthorityClient();
const administrator = new Administrator();

beforeEach(() => reset());
afterEach(() => {
  vi.useRealTimers();
});

interface Entry {
  readonly at: string;
  readonly event: string;
  readonly id: string | null;
  readonly by: string | null;
}

async function trailOf(reader = administrator): Promise<Entry[]> {
  return (await reader.allPages('GET', 'audit'))['entries'] as Entry[];
}

const idOf = ({ guid }: Pick<Registered, 'guid'>) => deriveCredentialId(guid as Guid);

describe('the trail', () => {
  test('says what was done with each credential, and by whom, newest last, and names no GUID', async () => {
    const phone = await authority.register('alice');
    const laptop = await authority.register('alice');
    await authority.revoke(phone, await idOf(laptop));
    const renewal = await authority.renew(phone);
    await authority.validate(renewal);
    await vi.waitFor(async () => expect(await authority.validate(phone)).toBe(403));
    const own = { 'CALE-Identity': 'cn="alice", dc="example.com", ou=("read")' };
    await authority.send(`/credentials/${await idOf(renewal)}`, { method: 'DELETE', headers: own });
    const tablet = await authority.register('bob');
    await authorityOfTests.fetch(
      new Request(`https://authority/admin/credentials/${tablet.guid}`, {
        method: 'DELETE',
        headers: { 'CALE-Administrator': 'carol' },
      }),
    );
    const watch = await authority.register('bob');
    await administrator.send('DELETE', 'credentials?owner=bob');
    const entries = await trailOf();
    const expected = [
      ['registered', phone, 'owner'],
      ['registered', laptop, 'owner'],
      ['revoked', laptop, 'client'],
      ['renewed', renewal, 'client'],
      ['revoked', phone, 'renewal'],
      ['revoked', renewal, 'owner'],
      ['registered', tablet, 'owner'],
      ['revoked', tablet, 'administrator carol'],
      ['registered', watch, 'owner'],
      ['revoked', watch, 'administrator administrator'],
    ] as const;
    expect(entries.map(({ event, id, by }) => [event, id, by])).toEqual(
      await Promise.all(expected.map(async ([event, registered, by]) => [event, await idOf(registered), by])),
    );
    expect(entries.map(({ at }) => at)).toEqual(entries.map(({ at }) => at).sort());
    for (const { guid } of [phone, laptop, renewal, tablet, watch]) expect(JSON.stringify(entries)).not.toContain(guid);
  });

  test('says who exported, imported and reindexed, once for all pages', async () => {
    const phone = await authority.register('alice');
    const exported = await administrator.export();
    for (const id of await listDurableObjectIds(SHARDS)) {
      await runInDurableObject(SHARDS.get(id), (_, { storage }) => void storage.sql.exec('DELETE FROM credentials'));
    }
    await administrator.reindex();
    await administrator.import(exported);
    const by = 'administrator administrator';
    expect((await trailOf()).map(({ event, id, by }) => [event, id, by])).toEqual([
      ['registered', await idOf(phone), 'owner'],
      ['exported', null, by],
      ['reindexed', null, by],
      ['rebuilt', await idOf(phone), 'catalogue'],
      ['imported', null, by],
    ]);
  });

  test('is read in pages, in the order of time over all shards, also of one millisecond', async () => {
    vi.useFakeTimers({ now: Date.parse('2026-11-26T05:00:00Z'), toFake: ['Date'] });
    const shards = Array.from({ length: Number(env.AUTHORITY_SHARDS) }, (_, at) => SHARDS.getByName(`shard-${at}`));
    for (let second = 0; second < 3; second++) {
      vi.setSystemTime(Date.now() + 1000);
      for (const [at, shard] of shards.entries()) {
        await shard.putTrail(
          Array.from({ length: 15 }, (_, each) => ({
            id: 0,
            at: Date.now(),
            event: 'registered' as const,
            guid: newGuid(),
            actor: `administrator ${second}.${at}.${each}` as const,
          })),
        );
      }
    }
    const entries = await trailOf();
    const expected = [0, 1, 2].flatMap((second) =>
      shards.flatMap((_, at) => Array.from({ length: 15 }, (__, each) => `administrator ${second}.${at}.${each}`)),
    );
    expect(entries.map(({ by }) => by)).toEqual(expected);
  });

  test('keeps nothing of GUIDs that are unknown, or that are revoked already', async () => {
    const phone = await authority.register('alice');
    for (let times = 0; times < 3; times++) {
      await authority.validate({ guid: newGuid() });
      await administrator.send('DELETE', `credentials/${newGuid()}`);
      await administrator.send('DELETE', `credentials/${phone.guid}`);
    }
    expect((await trailOf()).map(({ event }) => event)).toEqual(['registered', 'revoked']);
  });

  test('is not written for a registration whose row is not', async () => {
    const phone = await authority.register('alice');
    const shard = SHARDS.getByName('shard-0');
    const template = Uint8Array.of(1);
    const credential = {
      owner: 'alice',
      organization: 'example.com',
      scopes: [],
      device: '',
      keyType: '',
      csrSha256: '',
    };
    const guid = newGuid();
    const registered = { ...credential, guid, catalogueKey: '', template, registeredAt: 1 };
    expect([await shard.register(registered), await shard.register(registered)]).toEqual([true, false]);
    expect((await trailOf()).map(({ id }) => id).sort()).toEqual([await idOf(phone), await idOf({ guid })].sort());
  });

  test('goes along when there are fewer shards', async () => {
    const registered = await Promise.all([1, 2, 3, 4].map((at) => authority.register(`owner ${at}`)));
    const fewer = { ...authorityFromSettings(env), shardCount: 1 };
    const before = Number(env.AUTHORITY_SHARDS);
    await new Administrator(createAdministered({ ...fewer, previousShardCount: before })).reindex();
    const entries = await trailOf(new Administrator(createAdministered(fewer)));
    const ids = entries.filter(({ event }) => event === 'registered').map(({ id }) => id);
    expect(ids.sort()).toEqual((await Promise.all(registered.map(idOf))).sort());
  });
});

interface Status {
  readonly shards: Record<'shard' | 'live' | 'revoked' | 'ended' | 'due' | 'schemaVersion', number>[];
  readonly catalogue: string;
  readonly cursor: string | null;
}

test('the status counts credentials by shard, and says whether KV can be reached', async () => {
  vi.useFakeTimers({ now: Date.now(), toFake: ['Date'] });
  const [, revoked = expect.unreachable()] = [await authority.register('alice'), await authority.register('bob')];
  await administrator.send('DELETE', `credentials/${revoked.guid}`);
  const statusOf = async (reader = administrator) => (await (await reader.send('GET', 'status')).json()) as Status;
  const sumOf = ({ shards }: Status, name: 'live' | 'revoked' | 'ended' | 'due') =>
    shards.reduce((sum, shard) => sum + shard[name], 0);
  const status = await statusOf();
  expect(status).toMatchObject({ catalogue: 'reachable', cursor: null });
  expect(status.shards.map(({ shard }) => shard)).toEqual([...Array(Number(env.AUTHORITY_SHARDS)).keys()]);
  expect([sumOf(status, 'live'), sumOf(status, 'revoked'), sumOf(status, 'ended')]).toEqual([1, 1, 0]);
  expect(new Set(status.shards.map(({ schemaVersion }) => schemaVersion))).toEqual(new Set([2]));
  expect(JSON.stringify(status)).toContain(`"lastRegisteredAt":"${new Date().toISOString()}"`);
  vi.setSystemTime(Date.now() + Number(env.CREDENTIAL_LIFETIME_DAYS) * 86_400_000);
  const later = await statusOf();
  expect([sumOf(later, 'live'), sumOf(later, 'revoked'), sumOf(later, 'ended')]).toEqual([0, 1, 1]);
  const failing = { get: failure, list: failure, put: failure, delete: failure };
  const withoutKv = createAdministered({ ...authorityFromSettings(env), catalogue: failing as never });
  expect(await statusOf(new Administrator(withoutKv))).toMatchObject({ catalogue: 'failed' });
});

const failure = () => Promise.reject(new Error('KV is down'));
