import { env, evictDurableObject, reset, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CredentialShard } from '../../../durable-objects/credential-shard/shard.ts';
import type { Guid } from '../../../shared/protocol/guid.ts';
import type { Nonce } from '../../../shared/protocol/nonce.ts';
import { authorityFromSettings } from '../../../workers/authority/settings.ts';
import { Administrator } from '../../support/administrator.ts';
import { AuthorityClient, createAdministered } from '../../support/authority.ts';
import ofUnreleased02 from '../../vectors/storage/unreleased-0.2.json';
import ofVersion01 from '../../vectors/storage/version-0.1.json';

const { CATALOGUE, SHARDS } = env as unknown as {
  CATALOGUE: KVNamespace;
  SHARDS: DurableObjectNamespace<CredentialShard>;
};

interface Stored {
  readonly tables: readonly string[];
  readonly credentials: readonly Record<string, string | number | null>[];
  readonly nonces: readonly string[];
  readonly catalogue: readonly { readonly key: string; readonly value: string; readonly metadata: object }[];
}
/** The hour in which all of it was stored. Since then it would have ended: it is moved to this hour. */
const AGE_MS = Date.now() - Date.parse('2026-11-26T05:00:00Z');
const TIMES = new Set(['registered_at', 'revoked_at', 'ends_at', 'registeredAt', 'revokedAt', 'endsAt']);

function moved(stored: Stored): Stored {
  const move = (value: unknown) =>
    typeof value === 'number' ? value + AGE_MS : new Date(Date.parse(String(value)) + AGE_MS).toISOString();
  const movedIn = <T extends object>(of: T): T =>
    Object.fromEntries(
      Object.entries(of).map(([name, value]) => [name, TIMES.has(name) && value !== null ? move(value) : value]),
    ) as T;
  return {
    ...stored,
    credentials: stored.credentials.map(movedIn),
    catalogue: stored.catalogue.map((entry) => ({ ...entry, metadata: movedIn(entry.metadata) })),
  };
}

const STORED: readonly (readonly [name: string, stored: Stored])[] = [
  ['version 0.1', moved(ofVersion01)],
  ['the unreleased 0.2', moved(ofUnreleased02)],
];
/** One shard, so that all rows are where they are looked for. */
const deployed = createAdministered({ ...authorityFromSettings(env), shardCount: 1, shardPlacement: 'prefix' });
const client = new AuthorityClient(deployed);
const administrator = new Administrator(deployed);
const shard = () => SHARDS.getByName('shard-0');
const bytesOf = (base64: unknown) => Uint8Array.from(atob(String(base64)), (char) => char.charCodeAt(0));

beforeEach(() => reset());
afterEach(() => {
  vi.useRealTimers();
});

/** Replaces the tables of the shard by those of before, and starts it. */
async function putRows({ tables, credentials, nonces }: Stored): Promise<void> {
  await runInDurableObject(shard(), (_, { storage: { sql } }) => {
    const made = sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").toArray();
    for (const { name } of made.filter((each) => !each.name.startsWith('_cf') && !each.name.startsWith('sqlite'))) {
      sql.exec(`DROP TABLE ${name}`);
    }
    for (const table of tables) sql.exec(table);
    for (const row of credentials) {
      const columns = Object.keys(row);
      const values = columns.map((column) =>
        column === 'profile' ? bytesOf(row[column]).buffer : (row[column] ?? null),
      );
      const marks = columns.map(() => '?').join(', ');
      sql.exec(`INSERT INTO credentials (${columns.join(', ')}) VALUES (${marks})`, ...values);
    }
    for (const nonce of nonces) sql.exec('INSERT INTO nonces (nonce) VALUES (?)', nonce);
  });
  await evictDurableObject(shard());
}

async function putEntries({ catalogue }: Stored): Promise<void> {
  for (const { key, value, metadata } of catalogue) await CATALOGUE.put(key, bytesOf(value), { metadata });
}

const guidsOf = ({ credentials }: Stored) => credentials.map(({ guid }) => String(guid) as Guid);
const expectedOf = ({ credentials }: Stored) =>
  credentials.map(({ revoked_at }) => (revoked_at === null ? null : 'revoked'));

/** As the shard finds them; undefined for those that it does not know. */
async function refusalsOf(stored: Stored) {
  const refusals: (string | null | undefined)[] = [];
  for (const guid of guidsOf(stored)) refusals.push((await shard().find(guid)).found?.refusal);
  return refusals;
}

const tablesNow = () =>
  runInDurableObject(shard(), (_, { storage: { sql } }) => ({
    version: sql.exec<{ version: number }>('SELECT version FROM schema_version').toArray(),
    columns: sql
      .exec<{ name: string }>('PRAGMA table_info(credentials)')
      .toArray()
      .map(({ name }) => name)
      .sort(),
  }));

describe.each(STORED)('rows of %s', (_, stored) => {
  test('are read as they were, and get the tables of now once', async () => {
    const fresh = await tablesNow();
    await putRows(stored);
    expect(await refusalsOf(stored)).toEqual(expectedOf(stored));
    expect(await tablesNow()).toEqual(fresh);
    expect(fresh.version).toEqual([{ version: expect.any(Number) }]);
    expect(await administrator.export()).toHaveLength(stored.credentials.length);
    const registered = await client.register('carol');
    await evictDurableObject(shard());
    expect(await tablesNow()).toEqual(fresh);
    expect(await refusalsOf(stored)).toEqual(expectedOf(stored));
    const [oldest = expect.unreachable()] = guidsOf(stored);
    const status = expectedOf(stored)[0] === null ? 200 : 403;
    expect([await client.validate(registered), await client.validate({ guid: oldest })]).toEqual([200, status]);
  });

  test('stay when the tables are of a later version than the code', async () => {
    await putRows(stored);
    await refusalsOf(stored);
    await runInDurableObject(shard(), (_, { storage: { sql } }) => {
      sql.exec('ALTER TABLE credentials ADD COLUMN of_later TEXT');
      sql.exec('UPDATE schema_version SET version = 1000');
    });
    await evictDurableObject(shard());
    expect(await refusalsOf(stored)).toEqual(expectedOf(stored));
    expect((await tablesNow()).version).toEqual([{ version: 1000 }]);
  });
});

describe.each(STORED)('entries of the catalogue of %s', (_, stored) => {
  test('are what rows are made of that are lost', async () => {
    await putEntries(stored);
    expect(await refusalsOf(stored)).toEqual(stored.credentials.map(() => undefined));
    const { length } = stored.credentials;
    expect(await administrator.reindex()).toMatchObject({ compared: length, added: length, refused: 0 });
    expect(await refusalsOf(stored)).toEqual(expectedOf(stored));
  });

  test('are never swept, whether their rows are there or not', async () => {
    await putEntries(stored);
    vi.useFakeTimers({ now: Date.now() + 365 * 86_400_000, toFake: ['Date'] });
    await deployed.scheduled();
    expect((await CATALOGUE.list({ prefix: 'csr/' })).keys).toHaveLength(stored.catalogue.length);
  });
});

test('a nonce that was admitted before is refused', async () => {
  await putRows(ofUnreleased02);
  const [[nonce = '', id = ''] = []] = ofUnreleased02.nonces.map((each) => each.split(/\.(?=\d+$)/));
  const { guid } = ofUnreleased02.credentials.find((row) => String(row.id) === id) ?? expect.unreachable();
  vi.useFakeTimers({ now: Number(nonce.split('.')[0]) * 1000, toFake: ['Date'] });
  expect((await shard().admit(guid as Guid, nonce as Nonce)).found?.refusal).toBe('nonce-not-admitted');
});
