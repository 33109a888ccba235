/** One of the shards that hold the credentials, chosen by the GUID. */

import { DurableObject } from 'cloudflare:workers';
import type { Guid } from '../../shared/protocol/guid.ts';
import type { Nonce } from '../../shared/protocol/nonce.ts';
import { conditionOf } from './conditions.ts';
import type {
  CredentialQuery,
  CredentialSample,
  CredentialSummary,
  FoundCredential,
  FoundOwner,
  NewCredential,
  RevocationScope,
  Unsettled,
} from './credential.ts';
import { DueRevocations } from './due-revocations.ts';
import { Nonces } from './nonces.ts';
import { OWNER_COLUMNS, type OwnerRow, ownerOf, type Row, refusalOf, summary } from './row.ts';
import { drawSample } from './sample.ts';
import { idOf, migrate } from './schema.ts';
import { Uses } from './uses.ts';

/** The part of its Worker's environment that the shard needs. */
interface ShardEnv {
  readonly CATALOGUE: KVNamespace;
}

const PLACEMENT_KEY_BYTES = 32;

export class CredentialShard extends DurableObject<ShardEnv> {
  readonly #sql = this.ctx.storage.sql;
  readonly #uses = new Uses(this.#sql);
  readonly #nonces = new Nonces(this.#sql);
  readonly #dueRevocations = new DueRevocations(this.#sql, this.env.CATALOGUE);

  constructor(ctx: DurableObjectState, env: ShardEnv) {
    super(ctx, env);
    migrate(this.#sql);
  }

  /** @returns 32 random bytes, the same for as long as the shard is there. */
  placementKey(): ArrayBuffer {
    const [known] = this.#sql.exec<{ key: ArrayBuffer }>('SELECT key FROM placement');
    if (known !== undefined) return known.key;
    const key = crypto.getRandomValues(new Uint8Array(PLACEMENT_KEY_BYTES)).buffer;
    this.#sql.exec('INSERT INTO placement (key) VALUES (?)', key);
    return key;
  }

  /** @returns false when there is a credential of that GUID already, which is then left as it is. */
  register(credential: NewCredential): boolean {
    const cursor = this.#sql.exec(
      `INSERT INTO credentials (id, guid, owner, organization, scopes, device, key_type, csr_sha256, catalogue_key,
         profile, registered_at, ends_at, supersedes, owned)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
      idOf(credential.guid),
      credential.guid,
      credential.owner,
      credential.organization,
      credential.scopes.join(' '),
      credential.device,
      credential.keyType,
      credential.csrSha256,
      credential.catalogueKey,
      credential.template,
      credential.registeredAt,
      credential.endsAt ?? null,
      credential.supersedes ?? null,
      credential.isOwned ? 1 : 0,
    );
    return cursor.rowsWritten > 0;
  }

  /** @returns the credential, valid or not; null when it is unknown. Notes its use, when it is valid. */
  find(guid: Guid): FoundCredential | null {
    const looked = this.#look(guid);
    this.#noteUse(guid, looked);
    return looked?.found ?? null;
  }

  /**
   * As {@link find}, and admits the nonce for one request of this credential. The credential is not valid, too, when the
   * nonce was admitted before, or is not of this time.
   */
  admit(guid: Guid, nonce: Nonce): FoundCredential | null {
    const looked = this.#look(guid);
    const isValid = looked?.found.refusal === null;
    const isAdmitted = this.#nonces.admit(nonce, isValid ? idOf(guid) : undefined);
    this.#noteUse(guid, isAdmitted ? looked : undefined);
    if (looked === undefined) return null;
    return isValid && !isAdmitted ? { ...looked.found, refusal: 'nonce-not-admitted' } : looked.found;
  }

  /** Does what {@link find} does, or with a nonce what {@link admit} does, and tells the owner. */
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

  /** @param size number of credentials that are drawn; those among them that are not valid are left out. */
  sample(size: number): CredentialSample {
    return drawSample(this.#sql, size);
  }

  /**
   * Credentials that match, also those that are not valid, in the order of their registration.
   * @param limit how many at most.
   */
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

  /** @returns a summary for each GUID, in their order; null for those that are unknown. */
  summaries(guids: readonly Guid[]): (CredentialSummary | null)[] {
    return guids.map((guid) => {
      const [row] = this.#sql.exec<Row>('SELECT * FROM credentials WHERE id = ? AND guid = ?', idOf(guid), guid);
      return row === undefined ? null : this.#summary(row);
    });
  }

  #summary(row: Row): CredentialSummary {
    return summary({ ...row, last_used: this.#uses.pending(row.id) ?? row.last_used });
  }

  /**
   * Revokes the credentials that are not revoked already; the next `find` knows. KV is told soon after.
   * @returns how many were revoked.
   */
  async revoke(scope: RevocationScope): Promise<number> {
    if ('unusedSince' in scope) this.#uses.write();
    const { condition, values } = conditionOf(scope);
    const now = Date.now();
    const revoked = this.#sql
      .exec(
        `UPDATE credentials SET revoked_at = ?, catalogue_due = ? WHERE revoked_at IS NULL AND ${condition} RETURNING guid`,
        now,
        now,
        ...values,
      )
      .toArray().length;
    await this.#scheduleAlarm();
    return revoked;
  }

  /**
   * Revokes a credential that another renewal takes the place of, unless it was used by then.
   * @param supersedes the credential that both renew.
   * @returns false when it was used, and is left as it is.
   */
  async withdraw(guid: Guid, supersedes: Guid): Promise<boolean> {
    this.#uses.write();
    const [row] = this.#sql.exec<Pick<Row, 'revoked_at' | 'last_used'>>(
      'SELECT revoked_at, last_used FROM credentials WHERE id = ? AND guid = ?',
      idOf(guid),
      guid,
    );
    if (row !== undefined && row.revoked_at === null && row.last_used !== null) return false;
    await this.revoke({ guid, supersedes });
    return true;
  }

  /** Notes that the credential which this one renews is revoked. */
  settle(guid: Guid): void {
    this.#sql.exec('UPDATE credentials SET supersedes = NULL WHERE id = ? AND guid = ?', idOf(guid), guid);
  }

  /** Notes that the objects of their owners know the credentials. */
  markOwned(guids: readonly Guid[]): void {
    for (const guid of guids) {
      this.#sql.exec('UPDATE credentials SET owned = 1 WHERE id = ? AND guid = ?', idOf(guid), guid);
    }
  }

  /** @param limit of each kind. */
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

  /**
   * @returns those of the catalogue keys that no credential has; none when there is no credential at all, since then it
   *   is the rows that are lost.
   */
  withoutCredential(catalogueKeys: readonly string[]): string[] {
    if (this.#sql.exec('SELECT 1 FROM credentials LIMIT 1').toArray().length === 0) return [];
    return catalogueKeys.filter(
      (key) => this.#sql.exec('SELECT 1 FROM credentials WHERE catalogue_key = ?', key).toArray().length === 0,
    );
  }

  /** Carries revocations over to the catalogue in KV, and comes back for the rest. */
  override async alarm(): Promise<void> {
    await this.#dueRevocations.carry();
    await this.#scheduleAlarm();
  }

  async #scheduleAlarm(): Promise<void> {
    const next = this.#dueRevocations.next();
    if (next !== null) await this.ctx.storage.setAlarm(next);
  }
}

type LookedRow = Pick<Row, 'profile' | 'revoked_at' | 'ends_at' | 'last_used' | 'supersedes'>;

/** A credential, and the day of its last use as the row has it. */
interface Looked {
  readonly found: FoundCredential;
  readonly lastUsed: number | null;
}
