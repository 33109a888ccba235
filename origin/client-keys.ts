/** The keys of clients as WebCrypto has them: imported once for each client that is remembered. */

import type { Recipient } from '../shared/cms/recipients/recipient-type.ts';
import { importRecipient } from '../shared/cms/recipients/recipients.ts';
import type { PublicKey } from '../shared/crypto/keys/public-key.ts';
import { LruCache } from '../shared/crypto/lru-cache.ts';
import type { HttpSignatureAlgorithm } from '../shared/crypto/signatures/scheme.ts';

export interface ClientKeys {
  /** The key that answers are sealed for. @param identifier SubjectKeyIdentifier of the certificate. */
  recipient(key: PublicKey, identifier: Uint8Array<ArrayBuffer>): Promise<Recipient>;
  /** The key that verifies signatures by an algorithm. */
  verifier(key: PublicKey, algorithm: HttpSignatureAlgorithm): Promise<CryptoKey>;
}

interface ImportedKeys {
  recipient?: Recipient;
  /** By the name of the algorithm. */
  readonly verifiers: Map<string, CryptoKey>;
}

/** @param capacity number of clients whose keys stay imported. */
export function createClientKeys(capacity: number): ClientKeys {
  const cache = new LruCache<ImportedKeys>(capacity);
  const entryOf = ({ spki }: PublicKey): ImportedKeys => {
    const known = cache.get(spki);
    if (known !== undefined) return known;
    const entry: ImportedKeys = { verifiers: new Map() };
    cache.set(spki, entry);
    return entry;
  };
  return {
    async recipient(key, identifier) {
      const entry = entryOf(key);
      entry.recipient ??= await importRecipient(key, identifier);
      return entry.recipient;
    },
    async verifier(key, { keyAlgorithm }) {
      const { verifiers } = entryOf(key);
      const known = verifiers.get(keyAlgorithm.name);
      if (known !== undefined) return known;
      const verifier = await crypto.subtle.importKey('spki', key.spki, keyAlgorithm, false, ['verify']);
      verifiers.set(keyAlgorithm.name, verifier);
      return verifier;
    },
  };
}
