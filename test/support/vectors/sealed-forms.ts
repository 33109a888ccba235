/** Sealed answers in other forms: some that are taken, and more that are refused, though a careless reader opens them. */

import { encodeBase64Lines } from '../../../shared/encoding/base64.ts';
import { equal } from '../../../shared/encoding/bytes.ts';
import { NULL, objectIdentifier } from '../../../shared/encoding/der/writer.ts';
import { type Bytes, derOf } from './bytes.ts';
import { alterDer, partAt, type Tree, treeOf } from './der-tree.ts';
import type { SealedAnswerVector } from './schema.ts';

interface Form {
  /** Id of the test that it is made of. */
  readonly of: string;
  /** Why it is refused; left out where it is taken. */
  readonly reason?: string;
  /** @param enveloped AuthEnvelopedData or EnvelopedData. @param other DER of the same content for another key. */
  readonly change: (enveloped: Tree, root: Tree, other: Bytes) => void;
}

/** Places in AuthEnvelopedData and EnvelopedData. */
const VERSION = 0;
const RECIPIENTS = 1;
const ENCRYPTED = 2;
const TAG = 3;

const oid = (dotted: string): Tree => treeOf(objectIdentifier(dotted));
const setByte = (tree: Tree, value: number): void => {
  tree.bytes = Uint8Array.of(value);
};
const ATTRIBUTE = (number: number): Tree => ({
  tag: 0xa0 + number,
  bytes: new Uint8Array(0),
  // contentType (RFC 5652 11.1) of data.
  parts: [
    {
      tag: 0x30,
      bytes: new Uint8Array(0),
      parts: [
        oid('1.2.840.113549.1.9.3'),
        { tag: 0x31, bytes: new Uint8Array(0), parts: [oid('1.2.840.113549.1.7.1')] },
      ],
    },
  ],
});

const FORMS: Readonly<Record<string, Form>> = {
  'EnvelopedData of version 0': {
    of: 'RSA-2048 AES-256-CBC',
    change: (enveloped) => setByte(partAt(enveloped, VERSION), 0),
  },
  'OAEP without NULL': {
    of: 'RSA-2048 AES-256-GCM',
    change(enveloped) {
      const parameters = partAt(enveloped, RECIPIENTS, 0, 2, 1);
      for (const hash of [partAt(parameters, 0, 0), partAt(parameters, 1, 0, 1)]) hash.parts.pop();
    },
  },
  'the curve beside the ephemeral key': {
    of: 'P-256 AES-256-GCM',
    change: (enveloped) => void partAt(enveloped, RECIPIENTS, 0, 1, 0, 0).parts.push(oid('1.2.840.10045.3.1.7')),
  },
  'two recipients': {
    of: 'P-256 AES-256-GCM',
    change: (enveloped, _, other) => addRecipients(enveloped, other, 1),
  },
  'most recipients': { of: 'P-256 AES-256-GCM', change: (enveloped, _, other) => addRecipients(enveloped, other, 63) },
  'too many recipients': {
    of: 'P-256 AES-256-GCM',
    reason: 'It has 65 recipients.',
    change: (enveloped, _, other) => addRecipients(enveloped, other, 64),
  },
  'AES-GCM without a tag': {
    of: 'P-256 AES-256-GCM',
    reason: 'It is EnvelopedData, in which AES-GCM has no tag.',
    change(enveloped, root) {
      root.parts[0] = oid('1.2.840.113549.1.7.3');
      setByte(partAt(enveloped, VERSION), 2);
      enveloped.parts.pop();
    },
  },
  'another content key': {
    of: 'P-256 AES-256-GCM',
    reason: 'The identifier is that of AES-128-GCM, and the content key has 32 bytes.',
    change: (enveloped) => toAes128(enveloped),
  },
  'another content key, by RSA': {
    of: 'RSA-2048 AES-256-GCM',
    reason: 'The identifier is that of AES-128-GCM, and the content key has 32 bytes.',
    change: (enveloped) => toAes128(enveloped),
  },
  'another content type': {
    of: 'P-256 AES-256-GCM',
    reason: 'What is encrypted is SignedData, and not data.',
    change: (enveloped) => void partAt(enveloped, ENCRYPTED).parts.splice(0, 1, oid('1.2.840.113549.1.7.2')),
  },
  'another version': {
    of: 'P-256 AES-256-GCM',
    reason: 'The version of AuthEnvelopedData is 2.',
    change: (enveloped) => setByte(partAt(enveloped, VERSION), 2),
  },
  'unauthenticated attributes': {
    of: 'P-256 AES-256-GCM',
    reason: 'Attributes follow the tag, which it does not cover.',
    change: (enveloped) => void enveloped.parts.push(ATTRIBUTE(2)),
  },
  'unprotected attributes': {
    of: 'RSA-2048 AES-256-CBC',
    reason: 'Attributes follow the content.',
    change: (enveloped) => void enveloped.parts.push(ATTRIBUTE(1)),
  },
  'another version of key agreement': {
    of: 'P-256 AES-256-GCM',
    reason: 'The version of KeyAgreeRecipientInfo is 2.',
    change: (enveloped) => setByte(partAt(enveloped, RECIPIENTS, 0, 0), 2),
  },
  'another version of key transport': {
    of: 'RSA-2048 AES-256-GCM',
    reason: 'The version of KeyTransRecipientInfo is 0, and the recipient is named by subjectKeyIdentifier.',
    change: (enveloped) => setByte(partAt(enveloped, RECIPIENTS, 0, 0), 0),
  },
  'user keying material': {
    of: 'P-256 AES-256-GCM',
    reason: 'It has user keying material, which is not in the input of the KDF.',
    change(enveloped) {
      const ukm = { tag: 0x04, bytes: Uint8Array.of(1, 2, 3, 4), parts: [] };
      partAt(enveloped, RECIPIENTS, 0).parts.splice(2, 0, { tag: 0xa1, bytes: new Uint8Array(0), parts: [ukm] });
    },
  },
  'a compressed point': {
    of: 'P-256 AES-256-GCM',
    reason: 'The ephemeral point is compressed.',
    change(enveloped) {
      const point = partAt(enveloped, RECIPIENTS, 0, 1, 0, 1);
      // Behind the byte of unused bits: 04, x, y.
      const isOdd = ((point.bytes.at(-1) ?? 0) & 1) === 1;
      point.bytes = Uint8Array.of(0, isOdd ? 3 : 2, ...point.bytes.subarray(2, 34));
    },
  },
  'a point off the curve': {
    of: 'P-256 AES-256-GCM',
    reason: 'The ephemeral point is not on the curve.',
    change(enveloped) {
      const point = partAt(enveloped, RECIPIENTS, 0, 1, 0, 1);
      point.bytes = Uint8Array.from(point.bytes, (byte, at) => (at === point.bytes.length - 1 ? byte ^ 1 : byte));
    },
  },
  'key wrap with NULL': {
    of: 'P-256 AES-256-GCM',
    reason: 'The identifier of the key wrap has NULL as its parameters.',
    change: (enveloped) => void partAt(enveloped, RECIPIENTS, 0, 2, 1).parts.push(treeOf(NULL)),
  },
  'two keys of one agreement': {
    of: 'P-256 AES-256-GCM',
    reason: 'The KeyAgreeRecipientInfo has two RecipientEncryptedKeys.',
    change(enveloped) {
      const keys = partAt(enveloped, RECIPIENTS, 0, 3);
      keys.parts.push(partAt(keys, 0));
    },
  },
  'a longer tag': {
    of: 'P-256 AES-256-GCM',
    reason: 'A zero byte follows the tag, inside of its OCTET STRING.',
    change(enveloped) {
      const tag = partAt(enveloped, TAG);
      tag.bytes = Uint8Array.of(...tag.bytes, 0);
    },
  },
  'no length of the tag': {
    of: 'P-256 AES-256-GCM',
    reason: 'The parameters of AES-GCM do not say the length of the tag, which is 12 then (RFC 5084 3.2).',
    change: (enveloped) => void partAt(enveloped, ENCRYPTED, 1, 1).parts.pop(),
  },
};

/** Adds the recipient of another message, so many times. */
function addRecipients(enveloped: Tree, other: Bytes, times: number): void {
  const added = Array.from({ length: times }, () => partAt(treeOf(other), 1, 0, RECIPIENTS, 0));
  // A SET OF has its elements in the order of their bytes, which the keys' own bytes decide.
  partAt(enveloped, RECIPIENTS).parts = [partAt(enveloped, RECIPIENTS, 0), ...added].toSorted(byBytes);
}

function toAes128(enveloped: Tree): void {
  partAt(enveloped, ENCRYPTED, 1).parts[0] = oid('2.16.840.1.101.3.4.1.6');
}

/** The order of a SET OF (X.690 11.6): here both are of one length. */
function byBytes(one: Tree, other: Tree): number {
  const [a, b] = [flat(one), flat(other)];
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

const flat = ({ bytes, parts }: Tree): number[] => [...bytes, ...parts.flatMap(flat)];

/**
 * @param find a test that is valid, by its id.
 * @param other a message for another key of P-256.
 */
export function makeForms(find: (id: string) => SealedAnswerVector, other: SealedAnswerVector): SealedAnswerVector[] {
  return Object.entries(FORMS).map(([id, { of, reason, change }]) => {
    const { content, ...test } = find(of);
    const der = derOf(test);
    const altered = alterDer(der, (root) => change(partAt(root, 1, 0), root, derOf(other)));
    if (equal(der, altered)) throw new TypeError(`${id} changes nothing`);
    const made = { ...test, id, body: encodeBase64Lines(altered) };
    if (reason === undefined) return { ...made, ...(content !== undefined && { content }) };
    return { ...made, valid: false, fault: 'unreadable', reason };
  });
}
