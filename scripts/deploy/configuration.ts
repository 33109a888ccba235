/** The configuration that a Worker is deployed with: that of the repository, with what differs by account and environment. */

import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { experimental_readRawConfig, Unstable_RawConfig } from 'wrangler';
import { TOUR } from '../tour.ts';
import type { Answers } from './answers.ts';
import { DeployError } from './error.ts';
import type { DeployedWorker, Party } from './project.ts';

export type Configuration = Unstable_RawConfig & { name: string };

interface Wrangler {
  readonly experimental_readRawConfig: typeof experimental_readRawConfig;
}

export interface Facts {
  readonly worker: DeployedWorker;
  /** Undefined for production. */
  readonly environment: string | undefined;
  readonly answers: Answers;
  readonly hasGateway: boolean;
}

/**
 * @param file path of a configuration, relative to the root of its project, whose own wrangler reads it.
 * @throws {DeployError} when there is no wrangler.
 */
export async function readConfiguration(root: string, file: string): Promise<Configuration> {
  const { experimental_readRawConfig: readRawConfig } = await importWrangler(root);
  return readRawConfig({ config: join(root, file) }).rawConfig as Configuration;
}

function importWrangler(root: string): Promise<Wrangler> {
  try {
    return import(pathToFileURL(createRequire(join(root, 'package.json')).resolve('wrangler')).href);
  } catch (cause) {
    throw new DeployError('There is no wrangler here: npm install --save-dev wrangler', { cause });
  }
}

/** Names of the Workers that each other environment has its own of. */
const withEnvironment = (name: string, environment: string | undefined): string =>
  environment === undefined ? name : `${name}-${environment}`;

/** @returns the title of a KV namespace, by which it is found again. */
const titleOf = (worker: string, binding: string): string => `${worker}-${binding.toLowerCase()}`;

/** Titles of the namespaces that a Worker is bound to, and that its configuration does not name by an id. */
export const namespaceTitles = ({ name, kv_namespaces = [] }: Configuration): string[] =>
  kv_namespaces.filter(({ id }) => id === undefined).map(({ binding }) => titleOf(name, binding));

/** @returns the configuration under the names of an environment, and not yet bound to namespaces. */
export function forEnvironment(
  config: Configuration,
  { worker, environment, answers, hasGateway }: Facts,
): Configuration {
  const { vars = {}, services = [], ratelimits = [] } = config;
  const { routes, route } = config as { routes?: unknown; route?: unknown };
  const hasRoute = routes !== undefined || route !== undefined;
  const isEdge = worker.parties.includes('edge');
  return {
    ...config,
    ...(isEdge && vars['DEMO'] === 'on' && TOUR),
    name: withEnvironment(config.name, environment),
    // A preview of each version would be an edge beside the deployed one, with the same secrets.
    preview_urls: false,
    // wrangler turns it on where nothing is said and there is no route.
    workers_dev: isEdge && !hasRoute,
    vars: { ...vars, ...variablesOf(worker.parties, answers) },
    services: services.map((each) => ({
      ...each,
      service: withEnvironment(
        isEdge && each.binding === 'ORIGIN' && hasGateway ? 'cale-gateway' : each.service,
        environment,
      ),
    })),
    ratelimits: ratelimits.map((each) => ({ ...each, namespace_id: limiterId(each.namespace_id, environment) })),
  };
}

/** @returns the configuration with the ids of its namespaces, so that wrangler never makes one that it then loses. */
export const withNamespaces = (config: Configuration, ids: ReadonlyMap<string, string>): Configuration => ({
  ...config,
  kv_namespaces: (config.kv_namespaces ?? []).map((each) => ({
    ...each,
    id: each.id ?? ids.get(titleOf(config.name, each.binding)) ?? '',
  })),
});

/** @returns the configuration with a limit, where it names none itself. */
export const withCpuLimit = (config: Configuration, cpuLimitMs: number | undefined): Configuration =>
  cpuLimitMs === undefined || config.limits !== undefined ? config : { ...config, limits: { cpu_ms: cpuLimitMs } };

function variablesOf(
  parties: readonly Party[],
  { organization, location, jurisdiction }: Answers,
): Record<string, string> {
  return {
    ...((parties.includes('edge') || parties.includes('authority')) && { ORGANIZATION: organization }),
    ...(parties.includes('authority') && { AUTHORITY_LOCATION: location, AUTHORITY_JURISDICTION: jurisdiction }),
  };
}

/** Ids are of the whole account: with the same one, requests to staging would use up the limits of production. */
function limiterId(id: string, environment: string | undefined): string {
  if (environment === undefined) return id;
  return String(createHash('sha256').update(`${environment} ${id}`).digest().readUInt32BE(0) >>> 1);
}
