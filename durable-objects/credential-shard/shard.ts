/** One of the shards that hold the credentials, chosen by the GUID. */

import { DurableObject } from 'cloudflare:workers';
import { log, reasonOf } from '../../shared/log.ts';
import type { Guid } from '../../shared/protocol/guid.ts';
import type { Nonce } from '../../shared/protocol/nonce.ts';
import type {
  CatalogueState,
  CredentialQuery,
  CredentialSample,
  CredentialSummary,
  FoundOwner,
  LookUp,
  MovingOwner,
  NewCredential,
  PutBack,
  Reconciled,
  RevocationScope,
  Unsettled,
} from './credential.ts';
import { DueStates } from './due-states.ts';
import { Listing } from './listing.ts';
import { LookUps } from './look-ups.ts';
import { Nonces } from './nonces.ts';
import { PlacementKey } from './placement-key.ts';
import { putBackRows, reconcileRow } from './recovery.ts';
import { type Preparation, prepareRestore } from './restore.ts';
import { isInUse, revokeRows } from './revoking.ts';
import { insertRow, type Row, rowOf } from './row.ts';
import { drawSample } from './sample.ts';
import { idOf, migrate } from './schema.ts';
import { type ShardStatus, statusOf } from './status.ts';
import { type Actor, Trail, type TrailEvent, type TrailPlace, type TrailRow } from './trail.ts';
import { Uses } from './uses.ts';

/** The part of its Worker's environment that the shard needs. */
interface ShardEnv {
  readonly CATALOGUE: KVNamespace;
}

/** Time from a registration until KV is told that the row is there: KV takes one write a second for a key. */
const CARRY_DELAY_MS = 5_000;

export class CredentialShard extends DurableObject<ShardEnv> {
  readonly #sql = this.ctx.storage.sql;
  readonly #uses = new Uses(this.#sql);
  readonly #nonces = new Nonces(this.#sql);
  readonly #lookUps = new LookUps(this.#sql, this.#nonces, this.#uses);
  readonly #listing = new Listing(this.#sql, this.#uses);
  readonly #dueStates = new DueStates(this.#sql, this.env.CATALOGUE);
  readonly #trail = new Trail(this.#sql);
  readonly #placementKey = new PlacementKey(this.#sql, this.env.CATALOGUE);

  constructor(ctx: DurableObjectState, env: ShardEnv) {
    super(ctx, env);
    migrate(ctx.storage);
  }

  /** @returns 32 random bytes, the same in every shard that is asked, for as long as this one or its backup in KV is there. */
  async placementKey(): Promise<ArrayBuffer> {
    const key = await this.#placementKey.load();
    // For the caller it is enough to have the key. Each isolate that starts asks, and so tries again.
    const failed = (error: unknown) => log({ event: 'catalogue-not-written', reason: reasonOf(error) });
    this.ctx.waitUntil(this.#placementKey.backUp().catch(failed));
    return key;
  }

  /**
   * Stores a credential. KV is told soon after that its row is there.
   * @returns false when there is a credential of that GUID already, which is then left as it is.
   */
  async register(credential: NewCredential): Promise<boolean> {
    const isNew = this.ctx.storage.transactionSync(() => {
      if (!insertRow(this.#sql, rowOf(credential, Date.now() + CARRY_DELAY_MS))) return false;
      const isRenewal = credential.supersedes !== null && credential.supersedes !== undefined;
      if (isRenewal) this.#trail.add('renewed', credential.guid, 'client');
      else this.#trail.add('registered', credential.guid, 'owner');
      return true;
    });
    if (isNew) await this.#scheduleAlarm();
    return isNew;
  }

  /** @returns the credential, valid or not. Notes its use, when it is valid. */
  find(guid: Guid): LookUp {
    return this.#lookUps.find(guid);
  }

  /**
   * As {@link find}, and admits the nonce for one request of this credential. The credential is not valid, too, when the
   * nonce was admitted before, or is not of this time.
   */
  admit(guid: Guid, nonce: Nonce): LookUp {
    return this.#lookUps.admit(guid, nonce);
  }

  /** Does what {@link find} does, or with a nonce what {@link admit} does, and tells the owner. */
  findWithOwner(guid: Guid, nonce?: Nonce): FoundOwner & LookUp {
    return this.#lookUps.findWithOwner(guid, nonce);
  }

  /** As {@link findWithOwner}, in a shard from which rows move to another one. */
  findMoving(guid: Guid, nonce?: Nonce): MovingOwner & LookUp {
    return this.#lookUps.findMoving(guid, nonce);
  }

  /** @param size number of credentials that are looked at; those among them that are not valid are left out. */
  sample(size: number): CredentialSample {
    return drawSample(this.#sql, size);
  }

  /**
   * Credentials that match, also those that are not valid, in the order of their registration.
   * @param limit how many at most.
   */
  list(query: CredentialQuery, limit: number): CredentialSummary[] {
    return this.#listing.list(query, limit);
  }

  /** @returns a summary for each GUID, in their order; null for those that are unknown. */
  summaries(guids: readonly Guid[]): (CredentialSummary | null)[] {
    return this.#listing.summaries(guids);
  }

  /**
   * Revokes the credentials that are not revoked already; the next `find` knows. KV is told soon after.
   * @param actor for the trail; null where a Worker of before does not say.
   * @returns how many were revoked.
   */
  async revoke(scope: RevocationScope, actor: Actor | null = null): Promise<number> {
    if ('unusedSince' in scope) this.#uses.write();
    const given = { scope, actor, now: Date.now() };
    const revoked = this.ctx.storage.transactionSync(() => revokeRows(this.#sql, this.#trail, given));
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
    if (isInUse(this.#sql, guid)) return false;
    await this.revoke({ guid, supersedes }, 'renewal');
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
    return this.#listing.unsettled(limit);
  }

  /**
   * Compares entries of the catalogue with their rows, and applies revocations that a row lacks: KV is told of one only
   * after a row was. Where the entry is behind, KV is told soon.
   * @returns the outcome for each entry, in their order.
   */
  async reconcile(entries: readonly CatalogueState[]): Promise<Reconciled[]> {
    const outcomes = entries.map((entry) => reconcileRow(this.#sql, this.#trail, entry, Date.now()));
    await this.#scheduleAlarm();
    return outcomes;
  }

  /** @returns rows in the order of their numbers, from the one behind `after` on. */
  rows(after: number, limit: number): Row[] {
    this.#uses.write();
    return this.#sql.exec<Row>('SELECT * FROM credentials WHERE id > ? ORDER BY id LIMIT ?', after, limit).toArray();
  }

  /**
   * Puts rows in that are not there. Of one that is there only a revocation is taken, which it may lack. KV is told soon.
   */
  async putBack(credentials: readonly NewCredential[]): Promise<PutBack> {
    const due = Date.now() + CARRY_DELAY_MS;
    const rows = credentials.map((credential) => rowOf(credential, due));
    return this.#putBack(rows, (event, guid) => this.#trail.add(event, guid, 'catalogue'));
  }

  /** As {@link putBack}, for rows of another shard. Nothing was done with the credentials: the trail does not change. */
  putBackRows(rows: readonly Row[]): Promise<PutBack> {
    return this.#putBack(rows, () => undefined);
  }

  async #putBack(rows: readonly Row[], note: Parameters<typeof putBackRows>[2]): Promise<PutBack> {
    const put = this.ctx.storage.transactionSync(() => putBackRows(this.#sql, rows, note, Date.now()));
    await this.#scheduleAlarm();
    return put;
  }

  /** Notes what was done with all credentials. */
  note(event: TrailEvent, actor: Actor): void {
    this.#trail.add(event, null, actor);
  }

  /** @returns entries of the trail in the order of time, from behind a place on. */
  trail(place: TrailPlace, limit: number): TrailRow[] {
    return this.#trail.behind(place, limit);
  }

  /** Takes entries of the trail of another shard. */
  putTrail(entries: readonly TrailRow[]): void {
    this.ctx.storage.transactionSync(() => {
      for (const entry of entries) this.#trail.put(entry);
    });
  }

  /** Removes entries of the trail that another shard has now. */
  removeMovedTrail(ids: readonly number[]): void {
    this.#trail.removeMoved(ids);
  }

  status(): ShardStatus {
    return statusOf(this.#sql, Date.now());
  }

  /** Removes rows that another shard has now, except those that were revoked since they were read. */
  removeMoved(rows: readonly Pick<Row, 'id' | 'guid' | 'revoked_at'>[]): number {
    const remove = 'DELETE FROM credentials WHERE id = ? AND guid = ? AND revoked_at IS ? RETURNING id';
    return rows.filter(({ id, guid, revoked_at }) => this.#sql.exec(remove, id, guid, revoked_at).toArray().length > 0)
      .length;
  }

  /**
   * Prepares to go back to the state of a time. KV has all revocations and the key of the placement before, because both
   * are taken from there again.
   * @param time milliseconds since 1970.
   */
  async prepareRestore(time: number): Promise<Preparation> {
    return prepareRestore(this.ctx.storage, time, async () => {
      await this.#placementKey.backUp();
      return this.#dueStates.carryAll();
    });
  }

  /** Ends the object, so that the next call finds the state that was prepared. The call itself fails. */
  restart(): void {
    this.ctx.abort('restart to restore an earlier state');
  }

  /** Carries states over to the catalogue in KV, and comes back for the rest. */
  override async alarm(): Promise<void> {
    await this.#dueStates.carry();
    await this.#scheduleAlarm();
  }

  async #scheduleAlarm(): Promise<void> {
    const next = this.#dueStates.next();
    if (next !== null) await this.ctx.storage.setAlarm(next);
  }
}
