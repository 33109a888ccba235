/** Nonces that were admitted, each once for one credential. A nonce begins with its time, so that the old ones are first. */

import { NONCE_WINDOW_SECONDS, type Nonce, secondsOf } from '../../shared/protocol/nonce.ts';

/** Beginning of the row that is written where no nonce is admitted: one row, so that strangers cannot make a shard grow. */
const FOR_NONE = 'none ';

export class Nonces {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /**
   * @param id of the row of the credential; undefined when it is not valid, and nothing is admitted.
   * @returns false when the nonce was admitted before, or is not of this time. One row is written in every case: a row less
   *   would take less time.
   */
  admit(nonce: Nonce, id: number | undefined): boolean {
    const now = Math.floor(Date.now() / 1000);
    this.#sql.exec('DELETE FROM nonces WHERE nonce < ?', String(now - NONCE_WINDOW_SECONDS));
    const isOfThisTime = Math.abs(secondsOf(nonce) - now) <= NONCE_WINDOW_SECONDS;
    if (id !== undefined && isOfThisTime && this.#insert(`${nonce}.${id}`)) return true;
    this.#writeForNone(nonce);
    return false;
  }

  /** @returns true when the nonce was admitted for the row, whether that row is still there or not. */
  has(nonce: Nonce, id: number): boolean {
    return this.#sql.exec('SELECT 1 FROM nonces WHERE nonce = ?', `${nonce}.${id}`).toArray().length > 0;
  }

  /** @returns false when it is there already. */
  #insert(nonce: string): boolean {
    return this.#sql.exec('INSERT INTO nonces (nonce) VALUES (?) ON CONFLICT DO NOTHING', nonce).rowsWritten > 0;
  }

  /** Replaces the one row that stands for nonces that are not admitted. What is the same as before would not be written. */
  #writeForNone(nonce: Nonce): void {
    const row = `${FOR_NONE}${nonce}`;
    const isThere = this.#sql.exec('UPDATE nonces SET nonce = ? WHERE nonce >= ?', row, FOR_NONE).rowsWritten > 0;
    if (!isThere) this.#sql.exec('INSERT INTO nonces (nonce) VALUES (?)', row);
  }
}
