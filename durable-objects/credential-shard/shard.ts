/** One of the shards that hold the credentials, chosen by the GUID. */

import { DurableObject } from 'cloudflare:workers';
import { log, reasonOf } from '../../shared/log.ts';
import type { Guid } from '../../shared/protocol/guid.ts';
import { NONCE_WINDOW_SECONDS, type Nonce, secondsOf } from '../../shared/protocol/nonce.ts';
import type {
  CredentialSample,
  CredentialSummary,
  FoundCredential,
  NewCredential,
  RevocationScope,
} from './credential.ts';
import { ID_LIMIT, idOf, SCHEMA } from './schema.ts';

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

  constructor(ctx: DurableObjectState, env: ShardEnv) {
    super(ctx, env);
    this.#sql.exec(SCHEMA);
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
         profile, registered_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
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
    );
    return cursor.rowsWritten > 0;
  }

  /** @returns the credential, revoked or not; null when it is unknown. */
  find(guid: Guid): FoundCredential | null {
    const [row] = this.#sql.exec<{ profile: ArrayBuffer; revoked_at: number | null }>(
      'SELECT profile, revoked_at FROM credentials WHERE id = ? AND guid = ?',
      idOf(guid),
      guid,
    );
    return row === undefined ? null : { template: row.profile, refusal: row.revoked_at === null ? null : 'revoked' };
  }

  /**
   * As {@link find}, and admits the nonce for one request of this credential. The credential is not valid, too, when the
   * nonce was admitted before, or is not of this time. One row is written in every case: a row less would take less time.
   */
  admit(guid: Guid, nonce: Nonce): FoundCredential | null {
    const found = this.find(guid);
    const now = Math.floor(Date.now() / 1000);
    this.#sql.exec('DELETE FROM nonces WHERE nonce < ?', String(now - NONCE_WINDOW_SECONDS));
    const isValid = found !== null && found.refusal === null;
    const isOfThisTime = Math.abs(secondsOf(nonce) - now) <= NONCE_WINDOW_SECONDS;
    if (isValid && isOfThisTime && this.#insertNonce(`${nonce}.${idOf(guid)}`)) return found;
    this.#writeForNone(nonce);
    return isValid ? { ...found, refusal: 'nonce-not-admitted' } : found;
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

  /** @param size number of credentials that are drawn; revoked ones among them are left out. */
  sample(size: number): CredentialSample {
    const [{ count } = { count: 0 }] = this.#sql.exec<{ count: number }>('SELECT count(*) AS count FROM credentials');
    const drawn: { keyType: string; template: ArrayBuffer }[] = [];
    for (let draw = 0; count > 0 && draw < size; draw++) {
      // Numbers of rows are random themselves. Beyond the last one it goes on at the first.
      const [row] = this.#sql.exec<{ key_type: string; profile: ArrayBuffer; revoked_at: number | null }>(
        `SELECT key_type, profile, revoked_at FROM credentials
         WHERE id >= coalesce((SELECT id FROM credentials WHERE id >= ? ORDER BY id LIMIT 1), 0) ORDER BY id LIMIT 1`,
        Math.floor(Math.random() * ID_LIMIT),
      );
      if (row?.revoked_at === null) drawn.push({ keyType: row.key_type, template: row.profile });
    }
    return { count, drawn };
  }

  /** All credentials of an owner, revoked ones too, in the order of their registration. */
  list(owner: string): CredentialSummary[] {
    const rows = this.#sql.exec<Row>('SELECT * FROM credentials WHERE owner = ? ORDER BY registered_at', owner);
    return [...rows].map(summary);
  }

  /**
   * Revokes the credentials that are not revoked already; the next `find` knows. KV is told soon after.
   * @returns how many were revoked.
   */
  async revoke(scope: RevocationScope): Promise<number> {
    const [condition, ...values] =
      'guid' in scope
        ? ['id = ? AND guid = ?', idOf(scope.guid), scope.guid]
        : 'owner' in scope
          ? ['owner = ?', scope.owner]
          : ['registered_at < ?', scope.before];
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

type Row = {
  guid: Guid;
  owner: string;
  organization: string;
  scopes: string;
  device: string;
  key_type: string;
  csr_sha256: string;
  registered_at: number;
  revoked_at: number | null;
};

function summary(row: Row): CredentialSummary {
  return {
    guid: row.guid,
    owner: row.owner,
    organization: row.organization,
    scopes: row.scopes === '' ? [] : row.scopes.split(' '),
    device: row.device,
    keyType: row.key_type,
    csrSha256: row.csr_sha256,
    registeredAt: new Date(row.registered_at).toISOString(),
    revokedAt: row.revoked_at === null ? null : new Date(row.revoked_at).toISOString(),
  };
}
