/** `cale secrets`: an authority, keys and users for a project of `cale init`. */

import { randomBytes } from 'node:crypto';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDevelopmentSecrets, createSecrets, type Secrets } from '../../scripts/development-secrets.ts';
import { hashPassword } from '../../scripts/scrypt-hash.ts';
import { UsageError } from './usage-error.ts';

const WORKERS = ['edge', 'authority', 'origin', 'resource'] as const;

export interface SecretsOptions {
  readonly deploy?: boolean;
  readonly user?: string;
  readonly organization: string;
}

/** @throws {UsageError} when this folder is not such a project, or has some of the files and not others. */
export async function makeSecrets(options: SecretsOptions): Promise<void> {
  for (const worker of WORKERS) {
    if (await isThere(join('workers', worker, 'wrangler.toml'))) continue;
    throw new UsageError(
      `There is no workers/${worker}/wrangler.toml here: cale secrets is for a project of cale init.`,
    );
  }
  return options.deploy ? makeForDeployment(options) : makeForDevelopment();
}

/** Where they are all there already, they stay. */
async function makeForDevelopment(): Promise<void> {
  const files = WORKERS.map((worker) => join('workers', worker, '.dev.vars'));
  const missing = await missingOf(files);
  if (missing.length === 0) return;
  if (missing.length < files.length) {
    throw new UsageError(`${missing.join(', ')} is missing, and must fit the others: remove every .dev.vars first.`);
  }
  const secrets = await createDevelopmentSecrets();
  for (const worker of WORKERS) {
    await writeFile(join('workers', worker, '.dev.vars'), formatVars(secrets[worker]), { mode: 0o600, flag: 'wx' });
  }
  console.log('Made for this machine, in .dev.vars: an authority, the users alice:wonderland and bob:builder.');
}

async function makeForDeployment({ user, organization }: SecretsOptions): Promise<void> {
  if (user === undefined) throw new UsageError('Who is the first user? --user NAME');
  if (user === '' || user.includes(':')) throw new UsageError('A user name has at least one character, and no colon.');
  const files = WORKERS.map((worker) => join('secrets', `${worker}.json`));
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
  for (const worker of WORKERS) {
    const text = `${JSON.stringify(secrets[worker], null, 2)}\n`;
    await writeFile(join('secrets', `${worker}.json`), text, { mode: 0o600, flag: 'wx' });
  }
  console.log(`Made in secrets/: an authority, keys, an administrator's token, and the user ${user}, with the password
${password}
It is kept nowhere else. Users stand in BASIC_USERS of secrets/edge.json.`);
}

async function missingOf(files: readonly string[]): Promise<string[]> {
  const there = await Promise.all(files.map(isThere));
  return files.filter((_, at) => !there[at]);
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** Lines of a .dev.vars file. No value holds a single quote. */
const formatVars = (vars: Secrets[keyof Secrets]): string =>
  Object.entries(vars)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join('');
