/** The secret that decoys are derived from. */

import { parseBase64 } from '../../../shared/encoding/base64.ts';
import { utf8 } from '../../../shared/encoding/bytes.ts';
import { EncodingError } from '../../../shared/encoding/error.ts';

const MIN_SECRET_BYTES = 32;

/**
 * @param text base64 of at least 32 random bytes.
 * @throws {EncodingError} when it is not.
 */
export function parseDecoySecret(text: string): Uint8Array<ArrayBuffer> {
  const secret = parseBase64(text);
  if (secret.length < MIN_SECRET_BYTES) throw new EncodingError(`it has fewer than ${MIN_SECRET_BYTES} bytes`);
  return secret;
}

/** HKDF key made of the secret. */
export type DecoySecret = CryptoKey;

export const importDecoySecret = (secret: Uint8Array<ArrayBuffer>): Promise<DecoySecret> =>
  crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);

/**
 * @param label the purpose of the bytes; another label gives unrelated ones.
 * @param name such as a GUID.
 * @returns bytes that are the same each time, and cannot be told from random ones without the secret.
 */
export async function deriveDecoyBytes(
  secret: DecoySecret,
  label: string,
  name: string,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: utf8(`cale decoy ${label}`), info: utf8(name) };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, secret, length * 8));
}
