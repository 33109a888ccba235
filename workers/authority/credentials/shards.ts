/** The shards, a fixed number of them: an object of its own for each GUID would answer faster where it exists. */

import type {
  CatalogueState,
  CredentialSummary,
  FoundCredential,
  FoundOwner,
  NewCredential,
  PutBack,
  Reconciled,
  RevocationScope,
} from '../../../durable-objects/credential-shard/credential.ts';
import type { CredentialShard } from '../../../durable-objects/credential-shard/shard.ts';
import type { Actor } from '../../../durable-objects/credential-shard/trail.ts';
import type { Guid } from '../../../shared/protocol/guid.ts';
import type { Nonce } from '../../../shared/protocol/nonce.ts';
import type { ObjectsByName } from '../placed-namespace.ts';
import { inGroups } from './in-groups.ts';
import { mergeFound } from './merge-found.ts';
import { createPlacement, type Placement, type PlacementName } from './placement.ts';

export type ShardStub = DurableObjectStub<CredentialShard>;

/** Gets the number of the shard that a request is about. */
interface ShardTrace {
  shard: number | undefined;
}

/** How credentials are spread over shards. */
export interface Spread {
  /** Number of shards. */
  readonly count: number;
  readonly placement: PlacementName;
}

/** The spread of a deployment. */
export interface Layout extends Spread {
  /** While credentials move: the spread that they come from, or go to. All are looked for in both. */
  readonly previous?: Spread | null;
}

/**
 * The shards by number. While credentials move, the previous shard of a GUID is asked first, then its current one, for each
 * GUID alike. Rows move from the previous to the current shard only, where they are before they leave: so one that is not in
 * the first any more is in the second by then, and a revocation meets it in at least one of them, at any time.
 */
export class Shards {
  readonly #namespace: ObjectsByName<CredentialShard>;
  readonly #current: Numbering;
  readonly #previous: Numbering | undefined;
  /** Names are hashed into ids once. */
  readonly #ids = new Map<number, DurableObjectId>();
  /** Number of the shards that registrations go to. */
  readonly count: number;
  /** Number of all shards; those of both spreads have the same names. */
  readonly total: number;

  constructor(namespace: ObjectsByName<CredentialShard>, { previous, ...current }: Layout) {
    this.#namespace = namespace;
    // One of them keeps the key for all.
    const loadKey = () => this.at(0).placementKey();
    this.#current = new Numbering(current, loadKey);
    this.#previous = previous ? new Numbering(previous, loadKey) : undefined;
    this.count = current.count;
    this.total = Math.max(current.count, previous?.count ?? 0);
  }

  /** True while credentials move from a previous spread. */
  get isMoving(): boolean {
    return this.#previous !== undefined;
  }

  /** @returns the number of the shard for a GUID. */
  numberOf(guid: Guid): Promise<number> {
    return this.#current.of(guid);
  }

  /** @returns the numbers of the shards in which a GUID may be, in the order in which they have to be asked. */
  async #numbersOf(guid: Guid, trace?: ShardTrace): Promise<readonly number[]> {
    const [current, previous] = await Promise.all([this.#current.of(guid), this.#previous?.of(guid)]);
    if (trace !== undefined) trace.shard = current;
    return previous === undefined || previous === current ? [current] : [previous, current];
  }

  /**
   * @param nonce to be admitted for one request.
   * @param trace of the request, which gets the number of the shard.
   */
  async find(guid: Guid, nonce?: Nonce, trace?: ShardTrace): Promise<FoundCredential | null> {
    const [first = 0, second] = await this.#numbersOf(guid, trace);
    if (second !== undefined) return (await this.#findInBoth(first, second, guid, nonce)).found;
    const shard = this.at(first);
    return (await (nonce === undefined ? shard.find(guid) : shard.admit(guid, nonce))).found;
  }

  /** Does what {@link find} does, and tells the owner. */
  async findWithOwner(guid: Guid, nonce?: Nonce, trace?: ShardTrace): Promise<FoundOwner> {
    const [first = 0, second] = await this.#numbersOf(guid, trace);
    if (second !== undefined) return this.#findInBoth(first, second, guid, nonce);
    return this.at(first).findWithOwner(guid, nonce);
  }

  async #findInBoth(previous: number, current: number, guid: Guid, nonce: Nonce | undefined): Promise<FoundOwner> {
    const before = await this.at(previous).findMoving(guid, nonce);
    return mergeFound(before, await this.at(current).findWithOwner(guid, nonce));
  }

  /** @returns false when there is a credential of that GUID already, which is then left as it is. */
  async register(credential: NewCredential): Promise<boolean> {
    return this.at(await this.numberOf(credential.guid)).register(credential);
  }

  /**
   * Revokes one credential.
   * @param actor for the trail.
   * @returns 1, or 0 when it was revoked already or is unknown.
   */
  async revoke(scope: Extract<RevocationScope, { guid: unknown }>, actor: Actor): Promise<number> {
    return Math.max(...(await this.#inTurn(scope.guid, (shard) => shard.revoke(scope, actor))));
  }

  /**
   * Revokes a credential that another renewal takes the place of, unless it was used by then.
   * @returns false when it was used.
   */
  async withdraw(guid: Guid, supersedes: Guid): Promise<boolean> {
    return (await this.#inTurn(guid, (shard) => shard.withdraw(guid, supersedes))).every((isDone) => isDone);
  }

  /** Notes that the credential which this one renews is revoked. */
  async settle(guid: Guid): Promise<void> {
    await this.#inTurn(guid, (shard) => shard.settle(guid));
  }

  async #inTurn<R>(guid: Guid, ask: (shard: ShardStub) => Promise<R>): Promise<R[]> {
    const answers: R[] = [];
    for (const number of await this.#numbersOf(guid)) answers.push(await ask(this.at(number)));
    return answers;
  }

  /** @returns what their rows say of credentials, as far as there are rows. A shard is asked once for each spread. */
  async summaries(guids: readonly Guid[]): Promise<Map<Guid, CredentialSummary>> {
    const found = new Map<Guid, CredentialSummary>();
    const answers = await this.#byShard(guids, (shard, members) => shard.summaries(members));
    for (const summary of answers.flatMap(([, summaries]) => summaries)) {
      if (summary === null) continue;
      const revokedAt = summary.revokedAt ?? found.get(summary.guid)?.revokedAt ?? null;
      found.set(summary.guid, { ...summary, revokedAt });
    }
    return found;
  }

  /** Notes that the objects of their owners know the credentials. */
  async markOwned(guids: readonly Guid[]): Promise<void> {
    await this.#byShard(guids, (shard, members) => shard.markOwned(members));
  }

  /** @returns the outcome for each entry of the catalogue, by its GUID; `missing` when no shard has its row. */
  async reconcile(entries: readonly CatalogueState[]): Promise<Map<Guid, Reconciled>> {
    const byGuid = new Map(entries.map((entry) => [entry.guid, entry] as const));
    const outcomes = new Map<Guid, Reconciled>();
    const answers = await this.#byShard([...byGuid.keys()], (shard, members) =>
      shard.reconcile(members.flatMap((guid) => byGuid.get(guid) ?? [])),
    );
    for (const [members, found] of answers) {
      for (const [at, guid] of members.entries()) {
        const outcome = found[at] ?? 'missing';
        const other = outcomes.get(guid) ?? 'missing';
        if (other === 'missing' || outcome === 'revoked') outcomes.set(guid, outcome);
      }
    }
    return outcomes;
  }

  /** Puts credentials back that are in no shard, and applies revocations to those that are. */
  async putBack(credentials: readonly NewCredential[]): Promise<PutBack> {
    const byGuid = new Map(credentials.map((credential) => [credential.guid, credential] as const));
    const groups = await this.#grouped([...byGuid.keys()], this.#current);
    const answers = await inGroups(groups, ([number, members]) =>
      this.at(number).putBack(members.flatMap((guid) => byGuid.get(guid) ?? [])),
    );
    return {
      added: answers.reduce((sum, { added }) => sum + added, 0),
      revoked: answers.reduce((sum, { revoked }) => sum + revoked, 0),
      refused: answers.flatMap(({ refused }) => refused),
    };
  }

  /** Asks the previous shards of all GUIDs, then their current ones, each shard once. @returns GUIDs with their answer. */
  async #byShard<R>(
    guids: readonly Guid[],
    ask: (shard: ShardStub, members: readonly Guid[]) => Promise<R>,
  ): Promise<[members: readonly Guid[], answer: R][]> {
    const answers: [members: readonly Guid[], answer: R][] = [];
    for (const numbering of this.#previous === undefined ? [this.#current] : [this.#previous, this.#current]) {
      answers.push(
        ...(await inGroups(
          await this.#grouped(guids, numbering),
          async ([number, members]): Promise<[readonly Guid[], R]> => [members, await ask(this.at(number), members)],
        )),
      );
    }
    return answers;
  }

  async #grouped(guids: readonly Guid[], numbering: Numbering): Promise<[number: number, members: Guid[]][]> {
    const byShard = new Map<number, Guid[]>();
    for (const guid of guids) {
      const number = await numbering.of(guid);
      const members = byShard.get(number);
      if (members === undefined) byShard.set(number, [guid]);
      else members.push(guid);
    }
    return [...byShard];
  }

  at(number: number): ShardStub {
    const id = this.#ids.get(number) ?? this.#namespace.idFromName(`shard-${number}`);
    this.#ids.set(number, id);
    return this.#namespace.get(id);
  }

  /** @returns as many shards as there are from that number on, and no more than `most`. */
  from(number: number, most: number): ShardStub[] {
    const length = Math.max(0, Math.min(most, this.total - number));
    return Array.from({ length }, (_, at) => this.at(number + at));
  }
}

/** The numbers that GUIDs have in one spread. */
class Numbering {
  readonly #count: number;
  readonly #placement: Placement;

  constructor({ count, placement }: Spread, loadKey: () => Promise<ArrayBuffer>) {
    this.#count = count;
    this.#placement = createPlacement(placement, loadKey);
  }

  async of(guid: Guid): Promise<number> {
    return (await this.#placement(guid)) % this.#count;
  }
}
