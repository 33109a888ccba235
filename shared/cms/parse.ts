/** The fields of EnvelopedData (RFC 5652 6.1) and AuthEnvelopedData (RFC 5083 2.1), read and not judged. */

import { ID_CT_AUTH_ENVELOPED_DATA, ID_DATA, ID_EC_PUBLIC_KEY, ID_ENVELOPED_DATA } from '../der/oids.ts';
import { DerError, type DerReader, readWhole } from '../der/read.ts';

export interface KeyTransRecipientInfo {
  readonly type: 'KeyTransRecipientInfo';
  /** Undefined when the recipient is named by issuer and serial number. */
  readonly keyIdentifier: Uint8Array<ArrayBuffer> | undefined;
  /** DER of the KeyEncryptionAlgorithmIdentifier. */
  readonly keyEncryptionAlgorithm: Uint8Array<ArrayBuffer>;
  readonly encryptedKey: Uint8Array<ArrayBuffer>;
}

export interface KeyAgreeRecipientInfo {
  readonly type: 'KeyAgreeRecipientInfo';
  readonly keyIdentifier: Uint8Array<ArrayBuffer>;
  readonly keyEncryptionAlgorithm: Uint8Array<ArrayBuffer>;
  /** The originator's ephemeral EC point. */
  readonly originatorPoint: Uint8Array<ArrayBuffer>;
  readonly encryptedKey: Uint8Array<ArrayBuffer>;
}

export type RecipientInfo = KeyTransRecipientInfo | KeyAgreeRecipientInfo;

export interface EnvelopedMessage {
  readonly type: 'EnvelopedData' | 'AuthEnvelopedData';
  readonly recipients: readonly RecipientInfo[];
  /** Content of the ContentEncryptionAlgorithmIdentifier. */
  readonly contentEncryptionAlgorithm: Uint8Array<ArrayBuffer>;
  readonly encryptedContent: Uint8Array<ArrayBuffer>;
  /** The authentication tag; empty in EnvelopedData. */
  readonly mac: Uint8Array<ArrayBuffer>;
}

const MAX_RECIPIENTS = 64;

/**
 * @param der one ContentInfo and nothing else.
 * @throws {DerError} when it is no enveloped message in DER, or has what nobody here writes: originatorInfo, attributes,
 *   recipients other than by key transport or by key agreement with an ephemeral EC key, more than 64 recipients.
 */
export function parseEnveloped(der: Uint8Array<ArrayBuffer>): EnvelopedMessage {
  const contentInfo = readWhole(der, 0x30);
  const contentType = contentInfo.objectIdentifier();
  const type = CONTENT_TYPES[contentType];
  if (type === undefined) throw new DerError('not an enveloped message');
  const explicit = contentInfo.enter(0xa0);
  contentInfo.end();
  const enveloped = explicit.enter(0x30);
  explicit.end();

  const version = enveloped.smallInteger();
  if (type === 'AuthEnvelopedData' ? version !== 0 : version !== 0 && version !== 2) throw new DerError('version');
  const infos = enveloped.enter(0x31);
  const recipients: RecipientInfo[] = [];
  do {
    if (recipients.length === MAX_RECIPIENTS) throw new DerError('too many recipients');
    recipients.push(readRecipientInfo(infos));
  } while (!infos.done);

  const encryptedContentInfo = enveloped.enter(0x30);
  if (encryptedContentInfo.objectIdentifier() !== ID_DATA) throw new DerError('content is not data');
  const contentEncryptionAlgorithm = encryptedContentInfo.expect(0x30).content;
  const encryptedContent = encryptedContentInfo.expect(0x80).content;
  encryptedContentInfo.end();
  const mac = type === 'AuthEnvelopedData' ? enveloped.expect(0x04).content : new Uint8Array(0);
  enveloped.end();
  return { type, recipients, contentEncryptionAlgorithm, encryptedContent, mac };
}

const CONTENT_TYPES: Readonly<Record<string, EnvelopedMessage['type']>> = {
  [ID_ENVELOPED_DATA]: 'EnvelopedData',
  [ID_CT_AUTH_ENVELOPED_DATA]: 'AuthEnvelopedData',
};

function readRecipientInfo(infos: DerReader): RecipientInfo {
  const info = infos.next();
  const fields = info.enter();
  if (info.tag === 0x30) return readKeyTrans(fields);
  if (info.tag === 0xa1) return readKeyAgree(fields);
  throw new DerError('recipient neither by key transport nor by key agreement');
}

function readKeyTrans(fields: DerReader): KeyTransRecipientInfo {
  const version = fields.smallInteger();
  const keyIdentifier = version === 2 ? fields.expect(0x80).content : undefined;
  if (keyIdentifier === undefined) {
    if (version !== 0) throw new DerError('version');
    fields.expect(0x30);
  }
  const keyEncryptionAlgorithm = fields.expect(0x30).encoding;
  const encryptedKey = fields.expect(0x04).content;
  fields.end();
  return { type: 'KeyTransRecipientInfo', keyIdentifier, keyEncryptionAlgorithm, encryptedKey };
}

function readKeyAgree(fields: DerReader): KeyAgreeRecipientInfo {
  if (fields.smallInteger() !== 3) throw new DerError('version');
  const originator = fields.enter(0xa0);
  const originatorKey = originator.enter(0xa1);
  originator.end();
  if (originatorKey.enter(0x30).objectIdentifier() !== ID_EC_PUBLIC_KEY) throw new DerError('originator key not EC');
  const originatorPoint = originatorKey.bitString();
  originatorKey.end();
  const keyEncryptionAlgorithm = fields.expect(0x30).encoding;
  const encryptedKeys = fields.enter(0x30);
  fields.end();
  const recipient = encryptedKeys.enter(0x30);
  encryptedKeys.end();
  const identifier = recipient.enter(0xa0);
  const keyIdentifier = identifier.expect(0x04).content;
  identifier.end();
  const encryptedKey = recipient.expect(0x04).content;
  recipient.end();
  return { type: 'KeyAgreeRecipientInfo', keyIdentifier, keyEncryptionAlgorithm, originatorPoint, encryptedKey };
}
