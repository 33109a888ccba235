/** The commands on accounts: each its own function. */

import { readFile } from 'node:fs/promises';
import type { KeyType } from '../../shared/crypto/keys/key-types.ts';
import { isFieldValue } from '../../shared/protocol/headers.ts';
import { CaleClient } from '../client.ts';
import { askSecret, type Common, findAccount, loadClient, openStore } from './accounts.ts';
import { note, print, write, writeLine } from './output.ts';
import { edgeOf } from './url.ts';
import { UsageError } from './usage-error.ts';

export interface RegisterOptions extends Common {
  readonly basic?: string;
  readonly bearer?: string;
  readonly key: KeyType;
  readonly subject: string;
  readonly authority?: string;
  readonly owner?: string;
  readonly force?: boolean;
}

export async function register(url: string, options: RegisterOptions): Promise<void> {
  const edge = edgeOf(url);
  const { basic, bearer, account = 'default', key, subject } = options;
  if (basic === undefined && bearer === undefined)
    throw new UsageError('Who are you? --basic USER:PASS or --bearer TOKEN');
  const isTaken = (await openStore().list()).some((each) => each.edge === edge && each.name === account);
  if (isTaken && !options.force) {
    const ways = '--account NAME makes another one, --force puts a new key in its place';
    throw new UsageError(`There is an account ${account} with ${edge} already: ${ways}.`);
  }
  const authorization = basic === undefined ? `Bearer ${tokenOf(bearer ?? '', '--bearer')}` : await basicOf(basic);
  const client = await CaleClient.register({
    edge,
    account,
    authorization,
    key,
    subject,
    store: openStore({ isNew: true }),
    ...(options.authority !== undefined && { authority: await authorityOf(options.authority) }),
    ...(options.owner !== undefined && { owner: options.owner }),
  });
  await print({ edge: client.edge, account, owner: client.owner ?? '', key }, options);
}

/**
 * @param option that gave the token.
 * @throws {UsageError} without the token, when no header field can hold it.
 */
export function tokenOf(text: string, option: string): string {
  const token = text.trim();
  if (token !== '' && isFieldValue(token)) return token;
  const found = token === '' ? 'is empty' : 'holds a line end or another character of no token: was it wrapped?';
  throw new UsageError(`The token of ${option} ${found}`);
}

/** @param text a SHA-256 fingerprint, or the name of a file with a certificate in PEM. */
async function authorityOf(text: string): Promise<string> {
  if (/^[0-9a-fA-F:]{64,}$/.test(text)) return text;
  return readFile(text, 'utf8').catch(() => {
    throw new UsageError(`${text} is neither a SHA-256 fingerprint nor a file that can be read.`);
  });
}

/** @param user with the password behind a colon, or without: then it is asked for, and in no list of processes. */
async function basicOf(user: string): Promise<string> {
  const credentials = user.includes(':') ? user : `${user}:${await askSecret(`Password of ${user}:`)}`;
  return `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`;
}

export async function whoami(options: Common & { readonly edge?: string; readonly pem?: boolean }): Promise<void> {
  const client = await loadClient(await findAccount(options.edge, options.account));
  const { owner, organization, scopes, device, notBefore, notAfter, pem } = await client.whoami();
  if (options.pem) return write(pem);
  const validity = { notBefore: notBefore.toISOString(), notAfter: notAfter.toISOString() };
  if (options.json) return writeLine(JSON.stringify({ owner, organization, scopes, device, ...validity, pem }));
  return print({ owner, organization, scopes: scopes.join(' '), device, ...validity }, {});
}

export async function list(options: Common): Promise<void> {
  const onForeignFile = (path: string) => note(`${path} is no account, or cannot be read: it is passed over.`);
  const accounts = (await openStore({ onForeignFile }).list()).map(({ edge, name, guid, registeredAt }) => ({
    edge,
    account: name,
    guid,
    registeredAt: new Date(registeredAt).toISOString(),
  }));
  if (options.json) return writeLine(JSON.stringify(accounts));
  for (const each of accounts) await writeLine([each.edge, each.account, each.guid, each.registeredAt].join('  '));
  return undefined;
}

export async function forget(url: string, options: Common): Promise<void> {
  const { edge, name } = await findAccount(url, options.account);
  await openStore().delete({ edge, name });
  await print({ forgotten: edge, account: name }, options);
}
