/** Opening a sealed message with the key that it was sealed for. Strict: only the algorithms of the tables. */

import { equal } from '../encoding/bytes.ts';
import { DerError } from '../encoding/der/error.ts';
import type { Element } from '../encoding/der/reader.ts';
import { isPlatformError } from '../encoding/error.ts';
import { type ContentEncryption, parseContentEncryption } from './content-encryption.ts';
import { type EnvelopedMessage, parseEnvelopedMessage } from './enveloped-data.ts';
import type { RecipientInfo, RecipientPrivateKey, RecipientType } from './recipients/recipient-type.ts';
import { recipientTypeOfPrivateKey } from './recipients/recipients.ts';

/**
 * The message could not be opened. A decoy, an altered message and a message for somebody else give the same error on
 * purpose, because an attacker could learn from a difference.
 */
export class OpenError extends Error {
  override name = 'OpenError';
  constructor() {
    super('The answer cannot be opened with this key.');
  }
}

export interface OpenOptions {
  /**
   * True to open content that is not authenticated too (EnvelopedData with AES-CBC): for callers that verify a signature
   * in it and give one error for every fault, because it can be altered, and answers on altered content read it
   * (draft 1.6; Vaudenay, EUROCRYPT 2002).
   */
  readonly allowUnauthenticated?: boolean;
  /** The WebCrypto that the recipient's key is of. */
  readonly subtle?: SubtleCrypto;
}

/** A message that was opened. */
export interface Opened {
  readonly content: Uint8Array<ArrayBuffer>;
  /** False for content that can have been altered. */
  readonly isAuthenticated: boolean;
}

/**
 * @param message DER of a ContentInfo.
 * @returns the content.
 * @throws {OpenError} for every reason that lies in message or key; what the platform throws when it lacks something.
 */
export async function open(
  message: Uint8Array<ArrayBuffer>,
  privateKey: RecipientPrivateKey,
  options: OpenOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  return (await openMessage(message, privateKey, options)).content;
}

/** As {@link open}, and tells whether the content is authenticated. */
export async function openMessage(
  message: Uint8Array<ArrayBuffer>,
  privateKey: RecipientPrivateKey,
  options: OpenOptions = {},
): Promise<Opened> {
  try {
    return await openOrThrow(message, privateKey, options);
  } catch (error) {
    throw isPlatformError(error) ? error : new OpenError();
  }
}

async function openOrThrow(
  message: Uint8Array<ArrayBuffer>,
  { key, keyIdentifier }: RecipientPrivateKey,
  { allowUnauthenticated = false, subtle = crypto.subtle }: OpenOptions,
): Promise<Opened> {
  const type = recipientTypeOfPrivateKey(key);
  const { isAuthenticated, recipientInfos, contentEncryptionAlgorithm, encrypted } = parseEnvelopedMessage(message);
  const { encryption, nonce } = parseContentEncryption(contentEncryptionAlgorithm);
  if (isAuthenticated !== encryption.isAead || encrypted.tag.length !== encryption.tagBytes) {
    throw new DerError('content encryption of the other content type');
  }
  if (!encryption.isAead && !allowUnauthenticated) throw new DerError('content is not authenticated');
  const info = findRecipientInfo(recipientInfos, type, keyIdentifier);
  if (info === undefined) throw new DerError('not among the recipients');
  const contentKey = await unwrap(type, info, key, encryption, subtle);
  const content = await encryption.cipher.decrypt(contentKey, nonce, encrypted, subtle);
  return { content, isAuthenticated };
}

/**
 * True when the message names the key among its recipients. That it can be opened is not said.
 * @throws {EncodingError} when it is malformed.
 */
export const isSealedFor = (
  { recipientInfos }: EnvelopedMessage,
  { key, keyIdentifier }: RecipientPrivateKey,
): boolean => findRecipientInfo(recipientInfos, recipientTypeOfPrivateKey(key), keyIdentifier) !== undefined;

const findRecipientInfo = (
  infos: readonly Element[],
  type: RecipientType,
  keyIdentifier: Uint8Array,
): RecipientInfo | undefined =>
  infos
    .filter(({ tag }) => tag === type.tag)
    .map((each) => type.parse(each))
    .find((each) => each.keyIdentifier !== undefined && equal(each.keyIdentifier, keyIdentifier));

async function unwrap(
  type: RecipientType,
  info: RecipientInfo,
  key: CryptoKey,
  { cipher, keyBytes }: ContentEncryption,
  subtle: SubtleCrypto,
): Promise<CryptoKey> {
  const unwrapped = { algorithm: cipher.keyAlgorithm, keyBytes, extractable: cipher.needsKeyBytes };
  const contentKey = await type.unwrap(info, key, unwrapped, subtle);
  const { length } = contentKey.algorithm as unknown as { readonly length: number };
  if (length !== keyBytes * 8) throw new DerError('content key of another length');
  return contentKey;
}
