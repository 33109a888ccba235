/** The shards, a fixed number of them: an object of its own for each GUID would answer faster where it exists. */

import type { CredentialShard } from '../../../durable-objects/credential-shard/shard.ts';
import type { Guid } from '../../../shared/protocol/guid.ts';
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

  at(number: number): ShardStub {
    const id = this.#ids.get(number) ?? this.#namespace.idFromName(`shard-${number}`);
    this.#ids.set(number, id);
    return this.#namespace.get(id);
  }

  all(): ShardStub[] {
    return Array.from({ length: this.#count }, (_, number) => this.at(number));
  }
}
