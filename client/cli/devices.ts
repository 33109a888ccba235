/** `cale devices`, `cale renew` and `cale forget`: the credentials of the user, and the end of one. */

import type { KeyType } from '../../shared/crypto/keys/key-types.ts';
import { CaleClient } from '../client.ts';
import type { CredentialInfo } from '../credential-info.ts';
import { type Common, findAccount, loadClient, openStore } from './accounts.ts';
import { type ProofOptions, readProof } from './credentials.ts';
import { print, writeLine } from './output.ts';
import { edgeForSecrets } from './url.ts';
import { UsageError } from './usage-error.ts';

export interface DevicesOptions extends Common, ProofOptions {
  readonly edge?: string;
  readonly revoke?: string;
}

/** Lists the credentials, or revokes one. */
export async function devices(options: DevicesOptions): Promise<void> {
  const { revoke: id, json } = options;
  if (id !== undefined) {
    if (!(await revokeOne(id, options))) throw new UsageError(`There is no credential ${id} of yours that is valid.`);
    return print({ revoked: id }, options);
  }
  if (isProof(options)) throw new UsageError('A password or a token is for --revoke ID. The list takes a key.');
  const client = await loadClient(await findAccount(options.edge, options.account));
  const credentials = await client.credentials();
  if (json) return writeLine(JSON.stringify(credentials));
  for (const each of credentials) await writeLine(describeCredential(each));
  return undefined;
}

/** By the account's key; by a proof of identity for those who have no key any more. */
async function revokeOne(id: string, options: DevicesOptions): Promise<boolean> {
  if (!/^[\w-]+$/.test(id)) throw new UsageError(`${id} is no id: cale devices lists them.`);
  if (!isProof(options)) return (await loadClient(await findAccount(options.edge, options.account))).revoke(id);
  if (options.edge === undefined) throw new UsageError('With whom? --edge URL');
  const edge = edgeForSecrets(options.edge);
  return CaleClient.revokeByProof({ edge, id, authorization: await readProof(options) });
}

const isProof = ({ basic, bearer, passwordStdin, tokenStdin }: ProofOptions): boolean =>
  [basic, bearer, passwordStdin, tokenStdin].some((each) => each !== undefined);

/** A credential on one line. */
export function describeCredential(credential: CredentialInfo): string {
  const { id, keyType, registeredAt, lastUsedOn, device, isCurrent } = credential;
  const used = lastUsedOn === undefined ? 'not used' : `used ${lastUsedOn}`;
  const columns = [id, keyType, `registered ${dayOf(registeredAt)}`, used, stateOf(credential), device];
  return [...columns, ...(isCurrent ? ['(this one)'] : [])].join('  ');
}

function stateOf({ endsAt, revokedAt }: CredentialInfo): string {
  if (revokedAt !== undefined) return `revoked ${dayOf(revokedAt)}`;
  if (endsAt === undefined) return 'valid';
  return endsAt.getTime() < Date.now() ? `ended ${dayOf(endsAt)}` : `valid until ${dayOf(endsAt)}`;
}

/** In UTC. A date that is none, in the answer of an edge, is no reason to fail. */
const dayOf = (date: Date): string => (Number.isNaN(date.getTime()) ? '?' : date.toISOString().slice(0, 10));

export async function renew(options: Common & { readonly edge?: string; readonly key?: KeyType }): Promise<void> {
  const client = await loadClient(await findAccount(options.edge, options.account), { autoRenew: false });
  await client.renew(options.key && { key: options.key });
  const { keyType = '' } = (await client.credentials()).find(({ isCurrent }) => isCurrent) ?? {};
  await print({ renewed: client.edge, account: options.account ?? 'default', key: keyType }, options);
}

export async function forget(url: string, options: Common & { readonly revoke?: boolean }): Promise<void> {
  const account = await findAccount(url, options.account);
  const { edge, name } = account;
  if (options.revoke) await (await loadClient(account, { autoRenew: false })).forget({ revoke: true });
  else await openStore().delete({ edge, name });
  await print({ forgotten: edge, account: name, ...(options.revoke && { revoked: 'yes' }) }, options);
}
