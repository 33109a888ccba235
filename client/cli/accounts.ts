/** The accounts of the user, and the passphrase of their keys. */

import { homedir } from 'node:os';
import { join } from 'node:path';
import { password } from '@inquirer/prompts';
import type { AccountInfo } from '../account.ts';
import { CaleClient } from '../client.ts';
import type { LoadOptions } from '../options.ts';
import { FileKeyStore } from '../stores/file.ts';
import { edgeOf } from './url.ts';
import { UsageError } from './usage-error.ts';

/** Options of nearly every command. */
export interface Common {
  readonly account?: string;
  readonly json?: boolean;
}

function home(): string {
  const { CALE_HOME, XDG_CONFIG_HOME, APPDATA } = process.env;
  return CALE_HOME || join(XDG_CONFIG_HOME || APPDATA || join(homedir(), '.config'), 'cale');
}

/** @param isNew a passphrase that is chosen, and so asked for twice. */
async function askPassphrase(isNew: boolean): Promise<string> {
  const given = process.env['CALE_PASSPHRASE'];
  if (given !== undefined) return given;
  if (!process.stdin.isTTY)
    throw new UsageError('There is no terminal to ask for the passphrase: set CALE_PASSPHRASE.');
  const passphrase = await askSecret(isNew ? 'New passphrase for the key:' : 'Passphrase of the key:');
  if (isNew && (await askSecret('Once more:')) !== passphrase) throw new UsageError('The passphrases differ.');
  return passphrase;
}

/**
 * Asks at the terminal; what is typed is not shown.
 * @throws {UsageError} when there is no terminal.
 */
export function askSecret(message: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw new UsageError(`There is no terminal at which to ask for it: ${message.slice(0, -1)}.`);
  const interrupted = () => {
    throw new UsageError('Nothing was done.');
  };
  return password({ message, mask: true }, { output: process.stderr }).catch(interrupted);
}

interface StoreOptions {
  /** True when a passphrase is chosen. */
  readonly isNew?: boolean;
  readonly onForeignFile?: (path: string) => void;
}

export const openStore = ({ isNew = false, onForeignFile }: StoreOptions = {}): FileKeyStore =>
  new FileKeyStore({
    directory: home(),
    passphrase: () => askPassphrase(isNew),
    ...(onForeignFile && { onForeignFile }),
  });

/**
 * The account that a command is about.
 * @param edge may be left out where there is only one edge.
 * @throws {UsageError} when there is none, or it could be more than one.
 */
export async function findAccount(edge: string | undefined, name: string | undefined): Promise<AccountInfo> {
  const wanted = name ?? 'default';
  const origin = edge === undefined ? undefined : edgeOf(edge);
  const foreign: string[] = [];
  const accounts = (await openStore({ onForeignFile: (path) => foreign.push(path) }).list()).filter(
    (account) => account.name === wanted && (origin === undefined || account.edge === origin),
  );
  const [account, ...others] = accounts;
  if (account === undefined) {
    const where = origin === undefined ? 'here' : `with ${origin}`;
    const passedOver = foreign.map((path) => ` ${path} is no account.`).join('');
    throw new UsageError(
      `There is no account ${wanted} ${where}: cale register ${origin ?? 'URL'} makes one.${passedOver}`,
    );
  }
  if (others.length > 0)
    throw new UsageError(`There is more than one: --edge ${accounts.map((each) => each.edge).join(' or ')}?`);
  return account;
}

export async function loadClient(
  { edge, name }: AccountInfo,
  more: Pick<LoadOptions, 'fetch' | 'sealRequests'> = {},
): Promise<CaleClient> {
  const client = await CaleClient.load({ edge, account: name, store: openStore(), ...more });
  if (client === undefined) throw new UsageError(`There is no account ${name} with ${edge}.`);
  return client;
}
