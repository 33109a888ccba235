/** Where accounts are kept: once each, however many pages and programs ask for one, and with a key that is a key. */

import { describe, expect, inject, test } from 'vitest';
import {
  type Account,
  CaleClient,
  CaleError,
  IndexedDbKeyStore,
  type KeyStore,
  MemoryKeyStore,
  type RegisterOptions,
} from '../../../client/index.ts';
import type {} from '../../support/provided.ts';

const EDGE = inject('edge');
const ALICE = `Basic ${btoa('alice:wonderland')}`;

const ID = { edge: EDGE, name: 'default' };

function options(store: KeyStore, authorization: RegisterOptions['authorization'] = ALICE) {
  const asked: string[] = [];
  const recorded = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    asked.push(`${request.method} ${new URL(request.url).pathname}`);
    return fetch(request, init);
  };
  return { edge: EDGE, store, authorization, fetch: recorded as typeof fetch, asked };
}

const caught = async (promise: Promise<unknown>): Promise<CaleError> => {
  const error = await promise.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CaleError);
  return error as CaleError;
};

/** Stores of this platform, each new. */
const STORES: readonly (readonly [name: string, create: () => KeyStore])[] = [
  ['MemoryKeyStore', () => new MemoryKeyStore()],
  ...('indexedDB' in globalThis
    ? [['IndexedDbKeyStore', () => new IndexedDbKeyStore(`test ${Math.random()}`)] as const]
    : []),
];

describe.each(STORES)('%s', (_, create) => {
  test('of several that load or register at once one registers, and all have its account', async () => {
    const given = options(create());
    const clients = await Promise.all([1, 2, 3].map(() => CaleClient.loadOrRegister(given)));
    expect(given.asked.filter((each) => each === 'POST /registration')).toHaveLength(1);
    for (const client of clients) expect((await client.whoami()).owner).toBe('alice');
    expect(await given.store.list()).toHaveLength(1);
  });

  test('for an account that is there no proof of identity is asked for', async () => {
    let times = 0;
    const given = options(create(), () => {
      times++;
      return ALICE;
    });
    await CaleClient.loadOrRegister(given);
    await CaleClient.loadOrRegister(given);
    expect(times).toBe(1);
  });

  test('who fails to register keeps none from it', async () => {
    const store = create();
    const failing = CaleClient.loadOrRegister(options(store, async () => Promise.reject(new Error('cancelled'))));
    const waiting = CaleClient.loadOrRegister(options(store));
    await expect(failing).rejects.toThrow('cancelled');
    expect((await waiting).owner).toBe('alice');
  });

  test('work for one account is done one after the other, and beside that for another one', async () => {
    const store = create();
    const order: string[] = [];
    const work = (name: string, until: Promise<unknown>) => async () => {
      order.push(`${name} begins`);
      await until;
      order.push(`${name} ends`);
    };
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const first = store.exclusively?.(ID, work('first', held));
    const second = store.exclusively?.(ID, work('second', Promise.resolve()));
    await store.exclusively?.({ ...ID, name: 'other' }, work('other', Promise.resolve()));
    release();
    await Promise.all([first, second]);
    const of = (name: string) => order.filter((each) => !each.startsWith(name));
    expect(of('other')).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
    expect(of('second')).toEqual(['first begins', 'other begins', 'other ends', 'first ends']);
  });

  test('says whether the platform may drop what it keeps', async () => {
    const client = await CaleClient.register(options(create()));
    const { persisted } = await client.storage();
    if (_ === 'MemoryKeyStore') expect(persisted).toBe(false);
    // WebKitGTK has no StorageManager.
    else expect(persisted).toBe(await navigator.storage?.persisted());
  });
});

test('a store without locks, and one that does not say how well it keeps, do as well', async () => {
  const inner = new MemoryKeyStore();
  const store: KeyStore = {
    ready: () => inner.ready(),
    put: (account) => inner.put(account),
    get: (id) => inner.get(id),
    list: () => inner.list(),
    delete: (id) => inner.delete(id),
  };
  const client = await CaleClient.loadOrRegister(options(store));
  expect(await client.storage()).toEqual({ persisted: undefined });
  await client.forget();
  expect(await CaleClient.load(options(store))).toBeUndefined();
});

describe.runIf('indexedDB' in globalThis)('IndexedDB', () => {
  /** Writes what a browser could have made of an account. */
  const overwrite = (name: string, change: (account: Account) => unknown): Promise<void> =>
    new Promise((resolve, reject) => {
      const opening = indexedDB.open(name);
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const transaction = opening.result.transaction('accounts', 'readwrite');
        const store = transaction.objectStore('accounts');
        const key = `${EDGE} default`;
        const reading = store.get(key);
        reading.onsuccess = () => store.put(change(reading.result as Account), key);
        transaction.onabort = () => reject(transaction.error);
        transaction.oncomplete = () => {
          opening.result.close();
          resolve();
        };
      };
    });

  test.each<[string, (account: Account) => unknown]>([
    ['is no key any more', (account) => ({ ...account, key: { ...account.key, key: {} } })],
    ['that signs is no key any more', (account) => ({ ...account, key: { ...account.key, signingKey: null } })],
    ['is gone', ({ key, ...account }) => account],
    ['is gone, and the account with it', () => null],
  ])('a key that %s is an error, and is replaced only by a registration', async (_, change) => {
    const name = `test ${Math.random()}`;
    const given = options(new IndexedDbKeyStore(name));
    await CaleClient.register(given);
    await overwrite(name, change);
    const before = given.asked.length;
    for (const outcome of [CaleClient.load(given), CaleClient.loadOrRegister(given)]) {
      expect(await caught(outcome)).toMatchObject({ code: 'storage', keyLost: true });
    }
    expect(given.asked).toHaveLength(before);
    await CaleClient.register(given);
    expect(await (await (await CaleClient.load(given))?.fetch('/resource'))?.json()).toMatchObject({ owner: 'alice' });
  });

  test('a browser that keeps no keys is told before there is a credential to lose', async () => {
    const { get } = IDBObjectStore.prototype;
    const given = options(new IndexedDbKeyStore(`test ${Math.random()}`));
    // As of a browser that keeps objects, and not keys.
    IDBObjectStore.prototype.get = function (this: IDBObjectStore) {
      return get.call(this, 'nothing');
    };
    try {
      expect(await caught(CaleClient.register(given))).toMatchObject({ code: 'storage', keyLost: false });
    } finally {
      IDBObjectStore.prototype.get = get;
    }
    expect(given.asked).toEqual([]);
    expect(await given.store.list()).toEqual([]);
  });

  test('a trial of a key leaves nothing behind', async () => {
    const store = new IndexedDbKeyStore(`test ${Math.random()}`);
    await Promise.all([store.ready(), store.ready(), store.ready()]);
    expect(await store.list()).toEqual([]);
  });
});
