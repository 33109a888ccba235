/** Looking a credential up for a request: the same reads and writes for GUIDs that there are and that there are not. */

import type { Guid } from '../../shared/protocol/guid.ts';
import type { Nonce } from '../../shared/protocol/nonce.ts';
import type { FoundCredential, FoundOwner, MovingOwner } from './credential.ts';
import type { Nonces } from './nonces.ts';
import { OWNER_COLUMNS, type OwnerRow, ownerOf, type Row, refusalOf } from './row.ts';
import { idOf } from './schema.ts';
import type { Uses } from './uses.ts';

type LookedRow = Pick<Row, 'profile' | 'revoked_at' | 'ends_at' | 'last_used' | 'supersedes'>;

/** A credential, and the day of its last use as the row has it. */
interface Looked {
  readonly found: FoundCredential;
  readonly lastUsed: number | null;
}

export class LookUps {
  readonly #sql: SqlStorage;
  readonly #nonces: Nonces;
  readonly #uses: Uses;

  constructor(sql: SqlStorage, nonces: Nonces, uses: Uses) {
    this.#sql = sql;
    this.#nonces = nonces;
    this.#uses = uses;
  }

  /** As the shard's own `find`. */
  find(guid: Guid): FoundCredential | null {
    const looked = this.#look(guid);
    this.#noteUse(guid, looked);
    return looked?.found ?? null;
  }

  /** As the shard's own `admit`. */
  admit(guid: Guid, nonce: Nonce): FoundCredential | null {
    const looked = this.#look(guid);
    const isValid = looked?.found.refusal === null;
    const isAdmitted = this.#nonces.admit(nonce, isValid ? idOf(guid) : undefined);
    this.#noteUse(guid, isAdmitted ? looked : undefined);
    if (looked === undefined) return null;
    return isValid && !isAdmitted ? { ...looked.found, refusal: 'nonce-not-admitted' } : looked.found;
  }

  /** As the shard's own `findWithOwner`. */
  findWithOwner(guid: Guid, nonce?: Nonce): FoundOwner {
    const found = nonce === undefined ? this.find(guid) : this.admit(guid, nonce);
    // One query for all, so that it takes the same time for GUIDs that are unknown.
    const [row] = this.#sql.exec<OwnerRow>(
      `SELECT ${OWNER_COLUMNS} FROM credentials
       WHERE id >= coalesce((SELECT id FROM credentials WHERE id >= ? ORDER BY id LIMIT 1), 0) ORDER BY id LIMIT 1`,
      idOf(guid),
    );
    return { found, owner: row === undefined ? null : ownerOf(row) };
  }

  /** As the shard's own `findMoving`. */
  findMoving(guid: Guid, nonce?: Nonce): MovingOwner {
    const isNonceUsed = nonce !== undefined && this.#nonces.has(nonce, idOf(guid));
    return { ...this.findWithOwner(guid, nonce), isNonceUsed };
  }

  #look(guid: Guid): Looked | undefined {
    const [row] = this.#sql.exec<LookedRow>(
      'SELECT profile, revoked_at, ends_at, last_used, supersedes FROM credentials WHERE id = ? AND guid = ?',
      idOf(guid),
      guid,
    );
    if (row === undefined) return undefined;
    const found = { template: row.profile, refusal: refusalOf(row, Date.now()) };
    return {
      found: row.supersedes === null ? found : { ...found, supersedes: row.supersedes },
      lastUsed: row.last_used,
    };
  }

  #noteUse(guid: Guid, looked: Looked | undefined): void {
    if (looked?.found.refusal === null) this.#uses.note(idOf(guid), looked.lastUsed);
    else this.#uses.noteNone();
  }
}
