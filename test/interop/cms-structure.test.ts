/** The structure of what is sealed, in every combination, as the RFCs have it and asn1js reads it. */

import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { CONTENT_ENCRYPTION_NAMES, type ContentEncryptionName } from '../../shared/cms/content-encryption.ts';
import type { Recipient } from '../../shared/cms/recipients/recipient-type.ts';
import { importRecipient } from '../../shared/cms/recipients/recipients.ts';
import { seal } from '../../shared/cms/seal.ts';
import { concat } from '../../shared/encoding/bytes.ts';
import { type Shape, shapeOf } from '../support/asn1-shape.ts';
import { createKey, SEALING_KEY_TYPES, type SealingKeyType } from '../support/keys.ts';

/** RFC 4055 2.1, with the NULL that it asks writers for. */
const SHA256: Shape = ['SEQUENCE', '2.16.840.1.101.3.4.2.1', 'NULL'];

/** RFC 4055 4.1: RSAES-OAEP with SHA-256 and MGF1 with SHA-256. */
const RSAES_OAEP: Shape = [
  'SEQUENCE',
  '1.2.840.113549.1.1.7',
  ['SEQUENCE', ['[0]', SHA256], ['[1]', ['SEQUENCE', '1.2.840.113549.1.1.8', SHA256]]],
];

/** RFC 5753 7.1.4: dhSinglePass-stdDH with the KDF's hash; bytes of an uncompressed point (SEC 1 2.3.3). */
const KEY_AGREEMENT = {
  'P-256': ['1.3.132.1.11.1', 65],
  'P-384': ['1.3.132.1.11.2', 97],
  'P-521': ['1.3.132.1.11.3', 133],
} as const;

/** RFC 3565 2.3.2, by the bytes of the key. */
const KEY_WRAP = { 16: '2.16.840.1.101.3.4.1.5', 32: '2.16.840.1.101.3.4.1.45' } as const;

const GCM_PARAMETERS: Shape = ['SEQUENCE', 'OCTET STRING of 12', 'INTEGER 16'];

/** RFC 5084 3.2, RFC 8103 2, RFC 3565 2.2: the algorithm, its parameters, and the bytes of its key. */
const CONTENT: Record<ContentEncryptionName, readonly [oid: string, parameters: Shape, keyBytes: 16 | 32]> = {
  'AES-128-GCM': ['2.16.840.1.101.3.4.1.6', GCM_PARAMETERS, 16],
  'AES-256-GCM': ['2.16.840.1.101.3.4.1.46', GCM_PARAMETERS, 32],
  'ChaCha20-Poly1305': ['1.2.840.113549.1.9.16.3.18', 'OCTET STRING of 12', 32],
  'AES-128-CBC': ['2.16.840.1.101.3.4.1.2', 'OCTET STRING of 16', 16],
  'AES-256-CBC': ['2.16.840.1.101.3.4.1.42', 'OCTET STRING of 16', 32],
};

/** RFC 5652 6.2.1 and 6.2.2, the recipient being named by its subjectKeyIdentifier. */
function recipientInfo(keyType: SealingKeyType, keyBytes: 16 | 32): Shape {
  if (keyType === 'RSA-2048') return ['SEQUENCE', 'INTEGER 2', '[0] of 20', RSAES_OAEP, 'OCTET STRING of 256'];
  const [scheme, pointBytes] = KEY_AGREEMENT[keyType];
  return [
    '[1]',
    'INTEGER 3',
    ['[0]', ['[1]', ['SEQUENCE', '1.2.840.10045.2.1'], `BIT STRING of ${pointBytes}`]],
    ['SEQUENCE', scheme, ['SEQUENCE', KEY_WRAP[keyBytes]]],
    ['SEQUENCE', ['SEQUENCE', ['[0]', 'OCTET STRING of 20'], `OCTET STRING of ${keyBytes + 8}`]],
  ];
}

/** RFC 5652 6.1 for CBC, RFC 5083 2.1 for the others. */
function contentInfo(keyType: SealingKeyType, encryption: ContentEncryptionName, contentBytes: number): Shape {
  const [oid, parameters, keyBytes] = CONTENT[encryption];
  const recipients: Shape = ['SET', recipientInfo(keyType, keyBytes)];
  const isCbc = encryption.endsWith('CBC');
  const ciphertextBytes = isCbc ? contentBytes + 16 - (contentBytes % 16) : contentBytes;
  const encrypted: Shape = [
    'SEQUENCE',
    '1.2.840.113549.1.7.1',
    ['SEQUENCE', oid, parameters],
    `[0] of ${ciphertextBytes}`,
  ];
  return isCbc
    ? ['SEQUENCE', '1.2.840.113549.1.7.3', ['[0]', ['SEQUENCE', 'INTEGER 2', recipients, encrypted]]]
    : [
        'SEQUENCE',
        '1.2.840.113549.1.9.16.1.23',
        ['[0]', ['SEQUENCE', 'INTEGER 0', recipients, encrypted, 'OCTET STRING of 16']],
      ];
}

describe.each(SEALING_KEY_TYPES)('what is sealed for %s', (keyType) => {
  let recipient: Recipient;
  beforeAll(async () => {
    recipient = await importRecipient((await createKey(keyType)).publicKey);
  });

  test.each(CONTENT_ENCRYPTION_NAMES)('in %s has the structure of the RFCs, in DER', async (encryption) => {
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 70_000, size: 'max' }), async (content) => {
      const der = concat(await seal(recipient, encryption, Uint8Array.from(content)));
      expect(shapeOf(der)).toEqual(contentInfo(keyType, encryption, content.length));
    });
    // Around the bounds of the short and the long forms of length.
    const lengths = [0, 15, 16, 127, 128, 255, 256, 65_535, 65_536];
    await fc.assert(property, { numRuns: 15, examples: lengths.map((length) => [new Uint8Array(length)]) });
  });
});
