/** A trial of a database of the browser: does it keep a key? Loaded on demand, before an account is registered. */

import type { UseStore } from 'idb-keyval';

const AES = { name: 'AES-GCM', length: 128 };

/**
 * Keeps a key, reads it back and uses it. Two pages may do so at once.
 * @throws what the platform throws; an Error when what was read back is no key.
 */
export async function probe(use: UseStore): Promise<void> {
  const { subtle } = crypto;
  const name = `probe ${crypto.getRandomValues(new Uint32Array(2)).join()}`;
  const made = await subtle.generateKey(AES, false, ['encrypt']);
  await change(use, (store) => store.put(made, name));
  try {
    const kept: unknown = await use('readonly', (store) => outcomeOf(store.get(name)));
    if (!(kept instanceof CryptoKey) || kept.extractable) throw new Error('a key does not come back as a key');
    await subtle.encrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, kept, new Uint8Array(1));
  } finally {
    await change(use, (store) => store.delete(name));
  }
}

/** @returns when the change is kept. */
const change = (use: UseStore, make: (store: IDBObjectStore) => unknown): Promise<void> =>
  use('readwrite', (store) => {
    make(store);
    const { transaction } = store;
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
  });

const outcomeOf = (request: IDBRequest): Promise<unknown> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
