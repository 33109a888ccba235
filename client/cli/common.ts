/** Shared by the commands: the place of keys, the question for a passphrase, and printing results. */

import { homedir } from 'node:os';
import { join } from 'node:path';
import { password } from '@inquirer/prompts';
import type { AccountInfo } from '../account.ts';
import { CaleClient } from '../client.ts';
import { FileKeyStore } from '../stores/file.ts';

/** Something that was asked for cannot be done as it was asked for. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface Common {
  readonly account?: string;
  readonly json?: boolean;
}

function home(): string {
  const { CALE_HOME, XDG_CONFIG_HOME, APPDATA } = process.env;
  return CALE_HOME ?? join(XDG_CONFIG_HOME ?? APPDATA ?? join(homedir(), '.config'), 'cale');
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

export const openStore = (isNew = false): FileKeyStore =>
  new FileKeyStore({ directory: home(), passphrase: () => askPassphrase(isNew) });

/** @throws {UsageError} when it is no URL of http or https. */
export function edgeOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) throw new UsageError(`${url} is no URL of an edge.`);
  return parsed.origin;
}

/**
 * The account that a command is about.
 * @param edge may be left out where there is only one edge.
 * @throws {UsageError} when there is none, or it could be more than one.
 */
export async function findAccount(edge: string | undefined, name: string | undefined): Promise<AccountInfo> {
  const wanted = name ?? 'default';
  const origin = edge === undefined ? undefined : edgeOf(edge);
  const accounts = (await openStore().list()).filter(
    (account) => account.name === wanted && (origin === undefined || account.edge === origin),
  );
  const [account, ...others] = accounts;
  if (account === undefined) {
    const where = origin === undefined ? 'here' : `with ${origin}`;
    throw new UsageError(`There is no account ${wanted} ${where}: cale register makes one.`);
  }
  if (others.length > 0)
    throw new UsageError(`There is more than one: --edge ${accounts.map((each) => each.edge).join(' or ')}?`);
  return account;
}

export async function loadClient({ edge, name }: AccountInfo, fetcher = fetch): Promise<CaleClient> {
  const client = await CaleClient.load({ edge, account: name, store: openStore(), fetch: fetcher });
  if (client === undefined) throw new UsageError(`There is no account ${name} with ${edge}.`);
  return client;
}

/** One line for each member, or JSON. */
export function print(value: Record<string, string>, { json }: Common): void {
  if (json) console.log(JSON.stringify(value));
  else for (const [name, text] of Object.entries(value)) console.log(`${name}: ${text}`);
}

/** The bytes as they are, all of them written when it returns. */
export function write(bytes: Uint8Array | string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

/** A body: to a terminal with a line end behind it, since npx erases a last line that has none. */
export async function writeBody(body: Uint8Array): Promise<void> {
  await write(body);
  if (process.stdout.isTTY && body.length > 0 && body.at(-1) !== 0x0a) await write('\n');
}
