/** The accounts of the user, and the passphrase of their keys. */

import { homedir } from 'node:os';
import { join } from 'node:path';
import type { AccountInfo } from '../account.ts';
import { CaleClient } from '../client.ts';
import { CaleError } from '../errors.ts';
import type { LoadOptions } from '../options.ts';
import { describeFileFault, type FileFault, FileKeyStore } from '../stores/file.ts';
import { askSecret } from './credentials.ts';
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

/**
 * @param isNew a passphrase that is chosen, and so asked for twice, and not empty.
 * @throws {UsageError}
 */
async function askPassphrase(isNew: boolean): Promise<string> {
  const given = process.env['CALE_PASSPHRASE'];
  if (given === undefined && !process.stdin.isTTY)
    throw new UsageError('There is no terminal to ask for the passphrase: set CALE_PASSPHRASE.');
  const passphrase = given ?? (await askSecret(isNew ? 'New passphrase for the key:' : 'Passphrase of the key:'));
  if (isNew && passphrase === '') throw new UsageError('The passphrase is empty: no key is stored under it.');
  if (isNew && given === undefined && (await askSecret('Once more:')) !== passphrase)
    throw new UsageError('The passphrases differ.');
  return passphrase;
}

interface StoreOptions {
  /** True when a passphrase is chosen. */
  readonly isNew?: boolean;
  readonly onForeignFile?: (path: string, fault: FileFault) => void;
}

/** Once asked for, it is good for this run: a renewal reads a key and writes another one. */
let passphraseOfRun: Promise<string> | undefined;

function passphraseOf(isNew: boolean): Promise<string> {
  if (isNew) return askPassphrase(true);
  passphraseOfRun ??= askPassphrase(false);
  return passphraseOfRun;
}

export const openStore = ({ isNew = false, onForeignFile }: StoreOptions = {}): FileKeyStore =>
  new FileKeyStore({
    directory: home(),
    passphrase: () => passphraseOf(isNew),
    ...(onForeignFile && { onForeignFile }),
  });

export interface FoundAccounts {
  readonly accounts: readonly AccountInfo[];
  /** Sentences on the files that were passed over, by their paths. */
  readonly passedOver: ReadonlyMap<string, string>;
}

/** All accounts. One file that is damaged or altered keeps no other from being used. */
export async function listAccounts(): Promise<FoundAccounts> {
  const passedOver = new Map<string, string>();
  const onForeignFile = (path: string, fault: FileFault) => passedOver.set(path, describeFileFault(path, fault));
  return { accounts: await openStore({ onForeignFile }).list(), passedOver };
}

/**
 * The account that a command is about.
 * @param edge may be left out where there is only one edge.
 * @throws {UsageError} when there is none, or it could be more than one.
 * @throws {CaleError} `storage` when its file was passed over.
 */
export async function findAccount(edge: string | undefined, name: string | undefined): Promise<AccountInfo> {
  const wanted = name ?? 'default';
  const origin = edge === undefined ? undefined : edgeOf(edge);
  const { accounts, passedOver } = await listAccounts();
  const found = accounts.filter((each) => each.name === wanted && (origin === undefined || each.edge === origin));
  const [account, ...others] = found;
  if (account === undefined) {
    const file = origin === undefined ? '' : openStore().pathOf({ edge: origin, name: wanted });
    const message = passedOver.get(file);
    if (message !== undefined) throw new CaleError('storage', { message });
    const where = origin === undefined ? 'here' : `with ${origin}`;
    const sentences = [...passedOver.values()].map((each) => ` ${each}`).join('');
    throw new UsageError(
      `There is no account ${wanted} ${where}: cale register ${origin ?? 'URL'} makes one.${sentences}`,
    );
  }
  if (others.length > 0)
    throw new UsageError(`There is more than one: --edge ${found.map((each) => each.edge).join(' or ')}?`);
  return account;
}

export async function loadClient(
  { edge, name }: AccountInfo,
  more: Pick<LoadOptions, 'autoRenew' | 'fetch' | 'sealRequests'> = {},
): Promise<CaleClient> {
  const client = await CaleClient.load({ edge, account: name, store: openStore(), ...more });
  if (client === undefined) throw new UsageError(`There is no account ${name} with ${edge}.`);
  return client;
}
