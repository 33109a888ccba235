/** Sealed answers: one for each type of key and content encryption, and altered ones. */

import { CONTENT_ENCRYPTION_NAMES, type ContentEncryptionName } from '../../../shared/cms/content-encryption.ts';
import { seal } from '../../../shared/cms/seal.ts';
import { sealForNone } from '../../../shared/cms/seal-for-none.ts';
import { KEY_TYPE_NAMES } from '../../../shared/crypto/keys/key-types.ts';
import { encodeBase64, encodeBase64Lines } from '../../../shared/encoding/base64.ts';
import { concat, utf8 } from '../../../shared/encoding/bytes.ts';
import { type Bytes, derOf, flip, ID_DATA, nonceOf, placeOf, replace, sealedBody } from './bytes.ts';
import type { KeptTests } from './kept.ts';
import { type ClientKey, recipientOf } from './keys.ts';
import { sealByOpenssl } from './openssl.ts';
import { type SealedAnswerVector, VECTORS_VERSION, type VectorFile } from './schema.ts';
import { makeForms } from './sealed-forms.ts';

type Keys = (id: string) => ClientKey;
type Kept = KeptTests<SealedAnswerVector>;

const CONTENT = '{"owner":"alice","note":"Grüße, 漢字"}';
const TEXT = encodeBase64(utf8(CONTENT));

const isAead = (cipher: string): boolean => !cipher.endsWith('CBC');

export async function makeSealedAnswers(kept: Kept, keys: Keys): Promise<VectorFile<SealedAnswerVector>> {
  const valid = [...(await makeEachCipher(kept, keys)), ...(await makeBodies(kept, keys))];
  const find = (id: string): SealedAnswerVector => {
    const found = valid.find((each) => each.id === id);
    if (found === undefined) throw new TypeError(`no test ${id}`);
    return found;
  };
  const tests = [
    ...valid,
    ...alteredOnes(find('P-256 AES-256-GCM'), keys),
    ...alteredOnes(find('RSA-2048 AES-128-GCM'), keys),
    ...alteredOnes(find('P-384 ChaCha20-Poly1305'), keys),
    ...(await makeRefused(kept, keys, find('P-256 AES-256-GCM'), find('P-256 AES-256-CBC'))),
    ...makeForms(find, find('for another key')),
  ];
  return { version: VECTORS_VERSION, tests };
}

const sealFor = async (key: ClientKey, cipher: ContentEncryptionName, content: Uint8Array): Promise<Bytes> =>
  concat(await seal(await recipientOf(key), cipher, Uint8Array.from(content)));

async function makeEachCipher(kept: Kept, keys: Keys): Promise<SealedAnswerVector[]> {
  const tests: SealedAnswerVector[] = [];
  for (const keyType of KEY_TYPE_NAMES) {
    for (const cipher of CONTENT_ENCRYPTION_NAMES) {
      const authenticated = isAead(cipher);
      const given = { id: `${keyType} ${cipher}`, key: keyType, cipher, valid: true, authenticated, content: TEXT };
      const make = async () => sealedBody(await sealFor(keys(keyType), cipher, utf8(CONTENT)), authenticated);
      tests.push(await kept.take(given, make));
    }
  }
  return tests;
}

/** Bytes that are no text, of every value. */
const EVERY_BYTE = Uint8Array.from({ length: 1000 }, (_, at) => at % 256);

async function makeBodies(kept: Kept, keys: Keys): Promise<SealedAnswerVector[]> {
  const cipher = 'AES-256-GCM';
  const common = { key: 'P-256', cipher, valid: true, authenticated: true } as const;
  const bytes = { ...common, content: encodeBase64(EVERY_BYTE) };
  const sealed = async (content: Uint8Array, binary: boolean) =>
    sealedBody(await sealFor(keys('P-256'), cipher, content), true, binary);
  const inDer = await kept.take({ id: 'DER', ...bytes }, () => sealed(EVERY_BYTE, true));
  return [
    inDer,
    await kept.take({ ...bytes, id: 'for another key', key: 'P-256-other' }, async () =>
      sealedBody(await sealFor(keys('P-256-other'), cipher, EVERY_BYTE)),
    ),
    await kept.take({ id: 'no content', ...common, content: '' }, () => sealed(new Uint8Array(0), false)),
    { ...inDer, id: 'base64 on one line', ...sealedBody(derOf(inDer)), body: encodeBase64(derOf(inDer)) },
    {
      ...inDer,
      id: 'base64 with CRLF',
      ...sealedBody(derOf(inDer)),
      body: encodeBase64Lines(derOf(inDer)).replaceAll('\n', '\r\n'),
    },
    { ...inDer, id: 'type in capitals', contentType: 'Application/PKCS7-MIME' },
  ];
}

const OTHER: Readonly<Record<string, string>> = { 'P-256': 'P-256-other', 'RSA-2048': 'RSA-2048-other' };

/** The test as it has to fail. */
const failing = (
  { content: _, ...test }: SealedAnswerVector,
  name: string,
  reason: string,
  changes: Partial<SealedAnswerVector>,
): SealedAnswerVector => ({
  ...test,
  id: `${test.id}: ${name}`,
  valid: false,
  fault: 'unreadable',
  reason,
  ...changes,
});

function alteredOnes(test: SealedAnswerVector, keys: Keys): SealedAnswerVector[] {
  const der = derOf(test);
  const other = (name: string, reason: string, altered: Uint8Array) =>
    failing(test, name, reason, { body: encodeBase64Lines(altered) });
  const identifier = keys(test.key).accountKey.keyIdentifier;
  const otherKey = OTHER[test.key];
  // The tag is the last element, and the ciphertext ends before its two bytes of tag and length.
  const nonceAt = nonceOf(der, NONCE_BYTES);
  const found = [
    other('tag changed', 'One bit of the authentication tag was changed.', flip(der, -1)),
    other('content changed', 'One bit of the ciphertext was changed.', flip(der, -(TAG_BYTES + 2) - 1)),
    other('nonce changed', 'One bit of the nonce was changed.', flip(der, nonceAt)),
    other('key changed', 'One bit of the encrypted content key was changed.', flip(der, encryptedKeyEnd(der) - 1)),
    other('cut off', 'The last byte is missing.', der.subarray(0, -1)),
    other('half', 'Only the first half is there.', der.subarray(0, der.length / 2)),
    other('a byte more', 'A zero byte follows the message.', concat([der, Uint8Array.of(0)])),
    other('recipient unknown', 'One bit of the subjectKeyIdentifier was changed.', flip(der, placeOf(der, identifier))),
  ];
  if (otherKey !== undefined) {
    found.push(
      failing(test, 'key of another', 'It was sealed for another key.', { key: otherKey }),
      failing(test, 'renamed', 'It was sealed for another key; the subjectKeyIdentifier was replaced.', {
        key: otherKey,
        body: encodeBase64Lines(replace(der, identifier, keys(otherKey).accountKey.keyIdentifier)),
      }),
    );
  }
  return found;
}

const TAG_BYTES = 16;
const BLOCK_BYTES = 16;
const NONCE_BYTES = 12;

/** EncryptedContentInfo begins with id-data, and the encrypted content key is right before that SEQUENCE. */
function encryptedKeyEnd(der: Uint8Array): number {
  const at = placeOf(der, ID_DATA);
  // Short content: the SEQUENCE's length is in one byte, or in one behind 0x81.
  return der[at - 2] === 0x81 ? at - 3 : at - 2;
}

/** Messages in forms that are refused, though their key is right. */
async function makeRefused(
  kept: Kept,
  keys: Keys,
  test: SealedAnswerVector,
  cbc: SealedAnswerVector,
): Promise<SealedAnswerVector[]> {
  const der = derOf(test);
  const refused = { valid: false, fault: 'unreadable', authenticated: true } as const;
  const forP256 = { ...refused, key: 'P-256', cipher: 'AES-256-GCM' };
  const forRsa = { ...refused, key: 'RSA-2048', cipher: 'AES-256-GCM' };
  const openssl = (key: string, options: readonly string[]) => async () =>
    sealedBody(sealByOpenssl(keys(key).privateKey, utf8(CONTENT), options));
  const short = shortenTag(der);
  const inCbc = derOf(cbc);
  return [
    failing(test, 'tag of 4 bytes', 'The tag was cut to 4 bytes, and the parameters say so.', {
      body: encodeBase64Lines(short),
    }),
    failing(
      cbc,
      'padding changed',
      'One bit of the block before the last was changed, and so the number of the padding.',
      {
        body: encodeBase64Lines(flip(inCbc, -(BLOCK_BYTES + 1), 0x80)),
      },
    ),
    failing(test, 'other media type', 'Its Content-Type is text/plain: it is no sealed answer.', {
      contentType: 'text/plain',
      fault: 'not-sealed',
    }),
    failing(test, 'no base64', 'The body is no base64.', { body: '{"this is":"no CMS"}' }),
    failing(test, 'empty', 'The body is empty.', { body: '' }),
    failing(test, 'indefinite length', 'The outermost SEQUENCE has an indefinite length: BER and not DER.', {
      body: encodeBase64Lines(withIndefiniteLength(der)),
    }),
    await kept.take(
      {
        ...forP256,
        id: 'decoy',
        reason: 'It names the key, and no key opens it: the answer to a GUID that is not valid.',
      },
      async () => sealedBody(concat(await sealForNone(await recipientOf(keys('P-256')), 'AES-256-GCM', utf8(CONTENT)))),
    ),
    await kept.take(
      { ...forP256, id: 'KDF with SHA-1', reason: 'The KDF has SHA-1 and not the hash of the curve.' },
      openssl('P-256', ['-keyid', '-keyopt', 'ecdh_kdf_md:sha1']),
    ),
    await kept.take(
      { ...forP256, id: 'cofactor ECDH', reason: 'The scheme is dhSinglePass-cofactorDH.' },
      openssl('P-256', ['-keyid', '-keyopt', 'ecdh_kdf_md:sha256', '-keyopt', 'ecdh_cofactor_mode:1']),
    ),
    await kept.take(
      { ...forP256, id: 'by issuer and serial', reason: 'The recipient is named by issuer and serial number.' },
      openssl('P-256', ['-keyopt', 'ecdh_kdf_md:sha256']),
    ),
    await kept.take(
      { ...forRsa, id: 'RSAES-PKCS1-v1_5', reason: 'The content key is encrypted by RSAES-PKCS1-v1_5.' },
      openssl('RSA-2048', ['-keyid']),
    ),
    await kept.take(
      { ...forRsa, id: 'OAEP with SHA-1', reason: 'RSAES-OAEP has SHA-1 and not SHA-256.' },
      openssl('RSA-2048', ['-keyid', '-keyopt', 'rsa_padding_mode:oaep', '-keyopt', 'rsa_oaep_md:sha1']),
    ),
  ];
}

const GCM_TAG_LENGTH = Uint8Array.of(0x02, 0x01, TAG_BYTES);

/** The message with a tag of 4 bytes, every length around it included. */
function shortenTag(der: Uint8Array): Bytes {
  const [removed, kept] = [TAG_BYTES - 4, 4];
  const altered = Uint8Array.from(der.subarray(0, -removed));
  // The parameters say the length of the tag.
  const at = nonceOf(der, NONCE_BYTES) + NONCE_BYTES;
  if (!GCM_TAG_LENGTH.every((byte, index) => der[at + index] === byte)) throw new RangeError('no length of a tag');
  altered[at + 2] = kept;
  altered[altered.length - kept - 1] = kept;
  // ContentInfo, [0] and AuthEnvelopedData begin with lengths of two bytes.
  for (const place of [2, 2 + 2 + ID_LENGTH + 2, 2 + 2 + ID_LENGTH + 2 + 4]) {
    if (der[place - 1] !== 0x82) throw new RangeError('a length of another form');
    const length = ((der[place] ?? 0) << 8) + (der[place + 1] ?? 0) - removed;
    altered[place] = length >> 8;
    altered[place + 1] = length & 0xff;
  }
  return altered;
}

/** Size of the OBJECT IDENTIFIER of AuthEnvelopedData. */
const ID_LENGTH = 13;

const withIndefiniteLength = (der: Uint8Array): Bytes =>
  concat([der.subarray(0, 1), Uint8Array.of(0x80), der.subarray(4), Uint8Array.of(0, 0)]);
