/** The secrets of each Worker: what is missing is made, what is there stays. */

import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createSecrets } from '../development-secrets.ts';
import { hashPassword } from '../scrypt-hash.ts';
import { ROOT } from '../workers.ts';
import { DeployError } from './error.ts';
import type { SecretsFolder } from './folder.ts';
import type { FirstUser, Party, Prepared, Project } from './project.ts';

type Secrets = Readonly<Record<string, string>>;

const STATE = 'state.json';
const ROOT_KEY = 'root-1.key';
const USERS = 'users.json';
const FIRST_USER = 'first-user.json';

/** @throws {DeployError} when there is no authority and none can be made, or no user is named. */
export function prepareSecrets(
  { workers }: Project,
  folder: SecretsFolder,
  organization: string,
  user: string | undefined,
): Prepared {
  const made: string[] = [];
  if (!folder.has(STATE)) made.push(makeAuthority(folder, organization));
  for (const [file, make] of Object.entries(RANDOM)) {
    if (!folder.has(file)) made.push(folder.write(file, make()));
  }
  if (!folder.has(USERS)) made.push(...makeFirstUser(folder, user));
  return { secrets: byWorker(workers, readSecrets(folder)), firstUser: parseFirstUser(folder.read(FIRST_USER)), made };
}

/** @returns secrets of a dry run: throw-away ones where there are none yet, and what would be made. Nothing is written. */
export async function imagineSecrets(
  { workers }: Project,
  folder: SecretsFolder,
  organization: string,
): Promise<Prepared> {
  const made = [
    ...(folder.has(STATE) ? [] : [join(folder.path, ROOT_KEY)]),
    ...Object.keys(RANDOM).flatMap((file) => (folder.has(file) ? [] : [join(folder.path, file)])),
    ...(folder.has(USERS) ? [] : [join(folder.path, FIRST_USER), join(folder.path, USERS)]),
  ];
  if (made.length === 0) return { secrets: byWorker(workers, readSecrets(folder)), firstUser: undefined, made };
  const users = { alice: { password: hashPassword(randomBytes(18).toString('base64url')), scopes: ['read', 'write'] } };
  const secrets = await createSecrets('CALE dry run', { organization, users, adminToken: randomPassword() });
  const gateway = { ...secrets.gateway, UPSTREAM_SECRET: randomPassword() };
  return { secrets: byWorker(workers, { ...secrets, gateway }), firstUser: undefined, made };
}

/**
 * The secrets of each Worker: those of its parties. The last party's are taken where two have one of a name: in one Worker the
 * certificates of the authority, which are published and among which are those that its origin trusts.
 */
export const byWorker = (
  workers: Project['workers'],
  secrets: Readonly<Record<Party, Secrets>>,
): Record<string, Record<string, string>> =>
  Object.fromEntries(
    workers.map(({ name, parties }) => [name, Object.assign({}, ...parties.map((party) => secrets[party]))]),
  );

const randomPassword = (): string => randomBytes(32).toString('base64url');
const RANDOM: Readonly<Record<string, () => string>> = {
  'decoy.secret': () => randomBytes(32).toString('base64'),
  'admin.token': randomPassword,
  'upstream.secret': randomPassword,
};

/** By the command, which asks for the passphrase of the root. @returns the name of the folder. */
function makeAuthority(folder: SecretsFolder, organization: string): string {
  const { status } = spawnSync(process.execPath, ['scripts/ca.ts', 'init', '--organization', organization], {
    cwd: ROOT,
    env: { ...process.env, CALE_SECRETS: folder.path },
    stdio: ['inherit', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new DeployError('The authority was not made, and nothing was deployed.');
  return join(folder.path, ROOT_KEY);
}

function makeFirstUser(folder: SecretsFolder, name: string | undefined): string[] {
  if (name === undefined) throw new DeployError('Who is the first user? --user NAME');
  if (name === '' || name.includes(':')) {
    throw new DeployError('A user name has at least one character, and no colon.');
  }
  const password = randomBytes(18).toString('base64url');
  const users = { [name]: { password: hashPassword(password), scopes: ['read', 'write'] } };
  return [
    folder.write(FIRST_USER, JSON.stringify({ name, password })),
    folder.write(USERS, JSON.stringify(users, null, 2)),
  ];
}

const parseFirstUser = (text: string | undefined): FirstUser | undefined =>
  text === undefined ? undefined : (JSON.parse(text) as FirstUser);

/** @throws {DeployError} when the folder is not whole. */
function readSecrets(folder: SecretsFolder): Readonly<Record<Party, Secrets>> {
  const read = (file: string): string => {
    const text = folder.read(file);
    if (text === undefined) throw new DeployError(`${join(folder.path, file)} is missing: put it back.`);
    return text;
  };
  const ofAuthority = (party: Party): Secrets => JSON.parse(read(`deploy/${party}.json`));
  return {
    resource: ofAuthority('resource'),
    origin: ofAuthority('origin'),
    gateway: { ...ofAuthority('gateway'), UPSTREAM_SECRET: read('upstream.secret') },
    authority: { ...ofAuthority('authority'), DECOY_SECRET: read('decoy.secret') },
    edge: { BASIC_USERS: compact(read(USERS)), ADMIN_TOKEN: read('admin.token') },
  };
}

/** Without spaces, of which a secret of five kilobytes has none to spare. */
const compact = (json: string): string => JSON.stringify(JSON.parse(json));
