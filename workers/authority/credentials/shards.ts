/** Which shard has a credential. A fixed number of them: an object of its own would answer faster where it exists. */

import type { CredentialShard } from '../../../durable-objects/credential-shard/shard.ts';
import type { Guid } from '../../../shared/protocol/guid.ts';

export type ShardStub = DurableObjectStub<CredentialShard>;

/** The shards by number. */
export class Shards {
  readonly #namespace: DurableObjectNamespace<CredentialShard>;
  readonly #count: number;
  /** Names are hashed into ids once. */
  readonly #ids = new Map<number, DurableObjectId>();

  constructor(namespace: DurableObjectNamespace<CredentialShard>, count: number) {
    this.#namespace = namespace;
    this.#count = count;
  }

  /** Number of the shard for a GUID, whose first 32 bits are random. */
  numberOf(guid: Guid): number {
    return Number.parseInt(guid.slice(0, 8), 16) % this.#count;
  }

  of(guid: Guid): ShardStub {
    return this.at(this.numberOf(guid));
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
