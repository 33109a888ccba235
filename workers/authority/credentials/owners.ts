/** The objects of resource owners, one each. */

import type { ResourceOwner } from '../../../durable-objects/resource-owner/resource-owner.ts';
import type { ObjectsByName } from '../placed-namespace.ts';

export type OwnerStub = DurableObjectStub<ResourceOwner>;

export class Owners {
  readonly #namespace: ObjectsByName<ResourceOwner>;

  constructor(namespace: ObjectsByName<ResourceOwner>) {
    this.#namespace = namespace;
  }

  /** @param owner CN of the identity. */
  of(owner: string): OwnerStub {
    return this.#namespace.get(this.#namespace.idFromName(owner));
  }
}
