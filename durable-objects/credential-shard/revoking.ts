/** Ending credentials: revocations by any condition, and what a renewal does to the credential before it. */

import type { Guid } from '../../shared/protocol/guid.ts';
import { conditionOf } from './conditions.ts';
import type { RevocationScope } from './credential.ts';
import type { Row } from './row.ts';
import { idOf } from './schema.ts';
import type { Actor, Trail } from './trail.ts';

/**
 * Revokes the credentials that are not revoked already. Within a transaction.
 * @param now milliseconds since 1970, at which KV is due to be told too.
 * @returns how many were revoked.
 */
export function revokeRows(
  sql: SqlStorage,
  trail: Trail,
  { scope, actor, now }: { readonly scope: RevocationScope; readonly actor: Actor | null; readonly now: number },
): number {
  const { condition, values } = conditionOf(scope);
  const query = `UPDATE credentials SET revoked_at = ?, catalogue_due = ? WHERE revoked_at IS NULL AND ${condition}
    RETURNING guid`;
  const guids = sql.exec<{ guid: Guid }>(query, now, now, ...values).toArray();
  for (const { guid } of guids) trail.add('revoked', guid, actor);
  return guids.length;
}

/** @returns true when a credential that is valid was used, by its row. */
export function isInUse(sql: SqlStorage, guid: Guid): boolean {
  const [row] = sql.exec<Pick<Row, 'revoked_at' | 'last_used'>>(
    'SELECT revoked_at, last_used FROM credentials WHERE id = ? AND guid = ?',
    idOf(guid),
    guid,
  );
  return row !== undefined && row.revoked_at === null && row.last_used !== null;
}
