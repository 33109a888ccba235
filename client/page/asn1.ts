/** DER opened out, for people: every element with its type, and where it is one of CMS, with its name there. */

import { hex } from '../../shared/bytes.ts';
import {
  CONTENT_ENCRYPTION_OIDS,
  CURVE_OIDS,
  ID_AES128_WRAP,
  ID_AES256_WRAP,
  ID_CT_AUTH_ENVELOPED_DATA,
  ID_DATA,
  ID_EC_PUBLIC_KEY,
  ID_ENVELOPED_DATA,
  ID_MGF1,
  ID_RSAES_OAEP,
  ID_SHA256,
  STD_DH_SHA256_KDF,
  STD_DH_SHA384_KDF,
  STD_DH_SHA512_KDF,
} from '../../shared/der/oids.ts';
import { DerReader, type Element } from '../../shared/der/read.ts';

export interface Asn1Node {
  /** Name of the field in the RFC; empty where there is none. */
  readonly name: string;
  /** ASN.1 type, such as `SEQUENCE` or `[0]`. */
  readonly type: string;
  /** Octets of the content. */
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
  [STD_DH_SHA256_KDF]: 'dhSinglePass-stdDH-sha256kdf-scheme',
  [STD_DH_SHA384_KDF]: 'dhSinglePass-stdDH-sha384kdf-scheme',
  [STD_DH_SHA512_KDF]: 'dhSinglePass-stdDH-sha512kdf-scheme',
  [ID_AES128_WRAP]: 'id-aes128-wrap',
  [ID_AES256_WRAP]: 'id-aes256-wrap',
  ...Object.fromEntries(
    Object.entries({ ...CURVE_OIDS, ...CONTENT_ENCRYPTION_OIDS }).map(([name, oid]) => [oid, name]),
  ),
};

const TYPES: Readonly<Record<number, string>> = {
  2: 'INTEGER',
  3: 'BIT STRING',
  4: 'OCTET STRING',
  5: 'NULL',
  6: 'OBJECT IDENTIFIER',
  16: 'SEQUENCE',
  17: 'SET',
};

const INTEGER = 0x02;
const OBJECT_IDENTIFIER = 0x06;
const CONSTRUCTED = 0x20;
const SHOWN_OCTETS = 12;

/** Identifier octet of a KeyAgreeRecipientInfo in the RecipientInfo that is a choice (RFC 5652 6.2). */
const KARI = 0xa1;

/**
 * @param der of a ContentInfo.
 * @throws {DerError} when it is no DER.
 */
export function openOut(der: Uint8Array<ArrayBuffer>): Asn1Node {
  const isKeyAgreement = firstRecipientOf(der) === KARI;
  return nodeOf(new DerReader(der).next(), CONTENT_INFO(isKeyAgreement ? KEY_AGREEMENT : KEY_TRANSPORT));
}

function firstRecipientOf(der: Uint8Array<ArrayBuffer>): number | undefined {
  const content = new DerReader(der).enter(0x30);
  content.next();
  const envelopedData = content.enter(0xa0).enter(0x30);
  envelopedData.next();
  return envelopedData.enter(0x31).tag;
}

function nodeOf(element: Element, [name, ...shapes]: Shape): Asn1Node {
  const { tag, content } = element;
  const node = { name, type: typeOf(tag), length: content.length };
  if (!(tag & CONSTRUCTED)) return { ...node, value: textOf(element), children: [] };
  const children: Asn1Node[] = [];
  for (const reader = element.enter(); !reader.done; ) {
    children.push(nodeOf(reader.next(), shapes[children.length] ?? ['']));
  }
  return { ...node, children };
}

function typeOf(tag: number): string {
  const number = tag & 0x1f;
  return tag & 0xc0 ? `[${number}]` : (TYPES[number] ?? `UNIVERSAL ${number}`);
}

function textOf({ tag, content, encoding }: Element): string {
  if (tag === OBJECT_IDENTIFIER) {
    const oid = new DerReader(encoding).objectIdentifier();
    return OID_NAMES[oid] ?? oid;
  }
  if (tag === INTEGER && content.length === 1) return String(content[0]);
  const shown = hex(content.subarray(0, SHOWN_OCTETS));
  return content.length > SHOWN_OCTETS ? `${shown}…` : shown;
}
