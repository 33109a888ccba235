/** The object of one resource owner: the list of its credentials, where registrations of that owner meet. */

import { DurableObject } from 'cloudflare:workers';
import type { Guid } from '../../shared/protocol/guid.ts';
import { type Admission, type ListedEntry, type OwnerEntry, SETTLING_MS } from './entry.ts';
import { type EntryRow, SCHEMA, toEntry } from './schema.ts';

/** Entries that are no more live stay on the list for the owner to see, as many as these. */
const MAX_ENDED = 100;

export class ResourceOwner extends DurableObject {
  readonly #sql = this.ctx.storage.sql;
  #hasTables = false;

  /** @returns all entries, the latest first. */
  entries(): ListedEntry[] {
    return this.#rows().map((row) => ({ ...toEntry(row), isLive: row.live === 1 }));
  }

  /** @returns the credential of an id; null when it is not on the list. */
  guidOf(id: string): Guid | null {
    return this.#rows().find((row) => row.id === id)?.guid ?? null;
  }

  /** @returns true when the credential of the id is on the list, and not known to be revoked or ended. */
  isLive(id: string): boolean {
    return this.#rows().some((row) => row.id === id && row.live === 1);
  }

  /**
   * Puts an entry on the list, unless the same is there from minutes ago, or it would be one too many.
   * @param bound how many may be live.
   */
  admit(entry: OwnerEntry, bound: number): Admission {
    const live = this.#rows()
      .filter((row) => row.live === 1)
      .map(toEntry);
    const known = live.find(
      ({ fingerprint, registeredAt }) =>
        fingerprint === entry.fingerprint && registeredAt > entry.registeredAt - SETTLING_MS,
    );
    if (known !== undefined) return { outcome: 'known', entry: known };
    const replaced = entry.supersedes === null ? [] : live.filter(({ supersedes }) => supersedes === entry.supersedes);
    const others = live.filter((each) => !replaced.includes(each));
    if (countOf([entry, ...others]) > Math.max(bound, countOf(others))) return { outcome: 'full', live };
    this.end(replaced.map(({ id }) => id));
    this.#insert(entry);
    this.#prune();
    return { outcome: 'admitted', replaced };
  }

  /** Puts credentials on the list that are there already, whatever the bound is. */
  adopt(entries: readonly OwnerEntry[]): void {
    for (const entry of entries) this.#insert(entry);
    this.#prune();
  }

  /** Notes that the credentials are revoked or have ended. */
  end(ids: readonly string[]): void {
    this.#setLive(ids, 0);
  }

  /** Takes back {@link end}, for entries that turned out to be in use. */
  restore(ids: readonly string[]): void {
    this.#setLive(ids, 1);
  }

  /** Takes entries off the list whose credentials were never stored. */
  drop(ids: readonly string[]): void {
    if (!this.#isThere()) return;
    for (const id of ids) this.#sql.exec('DELETE FROM entries WHERE id = ?', id);
  }

  #setLive(ids: readonly string[], live: 0 | 1): void {
    if (!this.#isThere()) return;
    for (const id of ids) this.#sql.exec('UPDATE entries SET live = ? WHERE id = ?', live, id);
  }

  #rows(): EntryRow[] {
    if (!this.#isThere()) return [];
    return this.#sql.exec<EntryRow>('SELECT * FROM entries ORDER BY registered_at DESC, id').toArray();
  }

  /** False where nothing was written yet: a stranger who makes up GUIDs must not leave storage behind. */
  #isThere(): boolean {
    this.#hasTables ||= this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'entries'").toArray().length > 0;
    return this.#hasTables;
  }

  #insert({ id, guid, fingerprint, supersedes, registeredAt }: OwnerEntry): void {
    if (!this.#isThere()) this.#sql.exec(SCHEMA);
    this.#sql.exec(
      `INSERT INTO entries (id, guid, fingerprint, supersedes, registered_at, live) VALUES (?, ?, ?, ?, ?, 1)
       ON CONFLICT (id) DO NOTHING`,
      id,
      guid,
      fingerprint,
      supersedes,
      registeredAt,
    );
  }

  #prune(): void {
    this.#sql.exec(
      `DELETE FROM entries WHERE id IN
         (SELECT id FROM entries WHERE live = 0 ORDER BY registered_at DESC, id LIMIT -1 OFFSET ${MAX_ENDED})`,
    );
  }
}

/**
 * @param entries live ones.
 * @returns how many count. A credential and the one that renews it are one, for as long as both are live; a chain of
 *   renewals, none of which was used, is not.
 */
function countOf(entries: readonly OwnerEntry[]): number {
  const counted = new Set<Guid>();
  const renewed = new Set<Guid>();
  for (const { guid, supersedes } of [...entries].sort((a, b) => a.registeredAt - b.registeredAt)) {
    if (supersedes !== null && counted.has(supersedes) && !renewed.has(supersedes)) renewed.add(supersedes);
    else counted.add(guid);
  }
  return counted.size;
}
