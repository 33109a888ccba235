/** Looking a credential up for a request: the same reads and writes for GUIDs that there are and that there are not. */

import type { Guid } from '../../shared/protocol/guid.ts';
import type { Nonce } from '../../shared/protocol/nonce.ts';
import type { FoundCredential, FoundOwner, LookUp, MovingOwner } from './credential.ts';
import type { Nonces } from './nonces.ts';
import { OWNER_COLUMNS, type OwnerRow, ownerOf, type Row, refusalOf } from './row.ts';
import { idOf } from './schema.ts';
import type { Uses } from './uses.ts';

type LookedRow = Pick<Row, 'guid' | 'profile' | 'revoked_at' | 'ends_at' | 'last_used' | 'supersedes'>;

/** The row of a GUID, or the one that comes next, so that the same is read where there is none. After the last it is the first. */
const NEXT_ROW = `FROM credentials
  WHERE id >= coalesce((SELECT id FROM credentials WHERE id >= ? ORDER BY id LIMIT 1), 0) ORDER BY id LIMIT 1`;

/** A look-up, and the day of the credential's last use as the row has it. */
interface Looked extends LookUp {
  readonly lastUsed: number | null;
}

const NOTHING: Looked = { found: null, filler: null, lastUsed: null };

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
  find(guid: Guid): LookUp {
    const { lastUsed, ...looked } = this.#look(guid);
    this.#noteUse(guid, looked.found?.refusal === null, lastUsed);
    return looked;
  }

  /** As the shard's own `admit`. */
  admit(guid: Guid, nonce: Nonce): LookUp {
    const { lastUsed, ...looked } = this.#look(guid);
    const isValid = looked.found?.refusal === null;
    const isAdmitted = this.#nonces.admit(nonce, isValid ? idOf(guid) : undefined);
    this.#noteUse(guid, isAdmitted && isValid, lastUsed);
    if (looked.found === null || !isValid || isAdmitted) return looked;
    return { ...looked, found: { ...looked.found, refusal: 'nonce-not-admitted' } };
  }

  /** As the shard's own `findWithOwner`. */
  findWithOwner(guid: Guid, nonce?: Nonce): FoundOwner & LookUp {
    const looked = nonce === undefined ? this.find(guid) : this.admit(guid, nonce);
    const [row] = this.#sql.exec<OwnerRow>(`SELECT ${OWNER_COLUMNS} ${NEXT_ROW}`, idOf(guid));
    return { ...looked, owner: row === undefined ? null : ownerOf(row) };
  }

  /** As the shard's own `findMoving`. */
  findMoving(guid: Guid, nonce?: Nonce): MovingOwner & LookUp {
    const isNonceUsed = nonce !== undefined && this.#nonces.has(nonce, idOf(guid));
    return { ...this.findWithOwner(guid, nonce), isNonceUsed };
  }

  #look(guid: Guid): Looked {
    const [row] = this.#sql.exec<LookedRow>(
      `SELECT guid, profile, revoked_at, ends_at, last_used, supersedes ${NEXT_ROW}`,
      idOf(guid),
    );
    if (row === undefined) return NOTHING;
    if (row.guid !== guid) return { found: null, filler: row.profile, lastUsed: row.last_used };
    const found: FoundCredential = { template: row.profile, refusal: refusalOf(row, Date.now()) };
    return {
      found: row.supersedes === null ? found : { ...found, supersedes: row.supersedes },
      filler: null,
      lastUsed: row.last_used,
    };
  }

  #noteUse(guid: Guid, isUsed: boolean, lastUsed: number | null): void {
    if (isUsed) this.#uses.note(idOf(guid), lastUsed);
    else this.#uses.noteNone();
  }
}
