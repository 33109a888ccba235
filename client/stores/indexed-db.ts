/** Accounts in a browser: IndexedDB keeps CryptoKeys as such, so that not even this page can read the key out of them. */

import { createStore, del, get, set, type UseStore, update, values } from 'idb-keyval';
import {
  type Account,
  type AccountId,
  type AccountInfo,
  type AccountKey,
  accountKey,
  type KeyStore,
} from '../account.ts';
import { CaleError } from '../errors.ts';
import { Queues } from './queues.ts';

const STORE = 'accounts';
const LOST = 'The browser has lost the key of this account: register again.';
const NO_INDEXED_DB = 'There is no IndexedDB here: give the option store, such as a MemoryKeyStore.';

export class IndexedDbKeyStore implements KeyStore {
  readonly #name: string;
  #database: UseStore | undefined;

  /** @param name of the database. */
  constructor(name = 'cale') {
    this.#name = name;
  }

  /** Keeps a key for a trial: some browsers keep other things only, and some nothing in private windows. */
  async ready(): Promise<void> {
    const { probe } = await import('./probe.ts');
    await orStorageError(probe(this.#use));
  }

  async put(account: Account): Promise<void> {
    await orStorageError(set(accountKey(account), account, this.#use));
    // Asked for, not relied on: without it a browser that is short of space may drop the key. Not waited for either, because
    // Firefox asks a person, who may never answer.
    globalThis.navigator?.storage?.persist?.().catch(() => false);
  }

  async update(account: Account): Promise<void> {
    const change = (kept?: Account) => (kept?.guid === account.guid ? account : kept);
    await orStorageError(update<Account | undefined>(accountKey(account), change, this.#use));
  }

  /** @throws {CaleError} `storage`; with `keyLost` when the browser has lost the key of an account. */
  async get(id: AccountId): Promise<Account | undefined> {
    const account = await orStorageError(get<Account | null>(accountKey(id), this.#use));
    // Null is what some browsers make of an account whose key they cannot open any more.
    const { key, signingKey = key } = (account?.key ?? {}) as Partial<AccountKey>;
    if (account === undefined || (account && isCryptoKey(key) && isCryptoKey(signingKey))) return account;
    throw new CaleError('storage', { keyLost: true, message: LOST });
  }

  async list(): Promise<AccountInfo[]> {
    // A key that is kept for a trial is no account.
    return (await orStorageError(values<Account>(this.#use))).filter((account) => account?.edge !== undefined);
  }

  async delete(id: AccountId): Promise<void> {
    await orStorageError(del(accountKey(id), this.#use));
  }

  /** By Web Locks, which pages and workers of one origin share; where there are none, within this page. */
  exclusively<T>(id: AccountId, work: () => Promise<T>): Promise<T> {
    const name = `${this.#name} ${accountKey(id)}`;
    const { locks } = (globalThis.navigator ?? {}) as Partial<Navigator>;
    return locks === undefined ? queues.run(name, work) : (locks.request(name, work) as Promise<T>);
  }

  async isPersisted(): Promise<boolean | undefined> {
    return globalThis.navigator?.storage?.persisted?.().catch(() => undefined);
  }

  /** Opens the database when it is needed, and again after it was closed or could not be opened. */
  readonly #use: UseStore = async (mode, callback) => {
    const forget = () => {
      this.#database = undefined;
    };
    try {
      this.#database ??= createStore(this.#name, STORE);
      return await this.#database(mode, (store) => {
        const { db } = store.transaction;
        // Another page wants a newer version.
        db.onversionchange = () => {
          db.close();
          forget();
        };
        return callback(store);
      });
    } catch (error) {
      forget();
      throw error;
    }
  };
}

const queues = new Queues();

const isCryptoKey = (key: unknown): boolean => key instanceof CryptoKey;

async function orStorageError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const isMissing = globalThis.indexedDB === undefined;
    throw new CaleError('storage', { cause, ...(isMissing && { message: NO_INDEXED_DB }) });
  }
}
