/** npm run deploy: takes an account at Cloudflare from nothing to a working system, and changes only what has changed. */

import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { experimental_readRawConfig } from 'wrangler';
import { askWhatIsMissing } from './deploy/answers.ts';
import { type Built, buildWorker, tagOf } from './deploy/build.ts';
import { checkSettings } from './deploy/check-settings.ts';
import { type Configuration, forEnvironment, namespaceTitles, withNamespaces } from './deploy/configuration.ts';
import { DeployError } from './deploy/error.ts';
import { SecretsFolder } from './deploy/folder.ts';
import { type DeployOptions, parseOptions, USAGE } from './deploy/options.ts';
import { assertLoggedIn, deploy, deployedTag, ensureNamespaces } from './deploy/platform.ts';
import { type PlacedParty, workersOf } from './deploy/project.ts';
import { imagineSecrets, type Prepared, prepareSecrets } from './deploy/secrets.ts';
import { ROOT } from './workers.ts';

/** A Worker on its way. */
interface Planned extends PlacedParty {
  readonly configuration: Configuration;
  readonly secrets: Readonly<Record<string, string>>;
}

async function main(options: DeployOptions): Promise<void> {
  const folder = new SecretsFolder(options.env);
  const answers = await askWhatIsMissing(folder, options);
  const prepared = options.isDryRun
    ? await imagineSecrets(folder, answers.organization)
    : prepareSecrets(folder, answers.organization, options.user);
  for (const file of prepared.made) console.log(`made ${file}`);
  const { hasGateway, env: environment } = options;
  const planned = workersOf(hasGateway).map((placed) => {
    const raw = experimental_readRawConfig({ config: join(ROOT, placed.config) }).rawConfig as Configuration;
    const configuration = forEnvironment(raw, { party: placed.party, environment, answers, hasGateway });
    const secrets = prepared.secrets[placed.party];
    checkSettings(placed.party, configuration, secrets);
    return { ...placed, configuration, secrets };
  });
  if (options.isDryRun) return showPlan(planned);
  await assertLoggedIn();
  const url = await release(planned, folder, answers.jurisdiction);
  if (!options.isNotTested) test(options.url ?? url, prepared, options);
}

async function showPlan(planned: readonly Planned[]): Promise<void> {
  console.log('Nothing is deployed. In this order it would be:');
  for (const worker of planned) {
    const { name, vars, workers_dev } = worker.configuration;
    const built = await withFile(worker, worker.configuration, (config) => buildWorker(name, config));
    console.log(`\n${name}: ${sizesOf(built)}`);
    for (const title of namespaceTitles(worker.configuration)) console.log(`  KV namespace ${title}, found or made`);
    console.log(`  variables ${Object.keys(vars ?? {}).join(', ') || 'none'}`);
    console.log(`  secrets   ${Object.keys(worker.secrets).join(', ')}`);
    console.log(
      `  reached   ${workers_dev ? 'at workers.dev' : worker.party === 'edge' ? 'by its routes' : 'by bindings'}`,
    );
  }
}

const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;
const sizesOf = ({ size, gzipped }: Built): string => `${kib(size)}, ${kib(gzipped)} gzipped`;

/** @returns the URL of the edge; undefined where it has routes only. */
async function release(
  planned: readonly Planned[],
  folder: SecretsFolder,
  jurisdiction: string,
): Promise<string | undefined> {
  const titles = planned.flatMap(({ configuration }) => namespaceTitles(configuration));
  const ids = await ensureNamespaces(titles, jurisdiction);
  let url: string | undefined;
  for (const worker of planned) {
    const { name } = worker.configuration;
    const configuration = withNamespaces(worker.configuration, (title) => ids.get(title) ?? '');
    await withFile(worker, configuration, async (config) => {
      const built = await buildWorker(name, config);
      const tag = tagOf(built, configuration, worker.secrets);
      if ((await deployedTag(name)) === tag) {
        console.log(`${name} is as it was`);
        return;
      }
      const secretsFile = folder.write(`${worker.party}.json`, JSON.stringify(worker.secrets));
      const urls = await deploy({ config, secretsFile, tag }, name);
      url = worker.party === 'edge' ? urls.find((each) => each.startsWith('http')) : url;
      console.log(`${name} is deployed: ${sizesOf(built)}`);
    });
  }
  return url;
}

/** Writes a configuration beside the one that it is made of, since paths in it are relative, for as long as the work takes. */
async function withFile<T>(
  { config }: Planned,
  configuration: Configuration,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const path = config.replace(/wrangler\.toml$/, `wrangler.${process.pid}.local.json`);
  writeFileSync(join(ROOT, path), JSON.stringify(configuration), { mode: 0o600 });
  try {
    return await work(path);
  } finally {
    rmSync(join(ROOT, path));
  }
}

/** The real client, in a process of its own. @throws {DeployError} when it is not served as it should be. */
function test(url: string | undefined, { firstUser }: Prepared, { read, write }: DeployOptions): void {
  const basic = firstUser === undefined ? process.env['CALE_BASIC'] : `${firstUser.name}:${firstUser.password}`;
  if (url === undefined || basic === undefined) {
    const missing = url === undefined ? '--url URL, since the edge is not at workers.dev' : 'CALE_BASIC=user:password';
    console.log(`Not tested. That takes ${missing}.`);
    return;
  }
  console.log('A client at the edge:');
  const flags = { read, write: write === 'none' ? undefined : (write ?? '/echo') };
  const paths = Object.entries(flags).flatMap(([name, path]) => (path === undefined ? [] : [`--${name}`, path]));
  const { status } = spawnSync(process.execPath, ['demo/smoke-test/smoke-test.ts', url, ...paths], {
    cwd: ROOT,
    env: { ...process.env, CALE_BASIC: basic },
    stdio: 'inherit',
  });
  if (status !== 0) throw new DeployError('The Workers are deployed, and do not serve a client as they should.');
  console.log(`The edge is at ${url}`);
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.isHelp) console.log(USAGE);
  else await main(options);
} catch (error) {
  const isInterrupted = error instanceof Error && error.name === 'ExitPromptError';
  if (!isInterrupted && !(error instanceof DeployError)) throw error;
  console.error(isInterrupted ? 'Nothing was deployed.' : error.message);
  process.exitCode = 1;
}
