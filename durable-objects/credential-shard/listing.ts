/** Credentials for those who read of them: operators, owners, and the daily rest of the work. */

import type { Guid } from '../../shared/protocol/guid.ts';
import { conditionOf } from './conditions.ts';
import type { CredentialQuery, CredentialSummary, Unsettled } from './credential.ts';
import { OWNER_COLUMNS, type OwnerRow, ownerOf, type Row, summary } from './row.ts';
import { idOf } from './schema.ts';
import type { Uses } from './uses.ts';

export class Listing {
  readonly #sql: SqlStorage;
  readonly #uses: Uses;

  constructor(sql: SqlStorage, uses: Uses) {
    this.#sql = sql;
    this.#uses = uses;
  }

  /** As the shard's own `list`. */
  list(query: CredentialQuery, limit: number): CredentialSummary[] {
    if ('unusedSince' in query) this.#uses.write();
    const { condition, values } = conditionOf(query);
    const rows = this.#sql.exec<Row>(
      `SELECT * FROM credentials WHERE ${condition} ORDER BY registered_at LIMIT ?`,
      ...values,
      limit,
    );
    return [...rows].map((row) => this.#summary(row));
  }

  /** As the shard's own `summaries`. */
  summaries(guids: readonly Guid[]): (CredentialSummary | null)[] {
    return guids.map((guid) => {
      const [row] = this.#sql.exec<Row>('SELECT * FROM credentials WHERE id = ? AND guid = ?', idOf(guid), guid);
      return row === undefined ? null : this.#summary(row);
    });
  }

  /** As the shard's own `unsettled`. */
  unsettled(limit: number): Unsettled {
    const notOwned = this.#sql.exec<OwnerRow>(
      `SELECT ${OWNER_COLUMNS} FROM credentials WHERE owned = 0 LIMIT ?`,
      limit,
    );
    const superseding = this.#sql.exec<{ guid: Guid; supersedes: Guid }>(
      'SELECT guid, supersedes FROM credentials WHERE supersedes IS NOT NULL AND last_used IS NOT NULL LIMIT ?',
      limit,
    );
    return { notOwned: [...notOwned].map(ownerOf), superseding: [...superseding] };
  }

  #summary(row: Row): CredentialSummary {
    return summary({ ...row, last_used: this.#uses.pending(row.id) ?? row.last_used });
  }
}
