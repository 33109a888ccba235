/** For stores of an application's own. */

import type { AccountKey } from './account.ts';

/**
 * Makes the key of an account again from what a store was given by `put`.
 * @param keyIdentifier SubjectKeyIdentifier of the account's key.
 * @param pkcs8 DER of the PrivateKeyInfo.
 * @param subtle that of the option `crypto`, where the client has one.
 * @throws {EncodingError} when it is no private key of an accepted type.
 */
export const importAccountKey = async (
  keyIdentifier: Uint8Array,
  pkcs8: Uint8Array<ArrayBuffer>,
  subtle: SubtleCrypto = crypto.subtle,
): Promise<AccountKey> => (await import('./on-demand.ts')).importAccountKey(keyIdentifier, pkcs8, subtle);
