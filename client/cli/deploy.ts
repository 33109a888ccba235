/** `cale deploy`: the Workers of a project of `cale init`, as `npm run deploy` does it with those of the repository. */

import { askWhatIsMissing } from '../../scripts/deploy/answers.ts';
import { SecretsFolder } from '../../scripts/deploy/folder.ts';
import { checkOptions, type DeployOptions } from '../../scripts/deploy/options.ts';
import type { Party, Prepared, Project } from '../../scripts/deploy/project.ts';
import { type CheckSettings, deployAll, showDeployment } from '../../scripts/deploy/run.ts';
import { showSmokeTest, smokeTestOf } from '../../scripts/deploy/smoke-test.ts';
import { findWorkers, prepareSecrets } from './secrets.ts';
import { testEdge } from './smoke-test.ts';

/** The code of the Workers. Its types are not those of a program for Node, so that the compiler must not follow. */
const { checkSettings } = (await import('../../scripts/deploy/check-settings.ts' as string)) as {
  readonly checkSettings: CheckSettings;
};

/** As the options of a command have them. */
export interface DeployFlags extends Omit<DeployOptions, 'isDryRun' | 'isNotTested'> {
  readonly dryRun?: boolean;
  readonly test: boolean;
}

/** A binding needs a Worker to lead to. */
const ORDER: readonly Party[] = ['resource', 'origin', 'authority', 'edge'];

/** Of `docs/performance.md`: a password takes 150 ms, all else less than one. The other Workers have code of the project. */
const CPU_LIMITS_MS = { edge: 1000 };

/** Each API has a path of this name, if only to say that there is nothing. */
const PATHS = { read: '/', write: undefined };

/** @throws {DeployError} or {UsageError} when it cannot go on, with the reason. */
export async function deploy({ dryRun = false, test, ...values }: DeployFlags): Promise<void> {
  const options = checkOptions({ isDryRun: dryRun, isNotTested: !test, ...values });
  const project = await projectHere();
  const folder = new SecretsFolder(project.root, options.env);
  const answers = await askWhatIsMissing(folder, options);
  const { secrets, firstUser, made }: Prepared = await prepareSecrets(folder, answers.organization, options);
  for (const file of made) console.log(`${dryRun ? 'would make' : 'made'} ${file}`);
  const deployment = { project, environment: options.env, answers, folder, secrets, checkSettings };
  if (dryRun) {
    await showDeployment(deployment);
    return showSmokeTest(options);
  }
  const smokeTest = smokeTestOf(await deployAll(deployment), firstUser, options, PATHS);
  if (smokeTest === undefined) return undefined;
  await testEdge(smokeTest);
  console.log(`The edge is at ${smokeTest.url}`);
}

/** @throws {UsageError} when there is none here. */
async function projectHere(): Promise<Project> {
  const workers = (await findWorkers()).map(({ name, config, parties }) => ({
    name,
    config,
    parties: ORDER.filter((party) => parties.some((each) => each === party)),
  }));
  const rank = ({ parties: [first] }: { readonly parties: readonly Party[] }): number => ORDER.indexOf(first ?? 'edge');
  return {
    root: process.cwd(),
    workers: workers.toSorted((one, other) => rank(one) - rank(other)),
    isOwnCode: true,
    hasGateway: false,
    cpuLimitsMs: CPU_LIMITS_MS,
  };
}
