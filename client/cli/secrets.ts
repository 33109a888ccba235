/** `cale secrets`: an authority, keys and users for a project of `cale init`. */

import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SecretsFolder } from '../../scripts/deploy/folder.ts';
import type { FirstUser, Prepared, SecretsByWorker } from '../../scripts/deploy/project.ts';
import {
  createDevelopmentSecrets,
  createSecrets,
  encodeDevVars,
  type Secrets,
} from '../../scripts/development-secrets.ts';
import { hashPassword } from '../../scripts/scrypt-hash.ts';
import { isThere } from './input.ts';
import { UsageError } from './usage-error.ts';

const WORKERS = ['edge', 'authority', 'origin', 'resource'] as const;
const CONFIGURATIONS = ['wrangler.toml', 'wrangler.json', 'wrangler.jsonc'];

export interface SecretsOptions {
  readonly deploy?: boolean;
  readonly single?: boolean;
  readonly user?: string;
  readonly organization?: string;
}

/** A Worker of the project, and the parties that it is. */
export interface Worker {
  readonly name: string;
  readonly folder: string;
  /** Configuration of wrangler, in that folder. */
  readonly config: string;
  readonly parties: readonly (typeof WORKERS)[number][];
}

/** @throws {UsageError} when this folder is not such a project, or has some of the files and not others. */
export async function makeSecrets(options: SecretsOptions): Promise<void> {
  if (options.single && !options.deploy) throw new UsageError('--single goes with --deploy.');
  const workers = options.single ? [single('wrangler.toml')] : await findWorkers();
  return options.deploy ? makeForDeployment(workers, options) : makeForDevelopment(workers);
}

/** @returns those in the folder `workers`, or else one Worker that is all parties. @throws {UsageError} when there are none. */
export async function findWorkers(): Promise<Worker[]> {
  const found: Worker[] = [];
  for (const party of WORKERS) {
    const folder = join('workers', party);
    const config = await configurationIn(folder);
    if (config !== undefined) found.push({ name: party, folder, config, parties: [party] });
  }
  if (found.length > 0) return found;
  const config = await configurationIn('.');
  if (config !== undefined) return [single(config)];
  throw new UsageError('There is neither a wrangler.toml here nor in workers/edge: this command is for a project.');
}

const single = (config: string): Worker => ({ name: 'worker', folder: '.', config, parties: WORKERS });

async function configurationIn(folder: string): Promise<string | undefined> {
  for (const name of CONFIGURATIONS) if (await isThere(join(folder, name))) return join(folder, name);
  return undefined;
}

const secretsOf = ({ parties }: Worker, secrets: Secrets): Record<string, string> =>
  Object.assign({}, ...parties.map((party) => secrets[party]));

/** Where they are all there already, they stay. */
async function makeForDevelopment(workers: readonly Worker[]): Promise<void> {
  const files = workers.map(({ folder }) => join(folder, '.dev.vars'));
  const missing = await missingOf(files);
  if (missing.length === 0) return;
  if (missing.length < files.length) {
    throw new UsageError(`${missing.join(', ')} is missing, and must fit the others: remove every .dev.vars first.`);
  }
  const secrets = await createDevelopmentSecrets();
  for (const worker of workers) {
    const text = encodeDevVars(secretsOf(worker, secrets));
    await writeFile(join(worker.folder, '.dev.vars'), text, { mode: 0o600, flag: 'wx' });
  }
  console.log('Made for this machine, in .dev.vars: an authority, the users alice:wonderland and bob:builder.');
}

async function makeForDeployment(workers: readonly Worker[], options: SecretsOptions): Promise<void> {
  const folder = new SecretsFolder('.', undefined);
  if (workers.some(({ name }) => folder.has(`${name}.json`))) {
    throw new UsageError('There are secrets in secrets/ already. Move them away to make others.');
  }
  const { organization, user } = options;
  if (organization === undefined)
    throw new UsageError('Which organisation is in the certificate? --organization DOMAIN');
  const { secrets, firstUser } = await createForDeployment(workers, organization, user);
  for (const { name } of workers) folder.write(`${name}.json`, encode(secrets[name]));
  console.log(`Made in secrets/: an authority, keys, an administrator's token, and the user ${firstUser.name}, with the password
${firstUser.password}
It is kept nowhere else. Users stand in BASIC_USERS of secrets/${workers[0]?.name}.json.`);
}

const FIRST_USER = 'first-user.json';

/**
 * The secrets of a deployment: those in the folder, or new ones. Those of a dry run are not kept.
 * @throws {UsageError} when some are there and others are not, or no user is named.
 */
export async function prepareSecrets(
  folder: SecretsFolder,
  organization: string,
  { user, isDryRun }: { readonly user?: string; readonly isDryRun: boolean },
): Promise<Prepared> {
  const workers = await findWorkers();
  const there = workers.filter(({ name }) => folder.has(`${name}.json`));
  if (there.length === workers.length) {
    const secrets = workers.map(({ name }) => [name, JSON.parse(folder.read(`${name}.json`) ?? '')]);
    return { secrets: Object.fromEntries(secrets), firstUser: parseFirstUser(folder.read(FIRST_USER)), made: [] };
  }
  if (there.length > 0) {
    const missing = workers.filter((worker) => !there.includes(worker)).map(({ name }) => `${name}.json`);
    throw new UsageError(`${missing.join(', ')} is missing in ${folder.path}, and must fit the others: put it back.`);
  }
  const made = await createForDeployment(workers, organization, isDryRun ? (user ?? 'alice') : user);
  if (isDryRun) {
    const files = [...workers.map(({ name }) => `${name}.json`), FIRST_USER];
    return { ...made, firstUser: undefined, made: files.map((file) => join(folder.path, file)) };
  }
  const files = Object.entries(made.secrets).map(([name, secrets]) => folder.write(`${name}.json`, encode(secrets)));
  return { ...made, made: [...files, folder.write(FIRST_USER, encode(made.firstUser))] };
}

const encode = (value: unknown): string => JSON.stringify(value, null, 2);
const parseFirstUser = (text: string | undefined): FirstUser | undefined =>
  text === undefined ? undefined : (JSON.parse(text) as FirstUser);

/** @throws {UsageError} when no user is named. */
async function createForDeployment(
  workers: readonly Worker[],
  organization: string,
  user: string | undefined,
): Promise<{ readonly secrets: SecretsByWorker; readonly firstUser: FirstUser }> {
  if (user === undefined) throw new UsageError('Who is the first user? --user NAME');
  if (user === '' || user.includes(':')) throw new UsageError('A user name has at least one character, and no colon.');
  const password = randomBytes(18).toString('base64url');
  const made = await createSecrets('CALE authority', {
    organization,
    users: { [user]: { password: hashPassword(password), scopes: ['read', 'write'] } },
    adminToken: randomBytes(32).toString('base64url'),
  });
  const secrets = Object.fromEntries(workers.map((worker) => [worker.name, secretsOf(worker, made)]));
  return { secrets, firstUser: { name: user, password } };
}

async function missingOf(files: readonly string[]): Promise<string[]> {
  const there = await Promise.all(files.map(isThere));
  return files.filter((_, at) => !there[at]);
}
