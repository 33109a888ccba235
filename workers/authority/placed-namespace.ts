/** Where the Durable Objects of an authority come into being: near a region, or within a jurisdiction. For good. */

import type { ObjectPlace } from './places.ts';

/** The part of a namespace that is used. */
export type ObjectsByName<T extends Rpc.DurableObjectBranded> = Pick<DurableObjectNamespace<T>, 'idFromName' | 'get'>;

/**
 * @returns the namespace whose objects are in that place. An object of a name in a jurisdiction is another one than that of
 *   the name elsewhere.
 * @throws {Error} when the platform has no jurisdictions, as workerd on one machine has none.
 */
export function placedNamespace<T extends Rpc.DurableObjectBranded>(
  namespace: DurableObjectNamespace<T>,
  { location, jurisdiction }: ObjectPlace,
): ObjectsByName<T> {
  const within = jurisdiction === undefined ? namespace : namespace.jurisdiction(jurisdiction);
  if (location === undefined) return within;
  return {
    idFromName: (name) => within.idFromName(name),
    // Only the first call of an object has a say.
    get: (id) => within.get(id, { locationHint: location }),
  };
}
