/** Bringing the rows of a shard in line with the catalogue in KV, or with rows that are put back. */

import type { Guid } from '../../shared/protocol/guid.ts';
import type { CatalogueState, PutBack, Reconciled } from './credential.ts';
import { insertRow, type Row } from './row.ts';
import { idOf } from './schema.ts';
import type { Trail } from './trail.ts';

type State = Pick<Row, 'revoked_at' | 'catalogue_due'>;

/** @param now milliseconds since 1970. */
export function reconcileRow(
  sql: SqlStorage,
  trail: Trail,
  { guid, state, revokedAt }: CatalogueState,
  now: number,
): Reconciled {
  const id = idOf(guid);
  const [row] = sql.exec<State>(
    'SELECT revoked_at, catalogue_due FROM credentials WHERE id = ? AND guid = ?',
    id,
    guid,
  );
  if (row === undefined) return 'missing';
  const isRevoked = row.revoked_at !== null;
  if (state === 'revoked' && !isRevoked) {
    sql.exec('UPDATE credentials SET revoked_at = ?, catalogue_due = NULL WHERE id = ?', revokedAt ?? now, id);
    trail.add('revoked', guid, 'catalogue');
    return 'revoked';
  }
  if (state === (isRevoked ? 'revoked' : 'valid')) return 'same';
  sql.exec('UPDATE credentials SET catalogue_due = ? WHERE id = ?', now, id);
  return 'behind';
}

/**
 * Puts rows in that are not there, and applies revocations to those that are.
 * @param note is told of each row that was put in or revoked.
 * @param now milliseconds since 1970.
 */
export function putBackRows(
  sql: SqlStorage,
  rows: readonly Row[],
  note: (event: 'rebuilt' | 'revoked', guid: Guid) => void,
  now: number,
): PutBack {
  let [added, revoked] = [0, 0];
  const refused: Guid[] = [];
  for (const row of rows) {
    if (insertRow(sql, row)) {
      added++;
      note('rebuilt', row.guid);
    } else if (!isThere(sql, row)) refused.push(row.guid);
    else if (row.revoked_at !== null && revokeRow(sql, row, row.revoked_at, now)) {
      revoked++;
      note('revoked', row.guid);
    }
  }
  return { added, revoked, refused };
}

const isThere = (sql: SqlStorage, { id, guid }: Row): boolean =>
  sql.exec('SELECT 1 FROM credentials WHERE id = ? AND guid = ?', id, guid).toArray().length > 0;

const revokeRow = (sql: SqlStorage, { id, guid }: Row, revokedAt: number, now: number): boolean =>
  sql
    .exec(
      `UPDATE credentials SET revoked_at = ?, catalogue_due = ? WHERE id = ? AND guid = ? AND revoked_at IS NULL
       RETURNING id`,
      revokedAt,
      now,
      id,
      guid,
    )
    .toArray().length > 0;
