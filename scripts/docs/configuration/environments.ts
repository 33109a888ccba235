/** Environments that Workers are started with: together they turn on each part of a Worker, and turn off what can be. */

import { join } from 'node:path';
import { unstable_readConfig } from 'wrangler';
import type { Secrets } from '../../development-secrets.ts';
import { type ALL_WORKERS, ROOT } from '../../workers.ts';

export type WorkerName = (typeof ALL_WORKERS)[number]['name'];
type Environment = Readonly<Record<string, unknown>>;

/** A Worker, with all that its configuration and the secrets of a development machine say. */
export interface Worker {
  readonly name: WorkerName;
  readonly config: string;
  readonly main: string;
  /** Variables of the configuration. */
  readonly vars: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Names of the configuration's bindings, with an object for each that does nothing. */
  readonly bindings: Environment;
  /** Limits of the configuration, by the name of the limiter. */
  readonly limits: Readonly<Record<string, { readonly limit: number; readonly period: number }>>;
}

const BEARER = {
  IDENTITY_METHODS: 'bearer',
  BEARER_ISSUER: 'https://login.example.com',
  BEARER_AUDIENCE: 'api',
  BEARER_JWKS_URL: 'https://login.example.com/jwks',
};
const ACCESS = { ACCESS_TEAM_DOMAIN: 'example.cloudflareaccess.com', ACCESS_AUDIENCE: 'a' };
const NO_KEYS = {
  ORIGIN_SIGNING_KEY: '',
  ORIGIN_SIGNING_CERTIFICATES: '',
  ORIGIN_ENCRYPTION_KEY: '',
  ORIGIN_ENCRYPTION_CERTIFICATES: '',
};
const UPSTREAM = 'https://api.example.com';

/** Changes to what the configuration says, one a start. */
const VARIANTS: Readonly<Record<WorkerName, readonly Environment[]>> = {
  edge: [{ ...BEARER, IDENTITY_METHODS: 'basic,bearer', ...ACCESS }, { ...BEARER, RATE_LIMITS: 'off' }, {}],
  authority: [
    {
      AUTHORITY_LOCATION: 'weur',
      AUTHORITY_JURISDICTION: 'eu',
      PREVIOUS_AUTHORITY_SHARDS: '64',
      PREVIOUS_SHARD_PLACEMENT: 'prefix',
    },
    {},
  ],
  origin: [{}, NO_KEYS],
  resource: [{}],
  gateway: [
    { UPSTREAM, UPSTREAM_SECRET: 'a secret of the two of them'.replaceAll(' ', '-') },
    { UPSTREAMS: `[{"prefix": "/", "url": "${UPSTREAM}"}]`, ...NO_KEYS },
  ],
};

const nothing = (): never => {
  throw new TypeError('a stand-in was called');
};

/** A Durable Object namespace; one of a jurisdiction is of the same form. */
const objects = { idFromName: nothing, getByName: nothing, get: nothing, jurisdiction: () => objects };

/** The parts of a configuration that name what a Worker reads. */
interface Configuration {
  readonly vars: Readonly<Record<string, string>>;
  readonly services?: readonly { readonly binding: string }[];
  readonly kv_namespaces: readonly { readonly binding: string }[];
  readonly durable_objects: { readonly bindings: readonly { readonly name: string }[] };
  readonly ratelimits?: readonly {
    readonly name: string;
    readonly simple: { readonly limit: number; readonly period: number };
  }[];
}

const readConfiguration = (config: string): Configuration =>
  unstable_readConfig({ config: join(ROOT, config) }) as unknown as Configuration;

/** The Worker of a configuration, read as wrangler reads it. */
export function readWorker(name: WorkerName, config: string, secrets: Secrets): Worker {
  const { vars, services = [], kv_namespaces, durable_objects, ratelimits = [] } = readConfiguration(config);
  const named = (names: readonly string[], standIn: object) => names.map((each) => [each, standIn] as const);
  return {
    name,
    config,
    main: config.startsWith('template/') ? `template/workers/${name}/index.ts` : `workers/${name}/index.ts`,
    vars,
    secrets: secrets[name],
    bindings: Object.fromEntries([
      ...named(
        services.map(({ binding }) => binding),
        { fetch: nothing },
      ),
      ...named(
        kv_namespaces.map(({ binding }) => binding),
        { get: nothing, put: nothing, delete: nothing },
      ),
      ...named(
        durable_objects.bindings.map((each) => each.name),
        objects,
      ),
      ...named(
        ratelimits.map((each) => each.name),
        { limit: nothing },
      ),
    ]),
    limits: Object.fromEntries(ratelimits.map((each) => [each.name, each.simple])),
  };
}

/** The environments of a Worker's starts. A dataset is in no configuration, and bound here. */
export const environmentsOf = ({ name, vars, secrets, bindings }: Worker): Environment[] =>
  VARIANTS[name].map((changes) => ({
    ...vars,
    ...secrets,
    ...bindings,
    METRICS: { writeDataPoint: nothing },
    ...changes,
  }));
