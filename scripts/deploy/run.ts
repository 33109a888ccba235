/** A deployment of a project's Workers: all is checked first, then what has changed is deployed, in its order. */

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answers } from './answers.ts';
import { type Built, buildWorker, tagOf } from './build.ts';
import {
  type Configuration,
  forEnvironment,
  namespaceTitles,
  readConfiguration,
  withCpuLimit,
  withNamespaces,
} from './configuration.ts';
import type { SecretsFolder } from './folder.ts';
import { Platform, RefusedError } from './platform.ts';
import type { DeployedWorker, Party, Project, SecretsByWorker } from './project.ts';

/** What is checked of a Worker before anything is created. */
export interface Checked {
  readonly parties: readonly Party[];
  readonly config: Configuration;
  readonly secrets: Readonly<Record<string, string>>;
  /** False where the parties may reach each other without bindings. */
  readonly areBindingsChecked: boolean;
}

/** @throws {DeployError} with the Worker and the setting that is missing, not usable or too long. */
export type CheckSettings = (checked: Checked) => void;

export interface Deployment {
  readonly project: Project;
  /** Undefined for production. */
  readonly environment: string | undefined;
  readonly answers: Answers;
  readonly folder: SecretsFolder;
  readonly secrets: SecretsByWorker;
  readonly checkSettings: CheckSettings;
}

/** A Worker on its way. */
interface Planned extends DeployedWorker {
  readonly configuration: Configuration;
  readonly secrets: Readonly<Record<string, string>>;
  readonly built: Built;
}

/** Builds and checks everything, and says what a deployment would do. @throws {DeployError} */
export async function showDeployment(deployment: Deployment): Promise<void> {
  const planned = await plan(deployment, new Platform(deployment.project.root));
  console.log('Nothing is deployed. In this order it would be:');
  for (const worker of planned) {
    const { name, vars, workers_dev } = worker.configuration;
    console.log(`\n${name}: ${sizesOf(worker.built)}`);
    for (const title of namespaceTitles(worker.configuration)) console.log(`  KV namespace ${title}, found or made`);
    console.log(`  variables ${Object.keys(vars ?? {}).join(', ') || 'none'}`);
    console.log(`  secrets   ${Object.keys(worker.secrets).join(', ')}`);
    const isEdge = worker.parties.includes('edge');
    console.log(`  reached   ${workers_dev ? 'at workers.dev' : isEdge ? 'by its routes' : 'by bindings'}`);
    const limit = deployment.project.cpuLimitsMs[worker.name];
    if (limit !== undefined) console.log(`  CPU       ${limit} ms a request at most, on a paid plan`);
  }
}

/** @returns the URL of the edge; undefined where it was not deployed, or has routes only. @throws {DeployError} */
export async function deployAll(deployment: Deployment): Promise<string | undefined> {
  const { project, answers } = deployment;
  const platform = new Platform(project.root);
  const planned = await plan(deployment, platform);
  await platform.assertLoggedIn();
  const titles = planned.flatMap(({ configuration }) => namespaceTitles(configuration));
  const ids = await platform.ensureNamespaces(titles, answers.jurisdiction);
  const tags = await Promise.all(planned.map(({ configuration }) => platform.deployedTag(configuration.name)));
  const cpuLimits = { isRefused: false };
  let url: string | undefined;
  for (const [at, worker] of planned.entries()) {
    const urls = await release(worker, { deployment, platform, ids, deployedTag: tags[at], cpuLimits });
    if (worker.parties.includes('edge')) url = urls?.find((each) => each.startsWith('http'));
  }
  return url;
}

/** Checks all settings, and then builds all Workers at once. @throws {DeployError} for what is not usable. */
async function plan(deployment: Deployment, platform: Platform): Promise<Planned[]> {
  const { project, environment, answers, secrets: all, checkSettings } = deployment;
  const { root, workers, hasGateway, isOwnCode } = project;
  const checked: Omit<Planned, 'built'>[] = [];
  for (const worker of workers) {
    const raw = await readConfiguration(root, worker.config);
    const configuration = forEnvironment(raw, { worker, environment, answers, hasGateway });
    const secrets = all[worker.name] ?? {};
    const { parties } = worker;
    checkSettings({ parties, config: configuration, secrets, areBindingsChecked: parties.length === 1 && !isOwnCode });
    checked.push({ ...worker, configuration, secrets });
  }
  return Promise.all(
    checked.map(async (worker) => {
      const { name } = worker.configuration;
      const build = (config: string) => buildWorker(platform, name, config);
      return { ...worker, built: await withFile(root, worker, worker.configuration, build) };
    }),
  );
}

interface Releasing {
  readonly deployment: Deployment;
  readonly platform: Platform;
  /** Of namespaces, by title. */
  readonly ids: ReadonlyMap<string, string>;
  /** Of the version that there is; undefined where there is none. */
  readonly deployedTag: string | undefined;
  /** Known when a first Worker was refused for its limit: no other call tells the plan of an account. */
  readonly cpuLimits: { isRefused: boolean };
}

/** Cloudflare's number for a CPU limit on the free plan. */
const CPU_LIMIT_NEEDS_PAID_PLAN = 100328;

/** @returns its URLs; undefined when it is as it was. */
async function release(worker: Planned, releasing: Releasing): Promise<string[] | undefined> {
  const { platform, ids, deployedTag, cpuLimits, deployment } = releasing;
  const { project, folder } = deployment;
  const { configuration, built } = worker;
  const { name } = configuration;
  const plain = withNamespaces(configuration, ids);
  const limited = withCpuLimit(plain, project.cpuLimitsMs[worker.name]);
  const tags = [limited, plain].map((each) => tagOf(built, each, worker.secrets));
  if (deployedTag !== undefined && tags.includes(deployedTag)) {
    console.log(`${name} is as it was`);
    return undefined;
  }
  const secretsFile = folder.write(`${worker.name}.json`, JSON.stringify(worker.secrets, null, 2));
  const deployAs = (chosen: Configuration) =>
    withFile(project.root, worker, chosen, (config) =>
      platform.deploy({ config, secretsFile, tag: tagOf(built, chosen, worker.secrets) }, name),
    );
  let urls: string[];
  try {
    urls = await deployAs(cpuLimits.isRefused ? plain : limited);
  } catch (error) {
    const isRefused = error instanceof RefusedError && error.code === CPU_LIMIT_NEEDS_PAID_PLAN;
    if (!isRefused || limited === plain) throw error;
    console.log('No CPU limits are set: the account is on the free plan, which has one of its own.');
    cpuLimits.isRefused = true;
    urls = await deployAs(plain);
  }
  console.log(`${name} is deployed: ${sizesOf(built)}`);
  return urls;
}

const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;
const sizesOf = ({ size, gzipped }: Built): string => `${kib(size)}, ${kib(gzipped)} gzipped`;

/** Writes a configuration beside the one that it is made of, since paths in it are relative, for as long as the work takes. */
async function withFile<T>(
  root: string,
  { config }: DeployedWorker,
  configuration: Configuration,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const path = config.replace(/wrangler\.\w+$/, `wrangler.${process.pid}.local.json`);
  writeFileSync(join(root, path), JSON.stringify(configuration), { mode: 0o600 });
  try {
    return await work(path);
  } finally {
    rmSync(join(root, path));
  }
}
