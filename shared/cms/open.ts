/** Opening a sealed answer with the key that it was sealed for. Strict: the algorithms of the table alone. */

import { equal } from '../bytes.ts';
import { DerError, DerReader } from '../der/read.ts';
import type { Curve } from '../keys/public-key.ts';
import { type ContentAlgorithm, readContentAlgorithm, webCryptoName } from './content-algorithm.ts';
import { decryptContent, needsKeyOctets } from './decrypt-content.ts';
import { agreeOnKey, importPoint, wrapKeyOctetsOf } from './key-agreement.ts';
import { isOaepSha256 } from './key-transport.ts';
import { parseEnveloped, type RecipientInfo } from './parse.ts';

export type RecipientPrivateKey = {
  /** SubjectKeyIdentifier of the public key. */
  readonly keyIdentifier: Uint8Array;
} & (
  | { readonly algorithm: 'RSA' /** For RSA-OAEP with SHA-256, `decrypt`. */; readonly key: CryptoKey }
  | { readonly algorithm: 'EC'; readonly curve: Curve /** For ECDH, `deriveBits`. */; readonly key: CryptoKey }
);

/**
 * The message could not be opened. A decoy, an altered answer and an answer for somebody else are the same error, on
 * purpose: who could tell them apart would learn something.
 */
export class OpenError extends Error {
  override name = 'OpenError';
  constructor() {
    super('The answer cannot be opened with this key.');
  }
}

/**
 * @param message DER of a ContentInfo.
 * @param subtle the WebCrypto that the recipient's key is of.
 * @returns the content.
 * @throws {OpenError} whatever the reason.
 */
export async function open(
  message: Uint8Array<ArrayBuffer>,
  recipient: RecipientPrivateKey,
  subtle: SubtleCrypto = crypto.subtle,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await openOrThrow(message, recipient, subtle);
  } catch {
    throw new OpenError();
  }
}

async function openOrThrow(
  message: Uint8Array<ArrayBuffer>,
  recipient: RecipientPrivateKey,
  subtle: SubtleCrypto,
): Promise<Uint8Array<ArrayBuffer>> {
  const { type, recipients, contentEncryptionAlgorithm, encryptedContent, mac } = parseEnveloped(message);
  const { algorithm, nonce } = readContentAlgorithm(new DerReader(contentEncryptionAlgorithm));
  const expectedType = algorithm.tagOctets === 0 ? 'EnvelopedData' : 'AuthEnvelopedData';
  if (type !== expectedType || mac.length !== algorithm.tagOctets) throw new DerError('algorithm of the other type');
  const info = recipients.find(
    ({ keyIdentifier }) => keyIdentifier !== undefined && equal(keyIdentifier, recipient.keyIdentifier),
  );
  if (info === undefined) throw new DerError('not among the recipients');
  const key = await decryptKey(info, recipient, algorithm, subtle);
  if ((key.algorithm as unknown as AesKeyAlgorithm).length !== algorithm.keyOctets * 8)
    throw new DerError('key of another length');
  return decryptContent(algorithm, key, nonce, encryptedContent, mac, subtle);
}

interface AesKeyAlgorithm {
  /** Bits. */
  readonly length: number;
}

/** The content-encryption key, as {@link decryptContent} wants it. */
async function decryptKey(
  info: RecipientInfo,
  recipient: RecipientPrivateKey,
  algorithm: ContentAlgorithm,
  subtle: SubtleCrypto,
): Promise<CryptoKey> {
  const name = webCryptoName(algorithm);
  const isExtractable = needsKeyOctets(algorithm);
  if (recipient.algorithm === 'RSA') {
    if (info.type !== 'KeyTransRecipientInfo' || !isOaepSha256(info.keyEncryptionAlgorithm)) {
      throw new DerError('key transport not by RSAES-OAEP with SHA-256');
    }
    const key = await subtle.decrypt({ name: 'RSA-OAEP' }, recipient.key, info.encryptedKey);
    return subtle.importKey('raw', key, name, isExtractable, ['decrypt']);
  }
  const { curve } = recipient;
  if (info.type !== 'KeyAgreeRecipientInfo') throw new DerError('not by key agreement');
  const wrapKeyOctets = wrapKeyOctetsOf(curve, info.keyEncryptionAlgorithm);
  if (wrapKeyOctets !== algorithm.keyOctets)
    throw new DerError('key agreement not the one of the curve and the cipher');
  const ephemeral = await importPoint(curve, info.originatorPoint, subtle);
  const wrappingKey = await agreeOnKey(curve, recipient.key, ephemeral, wrapKeyOctets, 'unwrapKey', subtle);
  return subtle.unwrapKey('raw', info.encryptedKey, wrappingKey, 'AES-KW', name, isExtractable, ['decrypt']);
}
