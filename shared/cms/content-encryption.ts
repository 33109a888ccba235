/** Content encryption as CMS names it (RFC 3565, 5084, 8103): one row an algorithm, read by sealing and by opening. */

import { AES_CBC, AES_GCM } from '../crypto/aes.ts';
import { CHACHA20_POLY1305 } from '../crypto/chacha20-poly1305.ts';
import type { ContentCipher } from '../crypto/content-cipher.ts';
import { DerError } from '../encoding/der/error.ts';
import type { DerReader } from '../encoding/der/reader.ts';
import {
  encodeAround,
  objectIdentifier,
  octetString,
  type Part,
  sequence,
  smallInteger,
} from '../encoding/der/writer.ts';

interface Parameters {
  readonly encode: (nonce: Uint8Array, tagBytes: number) => Part;
  /** @throws {DerError} when they are of another form, or the tag has another length. */
  readonly parse: (reader: DerReader, tagBytes: number) => Uint8Array<ArrayBuffer>;
}

/** GCMParameters (RFC 5084 3.2): nonce and length of the tag. */
const NONCE_AND_TAG_LENGTH: Parameters = {
  encode: (nonce, tagBytes) => sequence(octetString(nonce), smallInteger(tagBytes)),
  parse(reader, tagBytes) {
    const parameters = reader.sequence();
    const nonce = parameters.octetString();
    if (parameters.smallInteger() !== tagBytes) throw new DerError('tag of another length');
    parameters.end();
    return nonce;
  },
};

/** An OCTET STRING: AES-IV (RFC 3565 2.2), AEADChaCha20Poly1305Nonce (RFC 8103 1.1). */
const NONCE: Parameters = {
  encode: (nonce) => octetString(nonce),
  parse: (reader) => reader.octetString(),
};

interface Row {
  /** Dotted OID. */
  readonly oid: string;
  /** True where an altered message does not open: such content goes into AuthEnvelopedData (RFC 5083). */
  readonly isAead: boolean;
  readonly keyBytes: 16 | 32;
  /** Size of the nonce or initialisation vector. */
  readonly nonceBytes: 12 | 16;
  /** Size of the authentication tag; 0 where there is none. */
  readonly tagBytes: 16 | 0;
  readonly parameters: Parameters;
  readonly cipher: ContentCipher;
}

const GCM = { isAead: true, nonceBytes: 12, tagBytes: 16, parameters: NONCE_AND_TAG_LENGTH, cipher: AES_GCM } as const;
const CBC = { isAead: false, nonceBytes: 16, tagBytes: 0, parameters: NONCE, cipher: AES_CBC } as const;

const ROWS = {
  'AES-128-GCM': { ...GCM, oid: '2.16.840.1.101.3.4.1.6', keyBytes: 16 },
  'AES-256-GCM': { ...GCM, oid: '2.16.840.1.101.3.4.1.46', keyBytes: 32 },
  'ChaCha20-Poly1305': {
    oid: '1.2.840.113549.1.9.16.3.18',
    isAead: true,
    keyBytes: 32,
    nonceBytes: 12,
    tagBytes: 16,
    parameters: NONCE,
    cipher: CHACHA20_POLY1305,
  },
  'AES-128-CBC': { ...CBC, oid: '2.16.840.1.101.3.4.1.2', keyBytes: 16 },
  'AES-256-CBC': { ...CBC, oid: '2.16.840.1.101.3.4.1.42', keyBytes: 32 },
} as const satisfies Record<string, Row>;

export type ContentEncryptionName = keyof typeof ROWS;
export const CONTENT_ENCRYPTION_NAMES = Object.keys(ROWS) as ContentEncryptionName[];

export interface ContentEncryption extends Row {
  readonly name: ContentEncryptionName;
  /** DER of the ContentEncryptionAlgorithmIdentifier: the bytes before the nonce, and those after it. */
  readonly aroundNonce: readonly [Uint8Array, Uint8Array];
}

function contentEncryption(name: ContentEncryptionName): ContentEncryption {
  const row: Row = ROWS[name];
  const nonce = new Uint8Array(row.nonceBytes);
  const identifier = sequence(objectIdentifier(row.oid), row.parameters.encode(nonce, row.tagBytes));
  const [before, , after] = encodeAround(identifier, nonce);
  return { ...row, name, aroundNonce: [before, after] };
}

const TABLE: ReadonlyMap<ContentEncryptionName, ContentEncryption> = new Map(
  CONTENT_ENCRYPTION_NAMES.map((name) => [name, contentEncryption(name)]),
);

export function contentEncryptionOf(name: ContentEncryptionName): ContentEncryption {
  const row = TABLE.get(name);
  if (row === undefined) throw new TypeError(`no content encryption ${name}`);
  return row;
}

/** ContentEncryptionAlgorithmIdentifier, in parts that follow one another. */
export function encodeContentEncryption({ aroundNonce }: ContentEncryption, nonce: Uint8Array): readonly Part[] {
  const [before, after] = aroundNonce;
  return [before, nonce, after];
}

/**
 * @param identifier reader of what a ContentEncryptionAlgorithmIdentifier holds.
 * @throws {DerError} unless it is one of the table, with a nonce and a tag of the table's lengths.
 */
export function parseContentEncryption(identifier: DerReader): {
  encryption: ContentEncryption;
  nonce: Uint8Array<ArrayBuffer>;
} {
  const oid = identifier.objectIdentifier();
  const encryption = [...TABLE.values()].find((row) => row.oid === oid);
  if (encryption === undefined) throw new DerError('content encryption not in the table');
  const nonce = encryption.parameters.parse(identifier, encryption.tagBytes);
  identifier.end();
  if (nonce.length !== encryption.nonceBytes) throw new DerError('nonce of another length');
  return { encryption, nonce };
}
