/** The keys of this browser, one a user: made when it is first needed, and kept where the browser lets it be kept. */

import { CaleClient, IndexedDbKeyStore, type KeyStore, MemoryKeyStore } from '../../client/index.ts';
import { fetch } from './stage.ts';
import { basicOf, type User } from './users.ts';

const EDGE = location.origin;

const store = openStore();
const clients = new Map<User, CaleClient>();
/** GUIDs that this page revoked. Clients are not told of any. */
const revoked = new Set<string>();

/** Some browsers keep nothing in private windows: there the keys last as long as the page. */
async function openStore(): Promise<KeyStore> {
  const kept = new IndexedDbKeyStore();
  return kept.ready().then(
    () => kept,
    () => new MemoryKeyStore(),
  );
}

export async function accountOf(user: User) {
  return (await store).get({ edge: EDGE, name: user });
}

export const isRevoked = (guid: string): boolean => revoked.has(guid);

export function noteRevoked(guid: string): void {
  revoked.add(guid);
}

/** True where keys outlive the page. */
export const isKept = async (): Promise<boolean> => (await store) instanceof IndexedDbKeyStore;

/**
 * @returns the client of a user, by the key that is there, or else by one that is made and registered now.
 * @throws {CaleError}
 */
export async function clientOf(user: User): Promise<CaleClient> {
  const account = await accountOf(user);
  if (account === undefined || isRevoked(account.guid)) return register(user);
  const client = clients.get(user) ?? (await CaleClient.load({ edge: EDGE, account: user, store: await store, fetch }));
  if (client === undefined) return register(user);
  clients.set(user, client);
  return client;
}

/**
 * Makes a key, and registers it, in place of the one that is there.
 * @throws {CaleError}
 */
export async function register(user: User): Promise<CaleClient> {
  const client = await CaleClient.register({
    edge: EDGE,
    account: user,
    subject: 'a browser',
    authorization: basicOf(user),
    store: await store,
    fetch,
  });
  clients.set(user, client);
  return client;
}

/** Removes the key of a user from this browser. */
export async function forget(user: User): Promise<void> {
  clients.delete(user);
  await (await store).delete({ edge: EDGE, name: user });
}
