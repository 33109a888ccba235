/** The step about the key: what the browser has, and that it does not give it away. */

import { accountOf, forget, isKept, isRevoked } from './accounts.ts';
import { byId } from './elements.ts';
import { clearStage, say } from './stage.ts';
import type { User } from './users.ts';

/** Says what is there. */
export async function describeKey(user: User): Promise<void> {
  const guid = (await accountOf(user))?.guid;
  byId('guid').textContent = guid ?? 'none yet';
  byId('revoked').hidden = guid === undefined || !isRevoked(guid);
  const place = (await isKept())
    ? 'by this browser’s IndexedDB: reload the page, and it is still there'
    : 'by this page';
  byId('kept').textContent = guid === undefined ? 'none yet' : `P-256, kept ${place}`;
}

/** Shows what the browser says to everyone who wants the key, this page included. */
export async function tryToExport(user: User): Promise<void> {
  const key = (await accountOf(user))?.key.key;
  byId('exported').textContent = key === undefined ? 'There is no key.' : await outcomeOfExport(key);
}

const outcomeOfExport = (key: CryptoKey): Promise<string> =>
  crypto.subtle.exportKey('pkcs8', key).then(
    () => 'The key came out.',
    (error: Error) => `The browser refuses: ${error.name}: ${error.message}.`,
  );

export async function forgetKey(user: User): Promise<void> {
  await forget(user);
  clearStage();
  say(`${user}’s key is gone. The next question makes a new one.`);
}
