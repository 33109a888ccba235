/** The commands on accounts: each its own function. */

import { readFile } from 'node:fs/promises';
import type { KeyType } from '../../shared/crypto/keys/key-types.ts';
import { CaleClient } from '../client.ts';
import { type Common, findAccount, listAccounts, loadClient, openStore } from './accounts.ts';
import { type ProofOptions, readProof } from './credentials.ts';
import { note, print, writeLine } from './output.ts';
import { edgeForSecrets } from './url.ts';
import { UsageError } from './usage-error.ts';

export interface RegisterOptions extends Common, ProofOptions {
  readonly key: KeyType;
  readonly subject: string;
  readonly authority?: string;
  readonly owner?: string;
  readonly force?: boolean;
}

export async function register(url: string, options: RegisterOptions): Promise<void> {
  const edge = edgeForSecrets(url);
  const { account = 'default', key, subject } = options;
  if (!options.force) await assertFree(edge, account);
  const authorization = await readProof(options);
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

/** @throws {UsageError} when there is an account of the name, or a file in its place. */
async function assertFree(edge: string, name: string): Promise<void> {
  const { accounts, passedOver } = await listAccounts();
  const fault = passedOver.get(openStore().pathOf({ edge, name }));
  if (fault === undefined && !accounts.some((each) => each.edge === edge && each.name === name)) return;
  const ways = '--account NAME makes another one, --force puts a new key in its place';
  throw new UsageError(
    `There is an account ${name} with ${edge} already: ${ways}.${fault === undefined ? '' : ` ${fault}`}`,
  );
}

/** @param text a SHA-256 fingerprint, or the name of a file with a certificate in PEM. */
async function authorityOf(text: string): Promise<string> {
  if (/^[0-9a-fA-F:]{64,}$/.test(text)) return text;
  return readFile(text, 'utf8').catch(() => {
    throw new UsageError(`${text} is neither a SHA-256 fingerprint nor a file that can be read.`);
  });
}

export async function whoami(options: Common & { readonly edge?: string; readonly pem?: boolean }): Promise<void> {
  const client = await loadClient(await findAccount(options.edge, options.account));
  const { owner, organization, scopes, device, notBefore, notAfter, pem } = await client.whoami();
  if (options.pem) {
    // Around the certificate the answer may have any text.
    for (const line of pem.trimEnd().split(/\r?\n/)) await writeLine(line);
    return undefined;
  }
  const validity = { notBefore: notBefore.toISOString(), notAfter: notAfter.toISOString() };
  if (options.json) return writeLine(JSON.stringify({ owner, organization, scopes, device, ...validity, pem }));
  return print({ owner, organization, scopes: scopes.join(' '), device, ...validity }, {});
}

export async function list(options: Common): Promise<void> {
  const found = await listAccounts();
  for (const sentence of found.passedOver.values()) note(`${sentence} It is passed over.`);
  const accounts = found.accounts.map(({ edge, name, guid, registeredAt, endsAt }) => ({
    edge,
    account: name,
    guid,
    registeredAt: new Date(registeredAt).toISOString(),
    ...(endsAt !== undefined && { endsAt: new Date(endsAt).toISOString() }),
  }));
  if (options.json) return writeLine(JSON.stringify(accounts));
  for (const each of accounts) await writeLine([each.edge, each.account, each.guid, each.registeredAt].join('  '));
  return undefined;
}
