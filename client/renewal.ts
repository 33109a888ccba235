/**
 * Renewing an account: another key, registered by the one before it. Loaded on demand.
 *
 * The renewed account is kept before its credential is used, because from the first use on the one before it is revoked. So
 * a program that ends at any moment has one that is good.
 */

import { KEY_TYPE_NAMES, type KeyType } from '../shared/crypto/keys/key-types.ts';
import { REGISTRATION_PATH } from '../shared/protocol/endpoints.ts';
import { CALE_GUID, CALE_NONCE } from '../shared/protocol/headers.ts';
import { newNonce } from '../shared/protocol/nonce.ts';
import { type Account, accountKey, exclusively } from './account.ts';
import { generateDeviceKey } from './device-key.ts';
import { CaleError } from './errors.ts';
import { endOf, fetchDocument } from './exchange/document.ts';
import { CSR_FIELDS, sendCsr } from './exchange/register-key.ts';
import { Session } from './exchange/session.ts';
import { signRequest } from './exchange/sign-request.ts';
import type { Settings } from './options.ts';
import { isRenewalDue } from './renewal-due.ts';

/** @returns the renewed account, which is kept in place of the one before it. @throws {CaleError} */
export const renew = (settings: Settings, key: KeyType | undefined): Promise<Account> =>
  exclusively(settings.store, settings, async () => {
    const account = await storedAccount(settings);
    return account.isUnproved ? prove(account, settings) : renewAccount(account, settings, key);
  });

const HOUR_MS = 3_600_000;
/** When an account was last tried to be renewed, in milliseconds since 1970: in this program, or page. */
const tries = new Map<string, number>();

/**
 * Renews an account that is due, unless another page or program has done so. One try an hour.
 * @returns the account that is kept now; undefined when it was tried before.
 * @throws {CaleError}
 */
export async function renewWhenDue(settings: Settings): Promise<Account | undefined> {
  const name = accountKey(settings);
  if (Date.now() - (tries.get(name) ?? 0) < HOUR_MS) return undefined;
  tries.set(name, Date.now());
  return exclusively(settings.store, settings, async () => {
    const account = await storedAccount(settings);
    if (account.isUnproved) return prove(account, settings);
    return isRenewalDue(account, settings.platform.clock) ? renewAccount(account, settings) : account;
  });
}

/**
 * The account as another page or program has renewed it.
 * @returns undefined when none has, or when the account is another owner's now.
 * @throws {CaleError}
 */
export async function findRenewed(settings: Settings, { guid, owner }: Account): Promise<Account | undefined> {
  const infos = await settings.store.list();
  // A list asks for no passphrase.
  const info = infos.find((each) => accountKey(each) === accountKey(settings));
  if (info === undefined || info.guid === guid || info.owner !== owner) return undefined;
  const account = await storedAccount(settings);
  return account.isUnproved ? prove(account, settings) : account;
}

/**
 * Asks the authority for whom the account is.
 * @throws {CaleError} `not-trusted` when it is for another owner than before.
 */
export async function prove(account: Account, settings: Settings): Promise<Account> {
  const session = new Session(account, settings);
  const { owner } = await session.whoami();
  if (owner !== account.owner) {
    const message = `The edge renewed the key for ${owner}, and not for ${account.owner}.`;
    throw new CaleError('not-trusted', { message });
  }
  const { isUnproved, ...proved } = session.account;
  // Where the store cannot be told, it is asked once more when the account is loaded.
  await settings.store.update?.(proved).catch(() => undefined);
  return proved;
}

async function storedAccount({ store, edge, name }: Settings): Promise<Account> {
  const account = await store.get({ edge, name });
  if (account !== undefined) return account;
  throw new CaleError('storage', { message: `There is no account ${name} with ${edge} any more.` });
}

/** Within the lock of the store. */
async function renewAccount(account: Account, settings: Settings, key?: KeyType): Promise<Account> {
  const { edge, store, platform } = settings;
  const { owner, subject } = await identityOf(account, settings);
  await store.ready();
  const document = await fetchDocument(platform, edge);
  const made = await generateDeviceKey(key ?? keyTypeOf(account.key.key), subject, platform.subtle);
  try {
    const guid = await sendCsr(settings, made, await signedFields(account, settings, made.csr));
    const now = platform.clock.now();
    const { endsAt, ...rest } = account;
    const life = { registeredAt: now, ...endOf(document, now) };
    const renewed: Account = { ...rest, ...life, owner, subject, guid, key: made.key, isUnproved: true };
    await store.put(renewed, made.pkcs8);
    return await prove(renewed, settings);
  } finally {
    made.pkcs8.fill(0);
  }
}

/** The header fields of a CSR that the key before it signs, as it signs every write. */
async function signedFields(account: Account, { edge, platform }: Settings, csr: Uint8Array<ArrayBuffer>) {
  const nonce = newNonce(platform.clock.now(), platform.crypto);
  const named = { ...CSR_FIELDS, [CALE_NONCE]: nonce };
  const fields = Object.entries(named).map(([name, value]) => [name.toLowerCase(), value] as const);
  const message = { method: 'POST', targetUri: edge + REGISTRATION_PATH, fields };
  const signed = await signRequest(message, csr, account.key, platform.subtle);
  return new Headers([...signed.fields, [CALE_GUID, account.guid]] as [string, string][]);
}

/** Accounts of before they were kept have neither owner nor subject; the authority knows both. */
async function identityOf({ owner, subject, ...account }: Account, settings: Settings) {
  if (owner !== undefined && subject !== undefined) return { owner, subject };
  const found = await new Session(account, settings).whoami();
  return { owner: owner ?? found.owner, subject: subject ?? commonNameOf(found.device) };
}

/** @param device a name as RFC 4514 writes it. @returns its common name; empty where it is none, or has more. */
function commonNameOf(device: string): string {
  const [, escaped = ''] = /^CN=((?:\\.|[^\\,+])*)$/.exec(device) ?? [];
  return escaped.replace(/\\([0-9a-f]{2}|.)/g, (_, of: string) =>
    of.length === 2 ? String.fromCharCode(Number.parseInt(of, 16)) : of,
  );
}

function keyTypeOf({ algorithm }: CryptoKey): KeyType {
  const { namedCurve, modulusLength } = algorithm as { readonly namedCurve?: string; readonly modulusLength?: number };
  const name = namedCurve ?? `RSA-${modulusLength}`;
  return KEY_TYPE_NAMES.find((each) => each === name) ?? 'P-256';
}
