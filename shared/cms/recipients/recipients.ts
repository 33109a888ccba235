/** The types of keys that content can be sealed for: one file a type, behind one table. */

import { KeyError } from '../../crypto/keys/parser.ts';
import { privateKeyAlgorithm } from '../../crypto/keys/private-key.ts';
import { keyIdentifier, type PublicKey } from '../../crypto/keys/public-key.ts';
import { equal } from '../../encoding/bytes.ts';
import { ECDH } from './ecdh.ts';
import type { Recipient, RecipientPrivateKey, RecipientType } from './recipient-type.ts';
import { RSA_OAEP } from './rsa-oaep.ts';

const TABLE: readonly RecipientType[] = [RSA_OAEP, ...ECDH];

/** The row of the table that a public key belongs to. */
export function recipientTypeOf(key: PublicKey): RecipientType {
  const type = TABLE.find((each) => each.accepts(key));
  if (type === undefined) throw new TypeError(`nothing can be sealed for ${key.keyType}`);
  return type;
}

/** The row of the table that a private key belongs to, by the algorithm that WebCrypto says it is for. */
export function recipientTypeOfPrivateKey({ algorithm }: CryptoKey): RecipientType {
  const { name, namedCurve } = algorithm as { readonly name: string; readonly namedCurve?: string };
  const type = TABLE.find(({ keyAlgorithm }) => keyAlgorithm.name === name && keyAlgorithm.namedCurve === namedCurve);
  if (type === undefined) throw new TypeError(`nothing is opened by a key for ${name}`);
  return type;
}

/**
 * @param identifier SubjectKeyIdentifier, where it is known already.
 * @throws what WebCrypto throws when the key is not a valid one of its type, such as a point off its curve.
 */
export async function importRecipient(
  key: PublicKey,
  identifier?: Uint8Array<ArrayBuffer>,
  subtle: SubtleCrypto = crypto.subtle,
): Promise<Recipient> {
  const type = recipientTypeOf(key);
  const imported = await subtle.importKey('spki', key.spki, type.keyAlgorithm, false, [...type.publicKeyUsages]);
  return { type, keyIdentifier: identifier ?? (await keyIdentifier(key, subtle)), key: imported };
}

/**
 * @param pkcs8 DER of the PrivateKeyInfo (RFC 5958 2).
 * @returns the private key, which cannot be exported.
 * @throws {KeyError} when it is of no accepted type.
 * @throws {DerError} when it is no PrivateKeyInfo.
 */
export async function importPrivateKey(
  identifier: Uint8Array,
  pkcs8: Uint8Array<ArrayBuffer>,
  subtle: SubtleCrypto,
): Promise<RecipientPrivateKey> {
  const algorithm = privateKeyAlgorithm(pkcs8);
  const type = TABLE.find(({ keyAlgorithmIdentifier }) => equal(keyAlgorithmIdentifier, algorithm));
  if (type === undefined) throw new KeyError('the private key is of no accepted type');
  const key = await subtle.importKey('pkcs8', pkcs8, type.keyAlgorithm, false, [type.privateKeyUsage]);
  return { keyIdentifier: identifier, key };
}
