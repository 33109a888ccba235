/** A recipient of CMS: a public key ready for use, and the identifier by which its holder finds the message. */

import { Lately } from '../lately.ts';
import { encodeBase64 } from '../wire/base64.ts';
import { type Curve, keyIdentifier, readPublicKey } from './public-key.ts';

export type Recipient = {
  /** SubjectKeyIdentifier of the key. */
  readonly keyIdentifier: Uint8Array<ArrayBuffer>;
} & (
  | { readonly algorithm: 'RSA' /** For RSA-OAEP with SHA-256, `encrypt`. */; readonly key: CryptoKey }
  | { readonly algorithm: 'EC'; readonly curve: Curve /** For ECDH. */; readonly key: CryptoKey }
);

export const RSA_OAEP_SHA256 = { name: 'RSA-OAEP', hash: 'SHA-256' } as const;

/**
 * @param spki DER of the recipient's SubjectPublicKeyInfo.
 * @throws {TypeError} when the key is of no accepted type, or is not a valid one of its type.
 */
export async function importRecipient(spki: Uint8Array<ArrayBuffer>): Promise<Recipient> {
  const publicKey = readPublicKey(spki);
  if (publicKey === undefined) throw new TypeError('the key is of no accepted type');
  const identifier = await keyIdentifier(publicKey.bits);
  if (publicKey.algorithm === 'RSA') {
    const key = await crypto.subtle.importKey('spki', spki, RSA_OAEP_SHA256, false, ['encrypt']);
    return { algorithm: 'RSA', keyIdentifier: identifier, key };
  }
  const { curve } = publicKey;
  const key = await crypto.subtle.importKey('spki', spki, { name: 'ECDH', namedCurve: curve }, false, []);
  return { algorithm: 'EC', curve, keyIdentifier: identifier, key };
}

/** Recipients that answers were lately sealed for, by their keys. */
const recipients = new Lately<Recipient>(1000);

/** As {@link importRecipient}; keys that were lately asked for are not imported again. */
export async function recipientFor(spki: Uint8Array<ArrayBuffer>): Promise<Recipient> {
  const name = encodeBase64(spki);
  const known = recipients.get(name);
  if (known !== undefined) return known;
  const recipient = await importRecipient(spki);
  recipients.set(name, recipient);
  return recipient;
}
