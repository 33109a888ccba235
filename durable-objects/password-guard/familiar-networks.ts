/** The networks from which the right password came, in the storage of an object. */

import { encodeBase64 } from '../../shared/encoding/base64.ts';
import { utf8 } from '../../shared/encoding/bytes.ts';

const MAX_NETWORKS = 50;
const KEY = 'familiar';

export class FamiliarNetworks {
  readonly #storage: SyncKvStorage;
  /** Digests of networks, in the order of their last use. */
  #digests: readonly string[];

  /** Reading writes nothing: an object that never saw the right password stores nothing. */
  constructor(storage: SyncKvStorage) {
    this.#storage = storage;
    this.#digests = storage.get<string[]>(KEY) ?? [];
  }

  has(digest: string): boolean {
    return this.#digests.includes(digest);
  }

  /** Keeps a network, at most 50 of them: the one that was not used for the longest time goes. */
  add(digest: string): void {
    if (this.#digests.at(-1) === digest) return;
    this.#digests = [...this.#digests.filter((each) => each !== digest), digest].slice(-MAX_NETWORKS);
    this.#storage.put(KEY, this.#digests);
  }
}

/** The form in which a network is kept: base64 of its SHA-256. */
export async function digestOfNetwork(network: string): Promise<string> {
  return encodeBase64(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(network))));
}
