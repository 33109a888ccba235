/** Revocations that are still to be carried over to the catalogue in KV. */

import { log, reasonOf } from '../../shared/log.ts';

/** Number of revocations that are carried at one time, and the delay after the first failure of one. */
const MOST_AT_ONCE = 100;
const FIRST_RETRY_MS = 60_000;

export class DueRevocations {
  readonly #sql: SqlStorage;
  readonly #catalogue: KVNamespace;

  constructor(sql: SqlStorage, catalogue: KVNamespace) {
    this.#sql = sql;
    this.#catalogue = catalogue;
  }

  /** @returns the time of the next one, in milliseconds since 1970; null when there is none. */
  next(): number | null {
    const [row] = this.#sql.exec<{ next: number | null }>('SELECT min(catalogue_due) AS next FROM credentials');
    return row?.next ?? null;
  }

  /** Carries those that are due now, as many as fit. One that fails comes again. */
  async carry(): Promise<void> {
    const due = this.#sql
      .exec<{ id: number; catalogue_key: string; revoked_at: number }>(
        `SELECT id, catalogue_key, revoked_at FROM credentials WHERE catalogue_due <= ?
         ORDER BY catalogue_due LIMIT ?`,
        Date.now(),
        MOST_AT_ONCE,
      )
      .toArray();
    for (const { id, catalogue_key, revoked_at } of due) {
      const isDone = await this.#markRevoked(catalogue_key, revoked_at);
      const now = Date.now();
      // Twice as late each time: what KV does not have after minutes it may never have.
      const next = isDone ? null : now + Math.max(FIRST_RETRY_MS, now - revoked_at);
      this.#sql.exec('UPDATE credentials SET catalogue_due = ? WHERE id = ?', next, id);
    }
  }

  /** False when KV did not have the entry yet, or took no write now: one a second is its limit for a key. */
  async #markRevoked(key: string, revokedAt: number): Promise<boolean> {
    try {
      const { value, metadata } = await this.#catalogue.getWithMetadata<object>(key, 'arrayBuffer');
      if (value === null) return false;
      const state = { state: 'revoked', revokedAt: new Date(revokedAt).toISOString() };
      await this.#catalogue.put(key, value, { metadata: { ...metadata, ...state } });
      return true;
    } catch (error) {
      log({ event: 'catalogue-not-written', reason: reasonOf(error) });
      return false;
    }
  }
}
