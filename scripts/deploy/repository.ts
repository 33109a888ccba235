/** The Workers of this repository as a deployment. */

import { ALL_WORKERS, ROOT, SINGLE } from '../workers.ts';
import type { Party, Project } from './project.ts';

/**
 * Far above what a request takes by docs/performance.md, and far below the 30 seconds that Cloudflare allows by default: a
 * fault, or a request that is made to cost, ends sooner. The authority has none, and so has not the Worker that it is in,
 * because its daily sweep reads every credential.
 */
const CPU_LIMITS_MS = {
  // A password takes 150 ms, in an object of its user's; all else less than one.
  edge: 1000,
  // An answer of 10 MiB in base64 takes 76 ms, all Workers together; the largest has 16 MiB.
  origin: 1000,
  gateway: 1000,
  // A certificate that is verified, and some JSON: below one.
  resource: 200,
};

export interface Choice {
  /** True to deploy the gateway in place of the demo API. */
  readonly hasGateway: boolean;
  /** True for all parties in one Worker. */
  readonly isSingle: boolean;
}

export function repositoryProject({ hasGateway, isSingle }: Choice): Project {
  const order: readonly Party[] = hasGateway
    ? ['gateway', 'authority', 'edge']
    : ['resource', 'origin', 'authority', 'edge'];
  const workers = isSingle
    ? [{ name: SINGLE.name, parties: order, config: SINGLE.config }]
    : order.map((name) => ({ name, parties: [name], config: configOf(name) }));
  return { root: ROOT, workers, isOwnCode: false, hasGateway, cpuLimitsMs: CPU_LIMITS_MS };
}

const configOf = (party: Party): string => ALL_WORKERS.find(({ name }) => name === party)?.config ?? '';
