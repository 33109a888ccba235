/** Accounts in a browser: IndexedDB keeps CryptoKeys as such, so that not even this page can read the key out of them. */

import { createStore, del, get, set, type UseStore, values } from 'idb-keyval';
import { type Account, type AccountId, type AccountInfo, accountKey, type KeyStore } from '../account.ts';
import { CaleError } from '../errors.ts';

const STORE = 'accounts';
const NO_INDEXED_DB = 'There is no IndexedDB here: give the option store, such as a MemoryKeyStore.';

export class IndexedDbKeyStore implements KeyStore {
  readonly #name: string;
  #database: UseStore | undefined;

  /** @param name of the database. */
  constructor(name = 'cale') {
    this.#name = name;
  }

  async ready(): Promise<void> {
    await this.list();
  }

  async put(account: Account): Promise<void> {
    await orStorageError(set(accountKey(account), account, this.#use));
    // Asked for, not relied on: without it a browser that is short of space may drop the key.
    await globalThis.navigator?.storage?.persist?.().catch(() => false);
  }

  update(account: Account): Promise<void> {
    return this.put(account);
  }

  get(id: AccountId): Promise<Account | undefined> {
    return orStorageError(get<Account>(accountKey(id), this.#use));
  }

  list(): Promise<AccountInfo[]> {
    return orStorageError(values<Account>(this.#use));
  }

  async delete(id: AccountId): Promise<void> {
    await orStorageError(del(accountKey(id), this.#use));
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

async function orStorageError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const isMissing = globalThis.indexedDB === undefined;
    throw new CaleError('storage', { cause, ...(isMissing && { message: NO_INDEXED_DB }) });
  }
}
