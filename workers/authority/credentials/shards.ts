/** The shards, a fixed number of them: an object of its own for each GUID would answer faster where it exists. */

import type { CredentialSummary } from '../../../durable-objects/credential-shard/credential.ts';
import type { CredentialShard } from '../../../durable-objects/credential-shard/shard.ts';
import type { Guid } from '../../../shared/protocol/guid.ts';
import { inGroups } from './in-groups.ts';
import { createPlacement, type Placement, type PlacementName } from './placement.ts';

export type ShardStub = DurableObjectStub<CredentialShard>;

/** The shards by number. */
export class Shards {
  readonly #namespace: DurableObjectNamespace<CredentialShard>;
  readonly #count: number;
  readonly #placement: Placement;
  /** Names are hashed into ids once. */
  readonly #ids = new Map<number, DurableObjectId>();

  constructor(namespace: DurableObjectNamespace<CredentialShard>, count: number, placement: PlacementName) {
    this.#namespace = namespace;
    this.#count = count;
    // One of them keeps the key for all.
    this.#placement = createPlacement(placement, () => this.at(0).placementKey());
  }

  /** @returns the number of the shard for a GUID. */
  async numberOf(guid: Guid): Promise<number> {
    return (await this.#placement(guid)) % this.#count;
  }

  async of(guid: Guid): Promise<ShardStub> {
    return this.at(await this.numberOf(guid));
  }

  /** @returns what their rows say of credentials, as far as there are rows. A shard is asked once. */
  async summaries(guids: readonly Guid[]): Promise<Map<Guid, CredentialSummary>> {
    const found = await inGroups(await this.#byShard(guids), ([number, members]) => this.at(number).summaries(members));
    return new Map(found.flat().flatMap((each) => (each === null ? [] : [[each.guid, each] as const])));
  }

  /** Notes that the objects of their owners know the credentials. */
  async markOwned(guids: readonly Guid[]): Promise<void> {
    await inGroups(await this.#byShard(guids), ([number, members]) => this.at(number).markOwned(members));
  }

  async #byShard(guids: readonly Guid[]): Promise<[number: number, members: Guid[]][]> {
    const byShard = new Map<number, Guid[]>();
    for (const guid of guids) {
      const number = await this.numberOf(guid);
      byShard.set(number, [...(byShard.get(number) ?? []), guid]);
    }
    return [...byShard];
  }

  at(number: number): ShardStub {
    const id = this.#ids.get(number) ?? this.#namespace.idFromName(`shard-${number}`);
    this.#ids.set(number, id);
    return this.#namespace.get(id);
  }

  all(): ShardStub[] {
    return Array.from({ length: this.#count }, (_, number) => this.at(number));
  }
}
