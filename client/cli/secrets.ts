/** `cale secrets`: an authority, keys and users for a project of `cale init`. */

import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
  readonly user?: string;
  readonly organization: string;
}

/** A Worker of the project, and the parties that it is. */
interface Worker {
  readonly name: string;
  readonly folder: string;
  readonly parties: readonly (typeof WORKERS)[number][];
}

/** @throws {UsageError} when this folder is not such a project, or has some of the files and not others. */
export async function makeSecrets(options: SecretsOptions): Promise<void> {
  const workers = await findWorkers();
  return options.deploy ? makeForDeployment(workers, options) : makeForDevelopment(workers);
}

/** Those in the folder `workers`, or else one Worker that is all parties. */
async function findWorkers(): Promise<Worker[]> {
  const found: Worker[] = [];
  for (const party of WORKERS) {
    const folder = join('workers', party);
    if (await isConfigured(folder)) found.push({ name: party, folder, parties: [party] });
  }
  if (found.length > 0) return found;
  if (await isConfigured('.')) return [{ name: 'worker', folder: '.', parties: WORKERS }];
  throw new UsageError('There is neither a wrangler.toml here nor in workers/edge: cale secrets is for a project.');
}

const isConfigured = async (folder: string): Promise<boolean> =>
  (await missingOf(CONFIGURATIONS.map((name) => join(folder, name)))).length < CONFIGURATIONS.length;

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

async function makeForDeployment(workers: readonly Worker[], { user, organization }: SecretsOptions): Promise<void> {
  if (user === undefined) throw new UsageError('Who is the first user? --user NAME');
  if (user === '' || user.includes(':')) throw new UsageError('A user name has at least one character, and no colon.');
  const files = workers.map(({ name }) => join('secrets', `${name}.json`));
  if ((await missingOf(files)).length < files.length) {
    throw new UsageError('There are secrets in secrets/ already. Move them away to make others.');
  }
  const password = randomBytes(18).toString('base64url');
  const secrets = await createSecrets('CALE authority', {
    organization,
    users: { [user]: { password: hashPassword(password), scopes: ['read', 'write'] } },
    adminToken: randomBytes(32).toString('base64url'),
  });
  await mkdir('secrets', { recursive: true, mode: 0o700 });
  for (const worker of workers) {
    const text = `${JSON.stringify(secretsOf(worker, secrets), null, 2)}\n`;
    await writeFile(join('secrets', `${worker.name}.json`), text, { mode: 0o600, flag: 'wx' });
  }
  console.log(`Made in secrets/: an authority, keys, an administrator's token, and the user ${user}, with the password
${password}
It is kept nowhere else. Users stand in BASIC_USERS of secrets/${workers[0]?.name}.json.`);
}

async function missingOf(files: readonly string[]): Promise<string[]> {
  const there = await Promise.all(files.map(isThere));
  return files.filter((_, at) => !there[at]);
}
