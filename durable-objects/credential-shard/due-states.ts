/** States of credentials that are still to be carried over to the catalogue in KV: that one is valid, or revoked. */

import { log, reasonOf } from '../../shared/log.ts';

/** Number of entries that are carried at one time, and of those that are under way at once. */
const MOST_AT_ONCE = 100;
const UNDER_WAY = 6;
/** The delay after the first failure of one, and the longest. */
const FIRST_RETRY_MS = 60_000;
const LAST_RETRY_MS = 24 * 60 * 60 * 1000;

type Due = { id: number; catalogue_key: string; registered_at: number; revoked_at: number | null };

export class DueStates {
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
  carry(): Promise<void> {
    return this.#carryUntil(Date.now());
  }

  /**
   * Carries all that there are, also those that are due later.
   * @returns false when some are left.
   */
  async carryAll(): Promise<boolean> {
    for (let left = this.#count(); left > 0; left = this.#count()) {
      await this.#carryUntil(Number.MAX_SAFE_INTEGER);
      // What failed once would be tried without end.
      if (this.#count() >= left) return false;
    }
    return true;
  }

  #count(): number {
    return this.#sql.exec('SELECT 1 FROM credentials WHERE catalogue_due IS NOT NULL').toArray().length;
  }

  async #carryUntil(time: number): Promise<void> {
    const due = this.#sql
      .exec<Due>(
        `SELECT id, catalogue_key, registered_at, revoked_at FROM credentials WHERE catalogue_due <= ?
         ORDER BY catalogue_due LIMIT ?`,
        time,
        MOST_AT_ONCE,
      )
      .toArray();
    for (let start = 0; start < due.length; start += UNDER_WAY) {
      await Promise.all(due.slice(start, start + UNDER_WAY).map((each) => this.#carryOne(each)));
    }
  }

  async #carryOne({ id, catalogue_key, registered_at, revoked_at }: Due): Promise<void> {
    const isDone = await this.#write(catalogue_key, revoked_at);
    const now = Date.now();
    // Twice as late each time: what KV does not have after minutes it may never have.
    const delay = Math.min(Math.max(FIRST_RETRY_MS, now - (revoked_at ?? registered_at)), LAST_RETRY_MS);
    // Unless it was revoked meanwhile: that is still to be carried.
    this.#sql.exec(
      'UPDATE credentials SET catalogue_due = ? WHERE id = ? AND revoked_at IS ?',
      isDone ? null : now + delay,
      id,
      revoked_at,
    );
  }

  /** False when KV did not have the entry yet, or took no write now: one a second is its limit for a key. */
  async #write(key: string, revokedAt: number | null): Promise<boolean> {
    try {
      const { value, metadata } = await this.#catalogue.getWithMetadata<{ state?: string }>(key, 'arrayBuffer');
      if (value === null) return false;
      const state = catalogueStateOf(revokedAt);
      if (metadata?.state === state.state) return true;
      await this.#catalogue.put(key, value, { metadata: { ...metadata, ...state } });
      return true;
    } catch (error) {
      log({ event: 'catalogue-not-written', reason: reasonOf(error) });
      return false;
    }
  }
}

/**
 * The members of an entry's metadata that say the state. There are 1,024 bytes for all members: of a revoked credential it
 * does not matter which one it renews.
 */
export const catalogueStateOf = (revokedAt: number | null) =>
  revokedAt === null
    ? { state: 'valid' }
    : { state: 'revoked', revokedAt: new Date(revokedAt).toISOString(), supersedes: undefined };
