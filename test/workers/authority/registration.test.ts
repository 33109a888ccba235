import { env, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CredentialShard } from '../../../durable-objects/credential-shard/shard.ts';
import type { ResourceOwner } from '../../../durable-objects/resource-owner/resource-owner.ts';
import { newGuid } from '../../../shared/protocol/guid.ts';
import { AuthorityClient, type Registered } from '../../support/authority.ts';
import { Device } from '../../support/device.ts';

const { OWNERS, SHARDS } = env as unknown as {
  OWNERS: DurableObjectNamespace<ResourceOwner>;
  SHARDS: DurableObjectNamespace<CredentialShard>;
};
/** As wrangler.toml has it. */
const BOUND = 20;
const MINUTE_MS = 60_000;
const authority = new AuthorityClient();
let count = 0;
let owner = '';
beforeEach(() => {
  owner = `registering ${count++}`;
});
afterEach(() => {
  vi.useRealTimers();
});

const newDevices = (length: number) => Promise.all(Array.from({ length }, () => Device.create('P-256', 'phone')));
const statusesOf = (responses: readonly Response[]) => responses.map(({ status }) => status).sort();
const isValid = async (registered: Pick<Registered, 'guid'>) => (await authority.validate(registered)) === 200;

/** The problem of a registration that is one too many. */
async function tooMany(response: Response): Promise<{ credentials: { id: string; device: string }[]; detail: string }> {
  expect(response.status).toBe(409);
  const problem = (await response.json()) as { type: string; credentials: []; detail: string };
  expect(problem.type).toBe('urn:cale:problem:too-many-credentials');
  return problem;
}

describe('the same CSR that comes again', () => {
  test('within ten minutes gets the same GUID, sealed once more, and is one credential', async () => {
    const device = await Device.create('P-256', 'phone');
    const first = await authority.register(owner, device);
    const [one, other] = [await authority.post(device.csr, owner), await authority.post(device.csr, owner)];
    const sealed = [await one.text(), await other.text()];
    expect(sealed[0]).not.toBe(sealed[1]);
    for (const each of sealed) expect(await device.open(each)).toBe(first.guid);
    expect((await authority.list(first)).credentials).toHaveLength(1);
  });

  test('sixteen times at once is one credential', async () => {
    const device = await Device.create('P-256', 'phone');
    const answers = await Promise.all(Array.from({ length: 16 }, () => authority.post(device.csr, owner)));
    expect(statusesOf(answers)).toEqual(Array<number>(16).fill(200));
    const guids = new Set(await Promise.all(answers.map(async (each) => device.open(await each.text()))));
    expect(guids.size).toBe(1);
    const [guid = ''] = guids;
    expect((await authority.list({ device, guid })).credentials).toHaveLength(1);
  });

  test('after ten minutes, from another owner, or with other scopes, is another credential', async () => {
    const now = Date.now();
    const device = await Device.create('P-256', 'phone');
    const first = await authority.register(owner, device);
    const again = await authority.post(device.csr, owner, '"read" "write"');
    const others = await authority.register(`${owner} too`, device);
    vi.useFakeTimers({ now: now + 11 * MINUTE_MS, toFake: ['Date'] });
    const later = await authority.register(owner, device);
    const guids = [first.guid, await device.open(await again.text()), others.guid, later.guid];
    expect(new Set(guids).size).toBe(4);
  });

  test('after the revocation of its credential is another credential', async () => {
    const device = await Device.create('P-256', 'phone');
    const first = await authority.register(owner, device);
    await authority.send(`/admin/credentials/${first.guid}`, { method: 'DELETE' });
    const second = await authority.register(owner, device);
    expect(second.guid).not.toBe(first.guid);
    expect([await isValid(first), await isValid(second)]).toEqual([false, true]);
  });

  test('after a crash between the writes gets the GUID of that time, with its row', async () => {
    const device = await Device.create('P-256', 'phone');
    const first = await authority.register(owner, device);
    for (let number = 0; number < Number(env.AUTHORITY_SHARDS); number++) {
      await runInDurableObject(SHARDS.getByName(`shard-${number}`), (_, { storage }) => {
        storage.sql.exec('DELETE FROM credentials WHERE guid = ?', first.guid);
      });
    }
    expect(await isValid(first)).toBe(false);
    expect((await authority.register(owner, device)).guid).toBe(first.guid);
    expect(await isValid(first)).toBe(true);
  });
});

describe('an owner has no more valid credentials than the bound', () => {
  test('and is told of them, and who revokes one may register again', async () => {
    const devices = await newDevices(BOUND);
    const all = await Promise.all(devices.map((device) => authority.register(owner, device)));
    const next = await Device.create('P-256', 'one more');
    const { credentials, detail } = await tooMany(await authority.post(next.csr, owner));
    expect(credentials).toHaveLength(BOUND);
    expect(detail).toContain('DELETE /.well-known/cale/credentials/');
    expect(credentials[0]).toEqual({
      id: expect.stringMatching(/^[A-Za-z0-9_-]{16}$/),
      device: 'CN=phone',
      keyType: 'P-256',
      registeredAt: expect.any(String),
      endsAt: expect.any(String),
      lastUsedOn: null,
      revokedAt: null,
      current: false,
    });
    const revoked = await authority.send(`/credentials/${credentials[0]?.id}`, {
      method: 'DELETE',
      headers: { 'CALE-Identity': `cn="${owner}", dc="example.com", ou=()` },
    });
    expect(revoked.status).toBe(204);
    const registered = await authority.register(owner, next);
    expect(await isValid(registered)).toBe(true);
    expect((await Promise.all(all.map(isValid))).filter((each) => !each)).toHaveLength(1);
    // Others have bounds of their own.
    await authority.register(`${owner} too`);
  });

  test('when one too many come at once', async () => {
    const devices = await newDevices(BOUND + 1);
    const answers = await Promise.all(devices.map(({ csr }) => authority.post(csr, owner)));
    expect(statusesOf(answers)).toEqual([...Array<number>(BOUND).fill(200), 409]);
    for (const answer of answers) await answer.arrayBuffer();
  });

  test('where those that have ended do not count, nor those that an administrator revoked', async () => {
    const now = Date.now();
    const devices = await newDevices(BOUND);
    await Promise.all(devices.map((device) => authority.register(owner, device)));
    const days = Number(env.CREDENTIAL_LIFETIME_DAYS) + 1;
    vi.useFakeTimers({ now: now + days * 24 * 60 * MINUTE_MS, toFake: ['Date'] });
    await authority.register(owner);
    vi.setSystemTime(now);
    await authority.send(`/admin/credentials?owner=${encodeURIComponent(owner)}`, { method: 'DELETE' });
    await Promise.all((await newDevices(BOUND)).map((device) => authority.register(owner, device)));
    await tooMany(await authority.post((await Device.create('P-256', 'phone')).csr, owner));
  });

  test('where a registration that never came to its row counts for ten minutes', async () => {
    const now = Date.now();
    for (let at = 0; at < BOUND; at++) {
      const entry = { id: `crashed-${at}`, guid: newGuid(), fingerprint: `${at}`, supersedes: null, registeredAt: now };
      expect((await OWNERS.getByName(owner).admit(entry, BOUND)).outcome).toBe('admitted');
    }
    const { csr } = await Device.create('P-256', 'phone');
    expect((await tooMany(await authority.post(csr, owner))).credentials).toEqual([]);
    vi.useFakeTimers({ now: now + 11 * MINUTE_MS, toFake: ['Date'] });
    const registered = await authority.post(csr, owner);
    expect(registered.status).toBe(200);
    expect(await OWNERS.getByName(owner).entries()).toHaveLength(1);
  });
});

test('the object of an owner keeps nothing before there is a credential, whatever is asked of it', async () => {
  const list = OWNERS.getByName('a stranger');
  expect(await list.entries()).toEqual([]);
  expect(await list.guidOf('x')).toBeNull();
  await list.end(['x']);
  await list.drop(['x']);
  const tables = await runInDurableObject(list, (_, { storage }) =>
    storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_%' ESCAPE '\\'").toArray(),
  );
  expect(tables).toEqual([]);
});

test('the list keeps the latest hundred that are no more live', async () => {
  const list = OWNERS.getByName('a collector');
  for (let at = 0; at < 103; at++) {
    const entry = { id: `id-${at}`, guid: newGuid(), fingerprint: `${at}`, supersedes: null, registeredAt: at };
    await list.admit(entry, 1);
    await list.end([entry.id]);
  }
  const live = { id: 'live', guid: newGuid(), fingerprint: 'live', supersedes: null, registeredAt: 103 };
  await list.admit(live, 1);
  const entries = await list.entries();
  expect(entries).toHaveLength(101);
  expect([entries[0], entries.at(-1)]).toMatchObject([
    { id: 'live', isLive: true },
    { id: 'id-3', isLive: false },
  ]);
});
