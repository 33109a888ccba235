/** RSAES-OAEP with SHA-256 and MGF1-SHA-256 as CMS names it (RFC 8017 A.2.1, RFC 5652 6.2.1). */

import { equal } from '../bytes.ts';
import { encodedOid, ID_MGF1, ID_RSAES_OAEP, ID_SHA256 } from '../der/oids.ts';
import {
  context,
  contextPrimitive,
  encode,
  NULL,
  octetString,
  type Part,
  sequence,
  smallInteger,
} from '../der/write.ts';

const SHA256 = sequence(encodedOid(ID_SHA256), NULL);
const SHA256_BARE = sequence(encodedOid(ID_SHA256));

const oaep = (hash: Part): Uint8Array<ArrayBuffer> =>
  encode(
    sequence(encodedOid(ID_RSAES_OAEP), sequence(context(0, hash), context(1, sequence(encodedOid(ID_MGF1), hash)))),
  );

const RSAES_OAEP_SHA256 = oaep(SHA256);
/** SHA-256 without its NULL, which RFC 4055 2.1 asks readers to take as the same. */
const RSAES_OAEP_SHA256_BARE = oaep(SHA256_BARE);

/** True when the KeyEncryptionAlgorithmIdentifier is RSAES-OAEP with SHA-256 throughout and no label. */
export function isOaepSha256(algorithmIdentifier: Uint8Array): boolean {
  return equal(algorithmIdentifier, RSAES_OAEP_SHA256) || equal(algorithmIdentifier, RSAES_OAEP_SHA256_BARE);
}

const VERSION_2 = smallInteger(2);

/** KeyTransRecipientInfo for a recipient by subjectKeyIdentifier. */
export function encodeKeyTransRecipientInfo(keyIdentifier: Uint8Array, encryptedKey: Uint8Array): Part {
  return sequence(VERSION_2, contextPrimitive(0, keyIdentifier), RSAES_OAEP_SHA256, octetString(encryptedKey));
}
