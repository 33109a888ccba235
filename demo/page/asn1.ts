/** DER opened out, for people: every element with its type, and where it is one of CMS, with its name there. */

import { CONTENT_ENCRYPTION_NAMES, contentEncryptionOf } from '../../shared/cms/content-encryption.ts';
import { ID_CT_AUTH_ENVELOPED_DATA, ID_DATA, ID_ENVELOPED_DATA } from '../../shared/cms/enveloped-data.ts';
import { KDF_OIDS, WRAP_OIDS } from '../../shared/cms/recipients/ecdh.ts';
import { ID_MGF1, ID_RSAES_OAEP, ID_SHA256 } from '../../shared/cms/recipients/rsa-oaep.ts';
import { CURVES, ID_EC_PUBLIC_KEY } from '../../shared/crypto/keys/ec.ts';
import { hex } from '../../shared/encoding/bytes.ts';
import { DerReader, type Element } from '../../shared/encoding/der/reader.ts';
import {
  BIT_STRING,
  contextTag,
  INTEGER,
  NULL,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  SEQUENCE,
  SET,
  TAG_CLASS,
  TAG_NUMBER,
} from '../../shared/encoding/der/tag.ts';

export interface Asn1Node {
  /** Name of the field in the RFC; empty where there is none. */
  readonly name: string;
  /** ASN.1 type, such as `SEQUENCE` or `[0]`. */
  readonly type: string;
  /** Bytes of the content. */
  readonly length: number;
  /** The value, shortened; undefined when the element holds others. */
  readonly value?: string;
  readonly children: readonly Asn1Node[];
}

/** Names of a field and, in their order, of those that it holds. */
type Shape = readonly [name: string, ...children: Shape[]];

const ALGORITHM = (name: string, ...parameters: Shape[]): Shape => [name, ['algorithm'], ...parameters];
const KEY_TRANSPORT: Shape = [
  'ktri: KeyTransRecipientInfo',
  ['version'],
  ['rid: subjectKeyIdentifier'],
  ALGORITHM('keyEncryptionAlgorithm', ['parameters']),
  ['encryptedKey'],
];
const KEY_AGREEMENT: Shape = [
  'kari: KeyAgreeRecipientInfo',
  ['version'],
  ['originator', ['originatorKey', ALGORITHM('algorithm'), ['publicKey']]],
  ALGORITHM('keyEncryptionAlgorithm', ALGORITHM('parameters: keyWrap')),
  ['recipientEncryptedKeys', ['', ['rid: rKeyId', ['subjectKeyIdentifier']], ['encryptedKey']]],
];
const ENCRYPTED_CONTENT: Shape = [
  'encryptedContentInfo',
  ['contentType'],
  ALGORITHM('contentEncryptionAlgorithm', ['parameters', ['nonce'], ['ICVlen']]),
  ['encryptedContent'],
];
/** RFC 5652 3, 6; RFC 5083 2.1. */
const CONTENT_INFO = (recipient: Shape): Shape => [
  'ContentInfo',
  ['contentType'],
  ['content', ['', ['version'], ['recipientInfos', recipient], ENCRYPTED_CONTENT, ['mac']]],
];

const OID_NAMES: Readonly<Record<string, string>> = {
  [ID_DATA]: 'id-data',
  [ID_ENVELOPED_DATA]: 'id-envelopedData',
  [ID_CT_AUTH_ENVELOPED_DATA]: 'id-ct-authEnvelopedData',
  [ID_EC_PUBLIC_KEY]: 'id-ecPublicKey',
  [ID_RSAES_OAEP]: 'id-RSAES-OAEP',
  [ID_MGF1]: 'id-mgf1',
  [ID_SHA256]: 'id-sha256',
  [KDF_OIDS['SHA-256']]: 'dhSinglePass-stdDH-sha256kdf-scheme',
  [KDF_OIDS['SHA-384']]: 'dhSinglePass-stdDH-sha384kdf-scheme',
  [KDF_OIDS['SHA-512']]: 'dhSinglePass-stdDH-sha512kdf-scheme',
  [WRAP_OIDS[16]]: 'id-aes128-wrap',
  [WRAP_OIDS[32]]: 'id-aes256-wrap',
  ...Object.fromEntries(Object.entries(CURVES).map(([name, { oid }]) => [oid, name])),
  ...Object.fromEntries(CONTENT_ENCRYPTION_NAMES.map((name) => [contentEncryptionOf(name).oid, name])),
};

const TYPES: Readonly<Record<number, string>> = {
  [INTEGER]: 'INTEGER',
  [BIT_STRING]: 'BIT STRING',
  [OCTET_STRING]: 'OCTET STRING',
  [NULL]: 'NULL',
  [OBJECT_IDENTIFIER]: 'OBJECT IDENTIFIER',
  [SEQUENCE]: 'SEQUENCE',
  [SET]: 'SET',
};

const SHOWN_BYTES = 12;

/** Identifier byte of a KeyAgreeRecipientInfo in the RecipientInfo that is a choice (RFC 5652 6.2). */
const KARI = contextTag(1);

/**
 * @param der of a ContentInfo.
 * @throws {DerError} when it is no DER.
 */
export function openOut(der: Uint8Array<ArrayBuffer>): Asn1Node {
  const isKeyAgreement = firstRecipientOf(der) === KARI;
  return nodeOf(new DerReader(der).next(), CONTENT_INFO(isKeyAgreement ? KEY_AGREEMENT : KEY_TRANSPORT));
}

function firstRecipientOf(der: Uint8Array<ArrayBuffer>): number | undefined {
  const content = new DerReader(der).sequence();
  content.next();
  const envelopedData = content.context(0).sequence();
  envelopedData.next();
  return envelopedData.set().tag;
}

function nodeOf(element: Element, [name, ...shapes]: Shape): Asn1Node {
  const { tag, content, isConstructed } = element;
  const node = { name, type: typeOf(tag), length: content.length };
  if (!isConstructed) return { ...node, value: textOf(element), children: [] };
  const children: Asn1Node[] = [];
  for (const reader = element.enter(); !reader.done; ) {
    children.push(nodeOf(reader.next(), shapes[children.length] ?? ['']));
  }
  return { ...node, children };
}

function typeOf(tag: number): string {
  const number = tag & TAG_NUMBER;
  return tag & TAG_CLASS ? `[${number}]` : (TYPES[tag] ?? `UNIVERSAL ${number}`);
}

function textOf({ tag, content, encoding }: Element): string {
  if (tag === OBJECT_IDENTIFIER) {
    const oid = new DerReader(encoding).objectIdentifier();
    return OID_NAMES[oid] ?? oid;
  }
  if (tag === INTEGER && content.length === 1) return String(content[0]);
  const shown = hex(content.subarray(0, SHOWN_BYTES));
  return content.length > SHOWN_BYTES ? `${shown}…` : shown;
}
