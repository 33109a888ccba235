/** The fields of EnvelopedData (RFC 5652 6.1) and AuthEnvelopedData (RFC 5083 2.1), read and not judged. */

import type { EncryptedContent } from '../crypto/content-cipher.ts';
import { DerError } from '../encoding/der/error.ts';
import { type DerReader, type Element, parseSequence } from '../encoding/der/reader.ts';
import {
  context,
  implicit,
  objectIdentifier,
  octetString,
  type Part,
  sequence,
  setOf,
  smallInteger,
} from '../encoding/der/writer.ts';
import { type ContentEncryption, encodeContentEncryption } from './content-encryption.ts';

/** RFC 5652 4, 6.1; RFC 5083 2. */
export const ID_DATA = '1.2.840.113549.1.7.1';
export const ID_ENVELOPED_DATA = '1.2.840.113549.1.7.3';
export const ID_CT_AUTH_ENVELOPED_DATA = '1.2.840.113549.1.9.16.1.23';

export interface EnvelopedMessage {
  /** True for AuthEnvelopedData. */
  readonly isAuthenticated: boolean;
  /** The RecipientInfos, not looked into. */
  readonly recipientInfos: readonly Element[];
  /** A reader of the ContentEncryptionAlgorithmIdentifier. */
  readonly contentEncryptionAlgorithm: DerReader;
  readonly encrypted: EncryptedContent;
}

const MAX_RECIPIENTS = 64;

/**
 * @param der one ContentInfo and nothing else.
 * @throws {DerError} when it is no enveloped message in DER, has originatorInfo or attributes, or has more than 64
 *   recipients.
 */
export function parseEnvelopedMessage(der: Uint8Array<ArrayBuffer>): EnvelopedMessage {
  const contentInfo = parseSequence(der);
  const isAuthenticated = parseContentType(contentInfo.objectIdentifier());
  const explicit = contentInfo.context(0);
  contentInfo.end();
  const enveloped = explicit.sequence();
  explicit.end();

  const version = enveloped.smallInteger();
  if (isAuthenticated ? version !== 0 : version !== 0 && version !== 2) throw new DerError('version');
  const infos = enveloped.set();
  const recipientInfos: Element[] = [];
  do {
    if (recipientInfos.length === MAX_RECIPIENTS) throw new DerError('too many recipients');
    recipientInfos.push(infos.next());
  } while (!infos.done);

  const encryptedContentInfo = enveloped.sequence();
  if (encryptedContentInfo.objectIdentifier() !== ID_DATA) throw new DerError('content is not data');
  const contentEncryptionAlgorithm = encryptedContentInfo.sequence();
  const ciphertext = encryptedContentInfo.implicit(0);
  encryptedContentInfo.end();
  const tag = isAuthenticated ? enveloped.octetString() : new Uint8Array(0);
  enveloped.end();
  return { isAuthenticated, recipientInfos, contentEncryptionAlgorithm, encrypted: { ciphertext, tag } };
}

function parseContentType(oid: string): boolean {
  if (oid !== ID_ENVELOPED_DATA && oid !== ID_CT_AUTH_ENVELOPED_DATA) throw new DerError('not an enveloped message');
  return oid === ID_CT_AUTH_ENVELOPED_DATA;
}

const DATA = objectIdentifier(ID_DATA);
const ENVELOPED_DATA = objectIdentifier(ID_ENVELOPED_DATA);
const AUTH_ENVELOPED_DATA = objectIdentifier(ID_CT_AUTH_ENVELOPED_DATA);
const VERSION_0 = smallInteger(0);
const VERSION_2 = smallInteger(2);

/**
 * @param recipientInfo the one RecipientInfo of the message.
 * @returns the ContentInfo: AuthEnvelopedData where the content encryption is an AEAD, else EnvelopedData.
 */
export function encodeEnvelopedMessage(
  encryption: ContentEncryption,
  recipientInfo: Part,
  nonce: Uint8Array,
  { ciphertext, tag }: EncryptedContent,
): Part {
  const recipientInfos = setOf(recipientInfo);
  const algorithm = encodeContentEncryption(encryption, nonce);
  const encryptedContentInfo = sequence(DATA, ...algorithm, implicit(0, ciphertext));
  return encryption.isAead
    ? sequence(
        AUTH_ENVELOPED_DATA,
        context(0, sequence(VERSION_0, recipientInfos, encryptedContentInfo, octetString(tag))),
      )
    : sequence(ENVELOPED_DATA, context(0, sequence(VERSION_2, recipientInfos, encryptedContentInfo)));
}
