/** The names that GUIDs and owners have in the log: keyed hashes, the same each time. */

import { encodeBase64Url } from '../../shared/encoding/base64.ts';
import { utf8 } from '../../shared/encoding/bytes.ts';
import { deriveDecoyBytes, importDecoySecret } from './decoys/secret.ts';

const KEY_BYTES = 32;
/** Enough that two clients do not share a name. */
const NAME_BYTES = 12;

/** Makes the names of one authority. Without its secret no name leads back to a GUID or an owner. */
export class LogNames {
  readonly #secret: Uint8Array<ArrayBuffer>;
  #key: Promise<CryptoKey> | undefined;

  /** @param decoySecret of the authority, from which the key of the names is derived. */
  constructor(decoySecret: Uint8Array<ArrayBuffer>) {
    this.#secret = decoySecret;
  }

  /** @returns 16 characters of base64url: HMAC-SHA-256, cut off. */
  async nameOf(kind: 'guid' | 'owner', text: string): Promise<string> {
    this.#key ??= importNameKey(this.#secret);
    const hash = await crypto.subtle.sign('HMAC', await this.#key, utf8(`${kind} ${text}`));
    return encodeBase64Url(new Uint8Array(hash, 0, NAME_BYTES));
  }
}

async function importNameKey(decoySecret: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const key = await deriveDecoyBytes(await importDecoySecret(decoySecret), 'names in the log', '', KEY_BYTES);
  return crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
}
