/** The trail of a shard: what was done with its credentials, and by whom. Entries are only added. */

import type { Guid } from '../../shared/protocol/guid.ts';

/**
 * The party that did something: `client` by its signature, `owner` by a proof of identity, `renewal` when a renewal was used
 * or replaced, `catalogue` for a revocation that KV knew of, or `administrator` and a name.
 */
export type Actor = 'client' | 'owner' | 'renewal' | 'catalogue' | `administrator ${string}`;

/** Something that is done with one credential, or with all of them. */
export type TrailEvent =
  | 'registered'
  | 'renewed'
  | 'revoked'
  | 'rebuilt'
  | 'exported'
  | 'imported'
  | 'reindexed'
  | 'restored';

export type TrailRow = {
  id: number;
  /** Milliseconds since 1970. */
  at: number;
  event: TrailEvent;
  /** Null for what is done with all credentials. */
  guid: Guid | null;
  /** Null where a version of before did not say. */
  actor: Actor | null;
};

/** A place in the trails of all shards, in the order of time. */
export interface TrailPlace {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Of the entry behind which it goes on, among those of that time. */
  readonly id: number;
}

export const TRAIL_SCHEMA = `
  CREATE TABLE IF NOT EXISTS trail (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,              -- milliseconds since 1970
    event TEXT NOT NULL,
    guid TEXT,                        -- NULL: it concerns all credentials
    actor TEXT                        -- NULL: not known
  );
  CREATE INDEX IF NOT EXISTS trail_by_time ON trail (at);
`;

export class Trail {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  add(event: TrailEvent, guid: Guid | null, actor: Actor | null): void {
    this.put({ at: Date.now(), event, guid, actor });
  }

  put({ at, event, guid, actor }: Omit<TrailRow, 'id'>): void {
    this.#sql.exec('INSERT INTO trail (at, event, guid, actor) VALUES (?, ?, ?, ?)', at, event, guid, actor);
  }

  /** @returns entries in the order of time, from behind a place on. */
  behind({ at, id }: TrailPlace, limit: number): TrailRow[] {
    const query = 'SELECT * FROM trail WHERE at > ? OR (at = ? AND id > ?) ORDER BY at, id LIMIT ?';
    return this.#sql.exec<TrailRow>(query, at, at, id, limit).toArray();
  }

  /** Removes entries that another shard has now. */
  removeMoved(ids: readonly number[]): void {
    for (const id of ids) this.#sql.exec('DELETE FROM trail WHERE id = ?', id);
  }
}
