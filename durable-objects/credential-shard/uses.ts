/**
 * The days on which credentials were last used. They are written some seconds after the requests, many at once, so that no
 * request waits for a write, and none follows upon a GUID that is known only.
 */

/** Time from the first use to the write of all that came since. */
const DELAY_MS = 5_000;
export const DAY_MS = 24 * 60 * 60 * 1000;

/** @returns the start of the day in UTC. Both are milliseconds since 1970. */
const dayOf = (time: number): number => time - (time % DAY_MS);

export class Uses {
  readonly #sql: SqlStorage;
  /** Days by number of the row, which are not written yet. */
  readonly #days = new Map<number, number>();
  #isDue = false;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /**
   * Notes that a credential is used now.
   * @param id of its row.
   * @param lastUsed its day as the row has it.
   */
  note(id: number, lastUsed: number | null): void {
    const day = dayOf(Date.now());
    if (lastUsed !== day) this.#days.set(id, day);
    this.#schedule();
  }

  /** Stands for {@link note} where no credential is used: the same follows. */
  noteNone(): void {
    this.#schedule();
  }

  /** @returns the day of a use that is not written yet. */
  pending(id: number): number | undefined {
    return this.#days.get(id);
  }

  /** Writes at least one row, because a write too few would tell that no credential was used for the first time today. */
  write(): void {
    for (const [id, day] of this.#days) this.#sql.exec('UPDATE credentials SET last_used = ? WHERE id = ?', day, id);
    if (this.#days.size === 0) this.#writeForNone();
    this.#days.clear();
  }

  #schedule(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setTimeout(() => {
      this.#isDue = false;
      this.write();
    }, DELAY_MS);
  }

  /** What is the same as before would not be written. */
  #writeForNone(): void {
    const isThere = this.#sql.exec('UPDATE scratch SET value = value + 1').rowsWritten > 0;
    if (!isThere) this.#sql.exec('INSERT INTO scratch (value) VALUES (0)');
  }
}
