/** RSA keys: KeyTransRecipientInfo (RFC 5652 6.2.1) by RSAES-OAEP with SHA-256 and MGF1-SHA-256 (RFC 8017 A.2.1). */

import { RSA_ALGORITHM_IDENTIFIER } from '../../crypto/keys/rsa.ts';
import { concat, equal } from '../../encoding/bytes.ts';
import { DerError } from '../../encoding/der/error.ts';
import { SEQUENCE } from '../../encoding/der/tag.ts';
import {
  context,
  encode,
  implicit,
  NULL,
  objectIdentifier,
  octetString,
  type Part,
  sequence,
  smallInteger,
} from '../../encoding/der/writer.ts';
import type { RecipientInfo, RecipientType } from './recipient-type.ts';

export const ID_RSAES_OAEP = '1.2.840.113549.1.1.7';
export const ID_MGF1 = '1.2.840.113549.1.1.8';
export const ID_SHA256 = '2.16.840.1.101.3.4.2.1';

const oaep = (hash: Part): Uint8Array<ArrayBuffer> =>
  encode(
    sequence(
      objectIdentifier(ID_RSAES_OAEP),
      sequence(context(0, hash), context(1, sequence(objectIdentifier(ID_MGF1), hash))),
    ),
  );

const RSAES_OAEP_SHA256 = oaep(sequence(objectIdentifier(ID_SHA256), NULL));
/** SHA-256 without its NULL, which RFC 4055 2.1 asks readers to take as the same. */
const RSAES_OAEP_SHA256_BARE = oaep(sequence(objectIdentifier(ID_SHA256)));

const isOaepSha256 = (algorithmIdentifier: Uint8Array): boolean =>
  equal(algorithmIdentifier, RSAES_OAEP_SHA256) || equal(algorithmIdentifier, RSAES_OAEP_SHA256_BARE);

/** Version of a recipient named by subjectKeyIdentifier; 0 is that of one by issuer and serial number. */
const VERSION = smallInteger(2);
const VERSION_OF_ISSUER_AND_SERIAL_NUMBER = 0;
const KEY_IDENTIFIER_BYTES = 20;

const encodeInfo = (keyIdentifier: Uint8Array, encryptedKey: Uint8Array): Part =>
  sequence(VERSION, implicit(0, keyIdentifier), RSAES_OAEP_SHA256, octetString(encryptedKey));

export const RSA_OAEP: RecipientType<RecipientInfo> = {
  tag: SEQUENCE,
  keyUsage: 'keyEncipherment',
  keyAlgorithm: { name: 'RSA-OAEP', hash: 'SHA-256' },
  keyAlgorithmIdentifier: RSA_ALGORITHM_IDENTIFIER,
  publicKeyUsages: ['encrypt'],
  privateKeyUsage: 'decrypt',

  accepts: ({ algorithm }) => algorithm === 'RSA',

  async wrap({ key, keyIdentifier }, { bytes }, subtle, substitute) {
    const encrypted = await subtle.encrypt({ name: 'RSA-OAEP' }, key, substitute?.(bytes) ?? bytes);
    return encodeInfo(keyIdentifier, new Uint8Array(encrypted));
  },

  parse(info) {
    const fields = info.enter();
    const version = fields.smallInteger();
    const keyIdentifier = version === 2 ? fields.implicit(0) : undefined;
    if (keyIdentifier === undefined) {
      if (version !== VERSION_OF_ISSUER_AND_SERIAL_NUMBER) throw new DerError('version');
      fields.sequence();
    }
    const keyEncryptionAlgorithm = fields.wholeSequence().encoding;
    const encryptedKey = fields.octetString();
    fields.end();
    return { keyIdentifier, keyEncryptionAlgorithm, encryptedKey };
  },

  async unwrap({ keyEncryptionAlgorithm, encryptedKey }, key, { algorithm, keyBytes, extractable }, subtle) {
    if (!isOaepSha256(keyEncryptionAlgorithm)) throw new DerError('key transport not by RSAES-OAEP with SHA-256');
    const decrypted = new Uint8Array(await subtle.decrypt({ name: 'RSA-OAEP' }, key, encryptedKey));
    // WebKitGTK 2.50 leaves out zeros at the beginning, which every 256th key has.
    const zeros = new Uint8Array(Math.max(0, keyBytes - decrypted.length));
    const contentKey = concat([zeros, decrypted]);
    return subtle.importKey('raw', contentKey, algorithm, extractable, ['decrypt']);
  },

  length(key) {
    if (key.algorithm !== 'RSA') throw new TypeError('not an RSA key');
    return encodeInfo(new Uint8Array(KEY_IDENTIFIER_BYTES), new Uint8Array(key.modulus.length)).length;
  },
};
