/** The Workers of a deployment. */

import { ALL_WORKERS } from '../workers.ts';

export type Party = (typeof ALL_WORKERS)[number]['name'];

export interface PlacedParty {
  readonly party: Party;
  /** Configuration of wrangler, relative to the top. */
  readonly config: string;
}

/** @returns the Workers in the order of deploying: a binding needs a Worker to lead to. */
export function workersOf(hasGateway: boolean): PlacedParty[] {
  const order: readonly Party[] = hasGateway
    ? ['gateway', 'authority', 'edge']
    : ['resource', 'origin', 'authority', 'edge'];
  return order.map((party) => ({ party, config: ALL_WORKERS.find(({ name }) => name === party)?.config ?? '' }));
}
