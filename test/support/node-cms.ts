/** Opening CMS with pkijs for its structure and node:crypto for every step of RFC 5753, 5083, 5084 and 8103. */

import {
  type CipherGCMTypes,
  constants,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  type DecipherGCM,
  diffieHellman,
  privateDecrypt,
} from 'node:crypto';
import { type BitString, OctetString, type Sequence } from 'asn1js';
import { ContentInfo, EncryptedContentInfo, KeyAgreeRecipientInfo, KeyTransRecipientInfo, RecipientInfo } from 'pkijs';
import type { ContentEncryptionName } from '../../shared/cms/content-encryption.ts';
import type { Curve } from '../../shared/crypto/keys/ec.ts';

const CIPHERS: Record<ContentEncryptionName, readonly [cipher: string, keyBytes: 16 | 32]> = {
  'AES-128-GCM': ['aes-128-gcm', 16],
  'AES-256-GCM': ['aes-256-gcm', 32],
  'ChaCha20-Poly1305': ['chacha20-poly1305', 32],
  'AES-128-CBC': ['aes-128-cbc', 16],
  'AES-256-CBC': ['aes-256-cbc', 32],
};

/** ECC-CMS-SharedInfo (RFC 5753 7.2): id-aes128-wrap and 128 bits, id-aes256-wrap and 256 bits. */
const SHARED_INFOS = {
  16: Buffer.from('3015300b0609608648016503040105a206040400000080', 'hex'),
  32: Buffer.from('3015300b060960864801650304012da206040400000100', 'hex'),
};
const WRAPS = { 16: 'id-aes128-wrap', 32: 'id-aes256-wrap' };
const KDF_HASHES: Record<Curve, string> = { 'P-256': 'sha256', 'P-384': 'sha384', 'P-521': 'sha512' };

/** A key in the encodings that node:crypto takes. */
export interface NodeKey {
  /** A curve, or `RSA-` and the size of the modulus. */
  readonly keyType: string;
  /** DER of the SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** DER of the PrivateKeyInfo. */
  readonly pkcs8: Uint8Array;
}

/** @throws when it cannot be opened. */
export function openByNodeCrypto(
  key: NodeKey,
  encryption: ContentEncryptionName,
  der: Uint8Array<ArrayBuffer>,
): Buffer {
  const [cipher, keyBytes] = CIPHERS[encryption];
  // EnvelopedData and AuthEnvelopedData begin alike (RFC 5652 6.1, RFC 5083 2.1); what follows in the latter is the tag.
  const [, recipients, encrypted, mac] = childrenOf(ContentInfo.fromBER(der).content);
  const info = new EncryptedContentInfo({ schema: encrypted });
  const contentKey = recoverAnyKey(key, childrenOf(recipients), keyBytes);
  const parameters: unknown = info.contentEncryptionAlgorithm.algorithmParams;
  const nonce = parameters instanceof OctetString ? parameters : childrenOf(parameters)[0];
  const isAead = !cipher.endsWith('cbc');
  const decipher = createDecipheriv(cipher as CipherGCMTypes, contentKey, bytesOf(nonce), {
    ...(isAead && { authTagLength: 16 }),
  }) as DecipherGCM;
  // No attributes, and so no additional authenticated data (RFC 5083 2.2).
  if (isAead) decipher.setAuthTag(bytesOf(mac));
  return Buffer.concat([decipher.update(Buffer.from(info.getEncryptedContent())), decipher.final()]);
}

/** Tries the key on each recipient: identifiers are not compared here. */
function recoverAnyKey(key: NodeKey, recipients: readonly unknown[], keyBytes: 16 | 32): Buffer {
  let fault: unknown = new Error('no recipient');
  for (const schema of recipients) {
    try {
      return recoverKey(key, new RecipientInfo({ schema }), keyBytes);
    } catch (error) {
      fault = error;
    }
  }
  throw fault;
}

const childrenOf = (block: unknown): unknown[] => (block as Sequence).valueBlock.value;

function bytesOf(block: unknown): Buffer {
  if (!(block instanceof OctetString)) throw new Error('no OCTET STRING');
  return Buffer.from(block.getValue());
}

function recoverKey({ keyType, pkcs8, spki }: NodeKey, { value }: RecipientInfo, keyBytes: 16 | 32): Buffer {
  const privateKey = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
  if (keyType.startsWith('RSA')) {
    if (!(value instanceof KeyTransRecipientInfo)) throw new Error('not by key transport');
    const options = { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
    return privateDecrypt(options, bytesOf(value.encryptedKey));
  }
  if (!(value instanceof KeyAgreeRecipientInfo)) throw new Error('not by key agreement');
  // The message says only the originator's point: its curve is the recipient's, and what precedes it in its SPKI too.
  const point = (value.originator.value as { publicKey: BitString }).publicKey.valueBlock.valueHexView;
  const originator = Buffer.concat([spki.subarray(0, spki.length - point.length), point]);
  const publicKey = createPublicKey({ key: originator, format: 'der', type: 'spki' });
  const secret = diffieHellman({ privateKey, publicKey });
  const kdfInput = Buffer.concat([secret, Buffer.from([0, 0, 0, 1]), SHARED_INFOS[keyBytes]]);
  const wrapKey = createHash(KDF_HASHES[keyType as Curve])
    .update(kdfInput)
    .digest()
    .subarray(0, keyBytes);
  // The initial value of RFC 3394 2.2.3.1.
  const unwrap = createDecipheriv(WRAPS[keyBytes], wrapKey, Buffer.alloc(8, 0xa6));
  const wrapped = bytesOf(value.recipientEncryptedKeys.encryptedKeys[0]?.encryptedKey);
  return Buffer.concat([unwrap.update(wrapped), unwrap.final()]);
}
