/** The credentials of an owner, and their renewal: listed, revoked and replaced by the client itself. */

import { describe, expect, inject, test, vi } from 'vitest';
import {
  type Account,
  CaleClient,
  CaleError,
  type CredentialInfo,
  type KeyStore,
  type KeyType,
  MemoryKeyStore,
  type RegisterOptions,
} from '../../../client/index.ts';
import type {} from '../../support/provided.ts';

const EDGE = inject('edge');
const BOB = `Basic ${btoa('bob:builder')}`;
const ALICE = `Basic ${btoa('alice:wonderland')}`;
const DAY_MS = 86_400_000;

type Fetch = (request: Request) => Promise<Response>;

/** The network, with a party in it that may answer in place of the edge. */
function network(meddle: (request: Request, pass: Fetch) => Promise<Response> = (request, pass) => pass(request)) {
  const asked: string[] = [];
  const fetchThrough = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    asked.push(`${request.method} ${new URL(request.url).pathname}`);
    return meddle(request, (passed) => fetch(passed, { redirect: 'manual' }));
  };
  return { fetch: fetchThrough as typeof fetch, asked };
}

const given = (more: Partial<RegisterOptions> = {}): RegisterOptions & { store: KeyStore } => ({
  edge: EDGE,
  authorization: BOB,
  store: new MemoryKeyStore(),
  ...more,
});

const caught = async (promise: Promise<unknown>): Promise<CaleError> => {
  const error = await promise.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CaleError);
  return error as CaleError;
};

const own = async (client: CaleClient): Promise<CredentialInfo> =>
  (await client.credentials()).find(({ isCurrent }) => isCurrent) ?? expect.unreachable();

const stored = async (store: KeyStore, name = 'default'): Promise<Account> =>
  (await store.get({ edge: EDGE, name })) ?? expect.unreachable();

/** A store with the same account, of which another one knows nothing. */
async function copyOf(store: KeyStore, changes: Partial<Account> = {}): Promise<MemoryKeyStore> {
  const copy = new MemoryKeyStore();
  await copy.put({ ...(await stored(store)), ...changes });
  return copy;
}

const load = async (options: ReturnType<typeof given>): Promise<CaleClient> =>
  (await CaleClient.load(options)) ?? expect.unreachable();

const reads = async (client: CaleClient): Promise<boolean> =>
  client.fetch('/resource').then(
    ({ ok }) => ok,
    ({ code }) => {
      expect(code).toBe('unreadable');
      return false;
    },
  );

/** Waits until the edge, which says nothing of it, has revoked a credential behind an answer. */
const untilRevoked = (client: CaleClient) => vi.waitFor(async () => expect(await reads(client)).toBe(false), 20_000);

describe('the list', () => {
  test('has all credentials of the owner, the newest first, with what each is', async () => {
    const phone = await CaleClient.register(given({ subject: 'my phone, "old"' }));
    const laptop = await CaleClient.register(given({ subject: 'my laptop', key: 'P-384' }));
    const before = Date.now();
    const [first, second] = await laptop.credentials();
    expect(first).toMatchObject({ device: 'CN=my laptop', keyType: 'P-384', isCurrent: true, revokedAt: undefined });
    expect(second).toMatchObject({ device: 'CN=my phone\\, \\"old\\"', keyType: 'P-256', isCurrent: false });
    expect(Math.abs(Number(first?.registeredAt) - before)).toBeLessThan(DAY_MS);
    expect(Math.round((Number(first?.endsAt) - Number(first?.registeredAt)) / DAY_MS)).toBe(397);
    expect((await phone.credentials()).map(({ id }) => id)).toEqual((await laptop.credentials()).map(({ id }) => id));
    expect((await own(phone)).id).toBe(second?.id);
  });

  test('comes whole, however many pages it has', async () => {
    const { fetch, asked } = network();
    const options = given({ fetch });
    for (let at = 0; at < 21; at++) await CaleClient.register({ ...options, account: String(at) });
    const client = await load({ ...options, account: '0' });
    asked.length = 0;
    const list = await client.credentials();
    expect(asked.length).toBeGreaterThan(1);
    expect(new Set(list.map(({ id }) => id)).size).toBe(list.length);
    expect(list.length).toBeGreaterThan(20);
  });

  test('of before is not taken for one of now', async () => {
    let kept: Response | undefined;
    let isReplaying = false;
    const { fetch } = network(async (request, pass) => {
      if (isReplaying) return kept?.clone() as Response;
      const response = await pass(request);
      if (request.url.endsWith('/credentials')) kept = response.clone() as Response;
      return response;
    });
    const client = await CaleClient.register(given({ fetch }));
    expect((await client.credentials()).length).toBeGreaterThan(0);
    isReplaying = true;
    expect(await caught(client.credentials())).toMatchObject({ code: 'unreadable' });
  });
});

describe('revoking', () => {
  test('another device ends it at once; a second time there is nothing to revoke', async () => {
    const lost = await CaleClient.register(given());
    const client = await CaleClient.register(given());
    const { id } = await own(lost);
    expect(await client.revoke(id)).toBe(true);
    expect(await reads(lost)).toBe(false);
    expect(await caught(lost.credentials())).toMatchObject({ code: 'unreadable' });
    const listed = (await client.credentials()).find((each) => each.id === id);
    expect(listed?.revokedAt).toBeInstanceOf(Date);
    expect(await client.revoke(id)).toBe(false);
  });

  test('takes no credential of another owner', async () => {
    const alice = await CaleClient.register(given({ authorization: ALICE }));
    const bob = await CaleClient.register(given());
    expect(await bob.revoke((await own(alice)).id)).toBe(false);
    expect(await reads(alice)).toBe(true);
  });

  test.each(['', '..', 'a/../../admin', 'a?b'])('%j is no id, and nothing is sent', async (id) => {
    const { fetch, asked } = network();
    const client = await CaleClient.register(given({ fetch }));
    asked.length = 0;
    await expect(client.revoke(id)).rejects.toThrow(TypeError);
    expect(asked).toEqual([]);
  });

  test('by a proof of identity does for who has no device', async () => {
    const lost = await CaleClient.register(given());
    const { id } = await own(lost);
    const options = { edge: EDGE, id, authorization: BOB };
    expect(await CaleClient.revokeByProof({ ...options, authorization: ALICE })).toBe(false);
    expect(await reads(lost)).toBe(true);
    const refused = await caught(CaleClient.revokeByProof({ ...options, authorization: 'Basic x' }));
    expect(refused).toMatchObject({ code: 'refused', refusal: { status: 401 } });
    expect(await CaleClient.revokeByProof(options)).toBe(true);
    expect(await reads(lost)).toBe(false);
  });
});

describe('forgetting', () => {
  test('with revoke ends the credential too', async () => {
    const options = given();
    const client = await CaleClient.register(options);
    const kept = await load({ ...options, store: await copyOf(options.store) });
    await client.forget({ revoke: true });
    expect(await CaleClient.load(options)).toBeUndefined();
    expect(await reads(kept)).toBe(false);
  });

  test('forgets nothing when the credential cannot be revoked', async () => {
    const { fetch } = network((request, pass) =>
      request.method === 'DELETE' ? Promise.reject(new TypeError('broken')) : pass(request),
    );
    const options = given({ fetch });
    const client = await CaleClient.register(options);
    expect(await caught(client.forget({ revoke: true }))).toMatchObject({ code: 'network' });
    expect(await reads(await load(options))).toBe(true);
  });
});

describe('renewal', () => {
  test.each<[string, Partial<RegisterOptions>, KeyType | undefined, string]>([
    ['keeps the type of the key', { key: 'P-384' }, undefined, 'P-384'],
    ['keeps that of an RSA key', { key: 'RSA-2048' }, undefined, 'RSA-2048'],
    ['takes another one', {}, 'P-521', 'P-521'],
  ])('%s, the owner and the device; the credential before it ends', async (_, more, key, keyType) => {
    const options = given({ ...more, subject: 'my phone' });
    const client = await CaleClient.register(options);
    const before = await load({ ...options, store: await copyOf(options.store) });
    const { guid } = await stored(options.store);
    await client.renew(key && { key });
    expect((await stored(options.store)).guid).not.toBe(guid);
    expect(await own(client)).toMatchObject({ keyType, device: 'CN=my phone' });
    expect((await client.whoami()).owner).toBe('bob');
    expect(await (await client.fetch('/mirror', { method: 'POST', body: 'a body' })).json()).toMatchObject({
      proof: 'signature',
    });
    expect(await reads(await load(options))).toBe(true);
    await untilRevoked(before);
  });

  test('of an account of before owner and device were kept keeps both', async () => {
    const options = given({ subject: 'grün, "2"; #3' });
    await CaleClient.register(options);
    const { owner, subject, endsAt, ...old } = await stored(options.store);
    const store = new MemoryKeyStore();
    await store.put(old);
    const client = await load({ ...options, store });
    const { device } = await client.whoami();
    await client.renew();
    expect(await client.whoami()).toMatchObject({ owner: 'bob', device });
    expect(client.owner).toBe('bob');
  });

  test('another client of the same store goes on: it reads at once, and a write is not sent twice', async () => {
    const options = given();
    const { fetch, asked } = network();
    const client = await CaleClient.register(options);
    const other = await load({ ...options, fetch });
    const third = await load({ ...options, fetch });
    const before = await load({ ...options, store: await copyOf(options.store) });
    await client.renew();
    await untilRevoked(before);
    expect(await reads(other)).toBe(true);
    asked.length = 0;
    const write = () => third.fetch('/mirror', { method: 'POST', body: 'a body' });
    expect(await caught(write())).toMatchObject({ code: 'unreadable' });
    expect(asked.filter((each) => each === 'POST /mirror')).toHaveLength(1);
    expect((await write()).status).toBe(200);
  });

  test('an account that became another owner\u2019s is not taken over', async () => {
    const options = given();
    const client = await CaleClient.register(options);
    const id = (await own(client)).id;
    const bob = await CaleClient.register(given());
    await CaleClient.register({ ...options, authorization: ALICE });
    await bob.revoke(id);
    expect(await caught(client.fetch('/resource'))).toMatchObject({ code: 'unreadable' });
  });

  test('by a revoked credential is refused, and the account stays', async () => {
    const options = given();
    const client = await CaleClient.register(options);
    await client.revoke((await own(client)).id);
    const { guid } = await stored(options.store);
    const error = await caught(client.renew());
    expect(error).toMatchObject({ code: 'refused', refusal: { problem: 'secondary-proof-required' } });
    expect((await stored(options.store)).guid).toBe(guid);
  });

  test('of an account that was forgotten meanwhile is an error, and makes none', async () => {
    const options = given();
    const client = await CaleClient.register(options);
    await client.forget();
    expect(await caught(client.renew())).toMatchObject({ code: 'storage' });
    expect(await options.store.list()).toEqual([]);
  });
});

describe('a renewal that ends half-way loses no account:', () => {
  /** Puts fail from the given one on, as in a program that ends there. */
  class Ending extends MemoryKeyStore {
    putsLeft = Number.POSITIVE_INFINITY;

    override async put(account: Account): Promise<void> {
      if (this.putsLeft-- <= 0) throw new CaleError('storage');
      await super.put(account);
    }
  }

  test('before the new key is kept', async () => {
    const store = new Ending();
    const options = given({ store });
    const client = await CaleClient.register(options);
    store.putsLeft = 0;
    expect(await caught(client.renew())).toMatchObject({ code: 'storage' });
    store.putsLeft = Number.POSITIVE_INFINITY;
    for (const each of [client, await load(options)]) expect(await reads(each)).toBe(true);
    await client.renew();
    expect(await reads(await load(options))).toBe(true);
  });

  test('after it was kept and used, and before the store was told that', async () => {
    const store = new Ending();
    const options = given({ store });
    const client = await CaleClient.register(options);
    store.putsLeft = 1;
    await client.renew();
    store.putsLeft = Number.POSITIVE_INFINITY;
    expect((await stored(store)).isUnproved).toBe(true);
    for (const each of [client, await load(options)]) expect(await reads(each)).toBe(true);
    expect((await stored(store)).isUnproved).toBeUndefined();
  });

  test('where the store has no way to be told', async () => {
    const store = Object.assign(new MemoryKeyStore(), { update: undefined });
    const options = given({ store: store as unknown as KeyStore });
    const client = await CaleClient.register(options);
    await client.renew();
    for (const each of [client, await load(options)]) expect(await reads(each)).toBe(true);
  });

  test('after the edge answered, and before the new credential was used', async () => {
    let isBroken = false;
    const { fetch } = network((request, pass) =>
      isBroken && request.url.endsWith('/whoami') ? Promise.reject(new TypeError('broken')) : pass(request),
    );
    const options = given({ fetch });
    const client = await CaleClient.register(options);
    isBroken = true;
    expect(await caught(client.renew())).toMatchObject({ code: 'network' });
    // The one before it is good as long as the new one was not used.
    expect(await reads(client)).toBe(true);
    isBroken = false;
    expect(await reads(await load(options))).toBe(true);
    await client.renew();
    expect(await reads(client)).toBe(true);
    expect((await stored(options.store)).isUnproved).toBeUndefined();
  });

  test('nothing is asked with the new credential before it is kept', async () => {
    const store = new MemoryKeyStore();
    const guids: string[] = [];
    const { fetch } = network(async (request, pass) => {
      const guid = request.headers.get('CALE-GUID');
      if (guid !== null) guids.push(`${guid === (await stored(store)).guid}`);
      return pass(request);
    });
    const client = await CaleClient.register(given({ store }));
    await (await load(given({ store, fetch }))).renew();
    expect(guids.length).toBeGreaterThan(1);
    expect(new Set(guids)).toEqual(new Set(['true']));
    expect(client.owner).toBe('bob');
  });
});

test('a renewal for another owner, by who stands between, is not trusted, and never used', async () => {
  const { fetch, asked } = network((request, pass) => {
    if (request.method !== 'POST' || !request.headers.has('CALE-GUID')) return pass(request);
    const headers = new Headers(request.headers);
    for (const name of ['CALE-GUID', 'CALE-Nonce', 'Signature', 'Signature-Input']) headers.delete(name);
    headers.set('Authorization', ALICE);
    return request.arrayBuffer().then((body) => pass(new Request(request.url, { method: 'POST', headers, body })));
  });
  const options = given({ fetch });
  const client = await CaleClient.register(options);
  expect(await caught(client.renew())).toMatchObject({ code: 'not-trusted' });
  asked.length = 0;
  expect(await caught(CaleClient.load(options))).toMatchObject({ code: 'not-trusted' });
  expect(asked).toEqual(['GET /whoami']);
});

describe('by itself', () => {
  /** An account in the last tenth of its life. */
  async function dueAccount(account: string, more: Partial<RegisterOptions> = {}) {
    const options = given({ account, ...more });
    await CaleClient.register({ ...options, fetch: (...of) => fetch(...of) });
    const { key, ...info } = await stored(options.store, account);
    const now = Date.now();
    await options.store.put(
      { ...info, key, registeredAt: now - 92 * DAY_MS, endsAt: now + 8 * DAY_MS },
      new Uint8Array(),
    );
    return { ...options, guid: info.guid };
  }

  const untilAnother = (store: KeyStore, account: string, guid: string) =>
    vi.waitFor(async () => {
      const { guid: now, isUnproved } = await stored(store, account);
      expect([now === guid, isUnproved]).toEqual([false, undefined]);
    }, 20_000);

  test('a client renews an account that ends soon, once, while it answers', async () => {
    const { fetch, asked } = network();
    const { guid, ...options } = await dueAccount('due', { fetch });
    const [one, two] = [await load(options), await load(options)];
    expect(await Promise.all([reads(one), reads(two), reads(one)])).toEqual([true, true, true]);
    await untilAnother(options.store, 'due', guid);
    expect(await Promise.all([reads(one), reads(two)])).toEqual([true, true]);
    expect(asked.filter((each) => each === 'POST /registration')).toHaveLength(1);
    const { endsAt = 0 } = await stored(options.store, 'due');
    expect(endsAt).toBeGreaterThan(Date.now() + 300 * DAY_MS);
  });

  test('fails in silence, and is not tried again soon', async () => {
    const { fetch, asked } = network((request, pass) =>
      request.method === 'POST' ? Promise.reject(new TypeError('broken')) : pass(request),
    );
    const { guid, ...options } = await dueAccount('failing', { fetch });
    const client = await load(options);
    for (let at = 0; at < 3; at++) expect(await reads(client)).toBe(true);
    await vi.waitFor(() => expect(asked).toContain('POST /registration'), 20_000);
    for (let at = 0; at < 3; at++) expect(await reads(client)).toBe(true);
    expect(asked.filter((each) => each === 'POST /registration')).toHaveLength(1);
    expect((await stored(options.store, 'failing')).guid).toBe(guid);
  });

  test.each<[string, Partial<RegisterOptions>, Partial<Account>]>([
    ['that is not near its end', {}, { registeredAt: Date.now() - 10 * DAY_MS, endsAt: Date.now() + 91 * DAY_MS }],
    ['where that is switched off', { autoRenew: false }, {}],
  ])('it renews none %s', async (_, more, changes) => {
    const { fetch, asked } = network();
    const account = `kept ${_}`;
    const { guid, ...options } = await dueAccount(account, { fetch, ...more });
    await options.store.put({ ...(await stored(options.store, account)), ...changes }, new Uint8Array());
    const client = await load(options);
    for (let at = 0; at < 3; at++) expect(await reads(client)).toBe(true);
    expect(asked).toEqual(Array(3).fill('GET /resource'));
    expect((await stored(options.store, account)).guid).toBe(guid);
  });
});
