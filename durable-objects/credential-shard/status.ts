/** The state of a shard in numbers, for operators. */

import { versionOf } from './schema.ts';

export interface ShardStatus {
  /** Credentials that are neither revoked nor ended. */
  readonly live: number;
  readonly revoked: number;
  /** Those that have ended, and were not revoked. */
  readonly ended: number;
  /** Milliseconds since 1970; null when there is no credential. */
  readonly lastRegisteredAt: number | null;
  /** Number of states that KV is still to be told of. */
  readonly due: number;
  /** Version of the tables. */
  readonly schemaVersion: number;
}

type Counted = Record<'live' | 'revoked' | 'ended' | 'due', number> & { lastRegisteredAt: number | null };

/** @param now milliseconds since 1970. */
export function statusOf(sql: SqlStorage, now: number): ShardStatus {
  const counted = sql
    .exec<Counted>(
      `SELECT count(*) FILTER (WHERE revoked_at IS NULL AND (ends_at IS NULL OR ends_at > ?1)) AS live,
         count(*) FILTER (WHERE revoked_at IS NOT NULL) AS revoked,
         count(*) FILTER (WHERE revoked_at IS NULL AND ends_at <= ?1) AS ended,
         count(catalogue_due) AS due, max(registered_at) AS lastRegisteredAt
       FROM credentials`,
      now,
    )
    .one();
  return { ...counted, schemaVersion: versionOf(sql) };
}
