/** One of the shards that hold the credentials, chosen by the GUID. */

import { DurableObject } from 'cloudflare:workers';
import { log, reasonOf } from '../../shared/log.ts';
import type { Guid } from '../../shared/protocol/guid.ts';
import { NONCE_WINDOW_SECONDS, type Nonce, secondsOf } from '../../shared/protocol/nonce.ts';
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
import { OWNER_COLUMNS, type OwnerRow, ownerOf, type Row, refusalOf, summary } from './row.ts';
import { ID_LIMIT, idOf, migrate } from './schema.ts';
import { Uses } from './uses.ts';

/** The part of its Worker's environment that the shard needs. */
interface ShardEnv {
  readonly CATALOGUE: KVNamespace;
}

/** Number of revocations that one alarm carries over to KV, and the delay after the first failure of one. */
const DUE_PER_ALARM = 100;
const FIRST_RETRY_MS = 60_000;

/** Beginning of the row that is written where no nonce is admitted: one row, so that strangers cannot make a shard grow. */
const FOR_NONE = 'none ';

const PLACEMENT_KEY_BYTES = 32;

export class CredentialShard extends DurableObject<ShardEnv> {
  readonly #sql = this.ctx.storage.sql;
  readonly #uses = new Uses(this.#sql);

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
   * nonce was admitted before, or is not of this time. One row is written in every case: a row less would take less time.
   */
  admit(guid: Guid, nonce: Nonce): FoundCredential | null {
    const looked = this.#look(guid);
    const isAdmitted = this.#admit(guid, nonce, looked?.found.refusal === null);
    if (looked === undefined) {
      this.#noteUse(guid, undefined);
      return null;
    }
    const { found, lastUsed } = looked;
    const admitted =
      found.refusal === null && !isAdmitted ? ({ ...found, refusal: 'nonce-not-admitted' } as const) : found;
    this.#noteUse(guid, { found: admitted, lastUsed });
    return admitted;
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

  #admit(guid: Guid, nonce: Nonce, isValid: boolean): boolean {
    const now = Math.floor(Date.now() / 1000);
    this.#sql.exec('DELETE FROM nonces WHERE nonce < ?', String(now - NONCE_WINDOW_SECONDS));
    const isOfThisTime = Math.abs(secondsOf(nonce) - now) <= NONCE_WINDOW_SECONDS;
    if (isValid && isOfThisTime && this.#insertNonce(`${nonce}.${idOf(guid)}`)) return true;
    this.#writeForNone(nonce);
    return false;
  }

  /** @returns false when it is there already. */
  #insertNonce(nonce: string): boolean {
    return this.#sql.exec('INSERT INTO nonces (nonce) VALUES (?) ON CONFLICT DO NOTHING', nonce).rowsWritten > 0;
  }

  /** Replaces the one row that stands for nonces that are not admitted. What is the same as before would not be written. */
  #writeForNone(nonce: Nonce): void {
    const row = `${FOR_NONE}${nonce}`;
    const isThere = this.#sql.exec('UPDATE nonces SET nonce = ? WHERE nonce >= ?', row, FOR_NONE).rowsWritten > 0;
    if (!isThere) this.#sql.exec('INSERT INTO nonces (nonce) VALUES (?)', row);
  }

  /** @param size number of credentials that are drawn; those among them that are not valid are left out. */
  sample(size: number): CredentialSample {
    const [{ count } = { count: 0 }] = this.#sql.exec<{ count: number }>('SELECT count(*) AS count FROM credentials');
    const now = Date.now();
    const drawn: { keyType: string; template: ArrayBuffer }[] = [];
    for (let draw = 0; count > 0 && draw < size; draw++) {
      // Numbers of rows are random themselves. Beyond the last one it goes on at the first.
      const [row] = this.#sql.exec<Pick<Row, 'key_type' | 'profile' | 'revoked_at' | 'ends_at'>>(
        `SELECT key_type, profile, revoked_at, ends_at FROM credentials
         WHERE id >= coalesce((SELECT id FROM credentials WHERE id >= ? ORDER BY id LIMIT 1), 0) ORDER BY id LIMIT 1`,
        Math.floor(Math.random() * ID_LIMIT),
      );
      if (row !== undefined && refusalOf(row, now) === null)
        drawn.push({ keyType: row.key_type, template: row.profile });
    }
    return { count, drawn };
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

  /** Carries revocations over to the catalogue in KV, as many as fit, and comes back for the rest. */
  override async alarm(): Promise<void> {
    const due = this.#sql
      .exec<{ id: number; catalogue_key: string; revoked_at: number }>(
        `SELECT id, catalogue_key, revoked_at FROM credentials WHERE catalogue_due <= ?
         ORDER BY catalogue_due LIMIT ?`,
        Date.now(),
        DUE_PER_ALARM,
      )
      .toArray();
    for (const { id, catalogue_key, revoked_at } of due) {
      const isDone = await this.#markRevoked(catalogue_key, revoked_at);
      const now = Date.now();
      // Twice as late each time: what KV does not have after minutes it may never have.
      const next = isDone ? null : now + Math.max(FIRST_RETRY_MS, now - revoked_at);
      this.#sql.exec('UPDATE credentials SET catalogue_due = ? WHERE id = ?', next, id);
    }
    await this.#scheduleAlarm();
  }

  async #scheduleAlarm(): Promise<void> {
    const [row] = this.#sql.exec<{ next: number | null }>('SELECT min(catalogue_due) AS next FROM credentials');
    if (row?.next) await this.ctx.storage.setAlarm(row.next);
  }

  /** False when KV did not have the entry yet, or took no write now: one a second is its limit for a key. */
  async #markRevoked(key: string, revokedAt: number): Promise<boolean> {
    try {
      const { value, metadata } = await this.env.CATALOGUE.getWithMetadata<object>(key, 'arrayBuffer');
      if (value === null) return false;
      const state = { state: 'revoked', revokedAt: new Date(revokedAt).toISOString() };
      await this.env.CATALOGUE.put(key, value, { metadata: { ...metadata, ...state } });
      return true;
    } catch (error) {
      log({ event: 'catalogue-not-written', reason: reasonOf(error) });
      return false;
    }
  }
}

type LookedRow = Pick<Row, 'profile' | 'revoked_at' | 'ends_at' | 'last_used' | 'supersedes'>;

/** A credential, and the day of its last use as the row has it. */
interface Looked {
  readonly found: FoundCredential;
  readonly lastUsed: number | null;
}
