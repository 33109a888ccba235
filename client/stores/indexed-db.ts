/** Accounts in a browser: IndexedDB keeps CryptoKeys as such, so that not even this page can read the key out of them. */

import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { type Account, type AccountId, type AccountInfo, accountKey, type KeyStore } from '../account.ts';
import { CaleError } from '../errors.ts';

interface Schema extends DBSchema {
  accounts: { key: string; value: Account };
}

const STORE = 'accounts';

export class IndexedDbKeyStore implements KeyStore {
  readonly #name: string;
  #database: Promise<IDBPDatabase<Schema>> | undefined;

  /** @param name of the database. */
  constructor(name = 'cale') {
    this.#name = name;
  }

  async ready(): Promise<void> {
    await this.#use((database) => database.count(STORE));
  }

  async put(account: Account): Promise<void> {
    await this.#use((database) => database.put(STORE, account, accountKey(account)));
    // Asked for, not relied on: without it a browser that is short of space may drop the key.
    await globalThis.navigator?.storage?.persist?.().catch(() => false);
  }

  get(id: AccountId): Promise<Account | undefined> {
    return this.#use((database) => database.get(STORE, accountKey(id)));
  }

  list(): Promise<AccountInfo[]> {
    return this.#use((database) => database.getAll(STORE));
  }

  async delete(id: AccountId): Promise<void> {
    await this.#use((database) => database.delete(STORE, accountKey(id)));
  }

  async #use<T>(work: (database: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
    try {
      this.#database ??= this.#open();
      return await work(await this.#database);
    } catch (cause) {
      this.#database = undefined;
      throw new CaleError('storage', { cause });
    }
  }

  #open(): Promise<IDBPDatabase<Schema>> {
    const forget = () => {
      this.#database = undefined;
    };
    return openDB<Schema>(this.#name, 1, {
      upgrade: (database) => void database.createObjectStore(STORE),
      // Another page wants a newer version, or the browser closed the database: it is opened again when it is needed.
      blocking: (_current, _blocked, event) => {
        (event.target as IDBDatabase).close();
        forget();
      },
      terminated: forget,
    });
  }
}
