/**
 * A deployment whose Workers are deployed with other secrets while it is asked: all versions of a Worker run from the
 * beginning, and a switch before them leads to one of them.
 */

import '../../scripts/local-runs.ts';
import { dirname, join } from 'node:path';
import { createTestHarness, unstable_readConfig } from 'wrangler';
import { createDevelopmentSecrets } from '../../scripts/development-secrets.ts';
import { ROOT, WORKERS } from '../../scripts/workers.ts';
import { bundleOf } from './bundles.ts';

const SWITCHED = ['resource', 'origin', 'authority'] as const;
export type Switched = (typeof SWITCHED)[number];

/** Secrets of each Worker, as `npm run ca` writes them. */
export type Bundles = Readonly<Record<Switched, Readonly<Record<string, string>>>>;

export interface Deployments {
  /** Origin of the edge. */
  readonly edge: string;
  /** Deploys a Worker with its secrets of one of the states. */
  deploy(worker: Switched, state: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts with the first of the states. */
export async function startDeployments(states: readonly Bundles[]): Promise<Deployments> {
  const development = await createDevelopmentSecrets();
  const versions = Object.fromEntries(
    SWITCHED.map((worker) => [worker, [...new Set(states.map((state) => JSON.stringify(state[worker])))]]),
  ) as Record<Switched, string[]>;
  const { edge, authority } = development;
  const server = createTestHarness({
    root: ROOT,
    workers: [
      {
        configPath: 'wrangler.toml',
        ...builtOf('edge'),
        vars: { TLS_CIPHER: 'ECDHE-RSA-AES256-GCM-SHA384', RATE_LIMITS: 'off' },
        secrets: edge,
        bindingOverrides: { AUTHORITY: 'switch-authority', ORIGIN: 'switch-origin' },
      },
      // Holds the credentials of all versions of the authority.
      { configPath: configOf('authority'), ...builtOf('authority'), secrets: authority },
      ...SWITCHED.flatMap((worker) => [
        switchOf(worker, versions[worker].length),
        ...versions[worker].map((secrets, at) =>
          versionOf(worker, at, { ...JSON.parse(secrets), DECOY_SECRET: authority['DECOY_SECRET'] }),
        ),
      ]),
    ],
  });
  const { url } = await server.listen();
  return {
    edge: url.origin,
    async deploy(worker, state) {
      const version = versions[worker].indexOf(JSON.stringify(states[state]?.[worker]));
      const { status } = await server.getWorker(`switch-${worker}`).fetch(`https://switch/${version}`);
      if (status !== 204) throw new Error(`the switch of the ${worker} answered ${status}`);
    },
    close: () => server.close(),
  };
}

const configOf = (worker: Switched | 'edge'): string => WORKERS.find(({ name }) => name === worker)?.config ?? '';

function builtOf(worker: Switched | 'edge') {
  const bundle = bundleOf(worker);
  return bundle === undefined ? {} : { prebuiltWorkerDir: bundle };
}

const switchOf = (worker: Switched, versions: number) => ({
  config: {
    name: `switch-${worker}`,
    main: 'test/support/switch.ts',
    compatibility_date: '2026-11-02',
    services: Array.from({ length: versions }, (_, at) => ({ binding: `SLOT_${at}`, service: `${worker}-${at}` })),
  },
});

/** The Worker as its configuration has it, under a name of its own, with the credentials of the one authority. */
function versionOf(worker: Switched, at: number, secrets: Record<string, string>) {
  const config = join(ROOT, configOf(worker));
  const {
    main = '',
    compatibility_date,
    compatibility_flags,
    alias = {},
    durable_objects,
    kv_namespaces,
    vars,
  } = unstable_readConfig({ config });
  const bundle = bundleOf(worker);
  const absolute = Object.entries<string>(alias).map(([name, path]) => [name, join(dirname(config), path)]);
  return {
    config: {
      name: `${worker}-${at}`,
      main: bundle === undefined ? main : join(bundle, 'index.js'),
      compatibility_date,
      compatibility_flags,
      alias: Object.fromEntries(absolute),
      durable_objects: {
        bindings: durable_objects.bindings.map(({ name, class_name }: { name: string; class_name: string }) => ({
          name,
          class_name,
          script_name: 'cale-authority',
        })),
      },
      kv_namespaces: kv_namespaces.map(({ binding }: { binding: string }) => ({ binding, id: binding })),
      services: worker === 'origin' ? [{ binding: 'RESOURCE', service: 'switch-resource' }] : [],
      // One owner registers without end.
      vars: { ...vars, ...(worker === 'authority' && { CREDENTIALS_PER_OWNER: '1000' }), ...secrets },
    },
  };
}
