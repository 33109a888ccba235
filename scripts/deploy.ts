/** npm run deploy: takes an account at Cloudflare from nothing to a working system, and changes only what has changed. */

import { spawnSync } from 'node:child_process';
import { askWhatIsMissing } from './deploy/answers.ts';
import { checkSettings } from './deploy/check-settings.ts';
import { DeployError } from './deploy/error.ts';
import { SecretsFolder } from './deploy/folder.ts';
import { parseOptions, type RepositoryOptions, USAGE } from './deploy/options.ts';
import { repositoryProject } from './deploy/repository.ts';
import { deployAll, showDeployment } from './deploy/run.ts';
import { imagineSecrets, prepareSecrets } from './deploy/secrets.ts';
import { type SmokeTest, showSmokeTest, smokeTestOf } from './deploy/smoke-test.ts';
import { ROOT } from './workers.ts';

async function main(options: RepositoryOptions): Promise<void> {
  const { isDryRun, env: environment, user } = options;
  const project = repositoryProject(options);
  const folder = new SecretsFolder(ROOT, environment);
  const answers = await askWhatIsMissing(folder, options);
  const { secrets, firstUser, made } = isDryRun
    ? await imagineSecrets(project, folder, answers.organization)
    : prepareSecrets(project, folder, answers.organization, user);
  for (const file of made) console.log(`${isDryRun ? 'would make' : 'made'} ${file}`);
  const deployment = { project, environment, answers, folder, secrets, checkSettings };
  if (isDryRun) {
    await showDeployment(deployment);
    return showSmokeTest(options);
  }
  const test = smokeTestOf(await deployAll(deployment), firstUser, options);
  if (test !== undefined) run(test);
}

/** The real client, in a process of its own. @throws {DeployError} when it is not served as it should be. */
function run({ url, basic, read, write }: SmokeTest): void {
  const paths = ['--read', read, ...(write === undefined ? [] : ['--write', write])];
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
