/** Accounts that last as long as the program: for tests, and for programs that register at each start. */

import { type Account, type AccountId, type AccountInfo, accountKey, type KeyStore } from '../account.ts';
import { Queues } from './queues.ts';

export class MemoryKeyStore implements KeyStore {
  readonly #accounts = new Map<string, Account>();
  readonly #queues = new Queues();

  async ready(): Promise<void> {}

  async put(account: Account): Promise<void> {
    this.#accounts.set(accountKey(account), account);
  }

  async update(account: Account): Promise<void> {
    if (this.#accounts.get(accountKey(account))?.guid === account.guid) await this.put(account);
  }

  async get(id: AccountId): Promise<Account | undefined> {
    return this.#accounts.get(accountKey(id));
  }

  async list(): Promise<AccountInfo[]> {
    return [...this.#accounts.values()];
  }

  async delete(id: AccountId): Promise<void> {
    this.#accounts.delete(accountKey(id));
  }

  exclusively<T>(id: AccountId, work: () => Promise<T>): Promise<T> {
    return this.#queues.run(accountKey(id), work);
  }

  async isPersisted(): Promise<boolean> {
    return false;
  }
}
