/** The configuration that a Worker is deployed with: that of the repository, with what differs by account and environment. */

import { createHash } from 'node:crypto';
import type { Unstable_RawConfig } from 'wrangler';
import { TOUR } from '../tour.ts';
import type { Answers } from './answers.ts';
import type { Party } from './project.ts';

export type Configuration = Unstable_RawConfig & { name: string };

export interface Facts {
  readonly party: Party;
  /** Undefined for production. */
  readonly environment: string | undefined;
  readonly answers: Answers;
  readonly hasGateway: boolean;
  /** The id of a namespace by its title. */
  readonly namespaceId: (title: string) => string;
}

/** Names of the Workers that each other environment has its own of. */
const withEnvironment = (name: string, environment: string | undefined): string =>
  environment === undefined ? name : `${name}-${environment}`;

/** @returns the title of a KV namespace, by which it is found again. */
const titleOf = (worker: string, binding: string): string => `${worker}-${binding.toLowerCase()}`;

/** Titles of the namespaces that a Worker is bound to. */
export const namespaceTitles = ({ name, kv_namespaces = [] }: Configuration): string[] =>
  kv_namespaces.map(({ binding }) => titleOf(name, binding));

/** @returns the configuration under the names of an environment, and not yet bound to namespaces. */
export function forEnvironment(
  config: Configuration,
  { party, environment, answers, hasGateway }: Omit<Facts, 'namespaceId'>,
): Configuration {
  const {
    vars = {},
    services = [],
    ratelimits = [],
    routes,
    route,
  } = config as Configuration & {
    routes?: unknown;
    route?: unknown;
  };
  const hasRoute = routes !== undefined || route !== undefined;
  return {
    ...config,
    ...(party === 'edge' && vars['DEMO'] === 'on' && TOUR),
    name: withEnvironment(config.name, environment),
    // A preview of each version would be an edge beside the deployed one, with the same secrets.
    preview_urls: false,
    // wrangler turns it on where nothing is said and there is no route.
    workers_dev: party === 'edge' && !hasRoute,
    vars: { ...vars, ...variablesOf(party, answers) },
    services: services.map((each) => ({
      ...each,
      service: withEnvironment(
        party === 'edge' && each.binding === 'ORIGIN' && hasGateway ? 'cale-gateway' : each.service,
        environment,
      ),
    })),
    ratelimits: ratelimits.map((each) => ({ ...each, namespace_id: limiterId(each.namespace_id, environment) })),
  };
}

/** @returns the configuration with the ids of its namespaces, so that wrangler never makes one that it then loses. */
export const withNamespaces = (config: Configuration, namespaceId: Facts['namespaceId']): Configuration => ({
  ...config,
  kv_namespaces: (config.kv_namespaces ?? []).map(({ binding, ...others }) => ({
    ...others,
    binding,
    id: namespaceId(titleOf(config.name, binding)),
  })),
});

function variablesOf(party: Party, { organization, location, jurisdiction }: Answers): Record<string, string> {
  if (party === 'edge') return { ORGANIZATION: organization };
  if (party !== 'authority') return {};
  return { ORGANIZATION: organization, AUTHORITY_LOCATION: location, AUTHORITY_JURISDICTION: jurisdiction };
}

/** Ids are of the whole account: with the same one, requests to staging would use up the limits of production. */
function limiterId(id: string, environment: string | undefined): string {
  if (environment === undefined) return id;
  return String(createHash('sha256').update(`${environment} ${id}`).digest().readUInt32BE(0) >>> 1);
}
