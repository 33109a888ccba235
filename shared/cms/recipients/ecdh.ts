/**
 * EC keys: KeyAgreeRecipientInfo (RFC 5652 6.2.2) by ephemeral-static ECDH with the X9.63 KDF and AES key wrap
 * (RFC 5753).
 */

import {
  CURVE_NAMES,
  CURVES,
  type Curve,
  encodeEcAlgorithmIdentifier,
  ID_EC_PUBLIC_KEY,
  isUncompressedPoint,
} from '../../crypto/keys/ec.ts';
import { isOnCurve } from '../../crypto/keys/on-curve.ts';
import { deriveX963 } from '../../crypto/x963-kdf.ts';
import { equal } from '../../encoding/bytes.ts';
import { DerError } from '../../encoding/der/error.ts';
import { contextTag } from '../../encoding/der/tag.ts';
import {
  bitString,
  context,
  encode,
  objectIdentifier,
  octetString,
  type Part,
  sequence,
  smallInteger,
} from '../../encoding/der/writer.ts';
import type { KeyBytes, RecipientInfo, RecipientType, SubstituteKey } from './recipient-type.ts';

/** dhSinglePass-stdDH schemes by the hash of their KDF (RFC 5753 7.1.4). */
export const KDF_OIDS = {
  'SHA-256': '1.3.132.1.11.1',
  'SHA-384': '1.3.132.1.11.2',
  'SHA-512': '1.3.132.1.11.3',
} as const;

/** AES key wrap by the size of its key in bytes (RFC 3565 2.3.2). */
export const WRAP_OIDS = { 16: '2.16.840.1.101.3.4.1.5', 32: '2.16.840.1.101.3.4.1.45' } as const;
const KEY_SIZES = [16, 32] as const satisfies readonly KeyBytes[];

const encodeWrap = (keyBytes: KeyBytes): Uint8Array => encode(sequence(objectIdentifier(WRAP_OIDS[keyBytes])));

/** ECC-CMS-SharedInfo (RFC 5753 7.2): the wrap's AlgorithmIdentifier, and its key length in bits as four bytes. */
const SHARED_INFOS = {
  16: encode(sequence(encodeWrap(16), context(2, octetString(Uint8Array.of(0, 0, 0, 128))))),
  32: encode(sequence(encodeWrap(32), context(2, octetString(Uint8Array.of(0, 0, 1, 0))))),
} as const;

/** AES key wrap adds a block of integrity check (RFC 3394 2.2.1). */
const WRAP_OVERHEAD_BYTES = 8;
const KEY_IDENTIFIER_BYTES = 20;
const VERSION = smallInteger(3);
/** AlgorithmIdentifier of the originator's key: its curve is the recipient's, parameters absent (RFC 5753 3.1.1). */
const EC_PUBLIC_KEY = encode(sequence(objectIdentifier(ID_EC_PUBLIC_KEY)));

interface KeyAgreeRecipientInfo extends RecipientInfo {
  /** The originator's ephemeral EC point. */
  readonly originatorPoint: Uint8Array<ArrayBuffer>;
}

/** One entry a curve. */
export const ECDH: readonly RecipientType<KeyAgreeRecipientInfo>[] = CURVE_NAMES.map(ecdh);

function ecdh(curve: Curve): RecipientType<KeyAgreeRecipientInfo> {
  const { hash, coordinateBytes } = CURVES[curve];
  const keyAlgorithm = { name: 'ECDH', namedCurve: curve };
  const algorithmIdentifier = (keyBytes: KeyBytes) =>
    encode(sequence(objectIdentifier(KDF_OIDS[hash]), encodeWrap(keyBytes)));
  /** DER of the KeyEncryptionAlgorithmIdentifier. */
  const algorithms = { 16: algorithmIdentifier(16), 32: algorithmIdentifier(32) };

  const encodeInfo = (keyIdentifier: Uint8Array, point: Uint8Array, keyBytes: KeyBytes, wrapped: Uint8Array): Part =>
    context(
      1,
      VERSION,
      context(0, context(1, EC_PUBLIC_KEY, bitString(point))),
      algorithms[keyBytes],
      sequence(sequence(context(0, octetString(keyIdentifier)), octetString(wrapped))),
    );

  /** The AES-KW key that a private and a public key agree on, or its substitute. */
  async function deriveKeyEncryptionKey(
    privateKey: CryptoKey,
    publicKey: CryptoKey,
    keyBytes: KeyBytes,
    usage: 'wrapKey' | 'unwrapKey',
    subtle: SubtleCrypto,
    substitute?: SubstituteKey,
  ): Promise<CryptoKey> {
    const agreement = { name: 'ECDH', public: publicKey };
    const secret = new Uint8Array(await subtle.deriveBits(agreement, privateKey, coordinateBytes * 8));
    const derived = await deriveX963(hash, secret, SHARED_INFOS[keyBytes], keyBytes, subtle);
    return subtle.importKey('raw', substitute?.(derived) ?? derived, 'AES-KW', false, [usage]);
  }

  /** Takes a point in the one form that `wrap` writes, so that there is one message and not several for one. */
  async function importEphemeralKey(point: Uint8Array<ArrayBuffer>, subtle: SubtleCrypto): Promise<CryptoKey> {
    if (!isUncompressedPoint(curve, point) || !isOnCurve(curve, point)) throw new DerError('form of the point');
    return subtle.importKey('raw', point, keyAlgorithm, false, []);
  }

  return {
    tag: contextTag(1),
    keyUsage: 'keyAgreement',
    keyAlgorithm,
    keyAlgorithmIdentifier: encodeEcAlgorithmIdentifier(curve),
    publicKeyUsages: [],
    privateKeyUsage: 'deriveBits',

    accepts: (key) => key.algorithm === 'EC' && key.curve === curve,

    async wrap({ key, keyIdentifier }, { bytes, cryptoKey }, subtle, substitute) {
      const keyBytes = bytes.length as KeyBytes;
      const ephemeral = (await subtle.generateKey(keyAlgorithm, false, ['deriveBits'])) as CryptoKeyPair;
      const wrappingKey = await deriveKeyEncryptionKey(
        ephemeral.privateKey,
        key,
        keyBytes,
        'wrapKey',
        subtle,
        substitute,
      );
      const [wrapped, point] = await Promise.all([
        subtle.wrapKey('raw', cryptoKey, wrappingKey, 'AES-KW'),
        subtle.exportKey('raw', ephemeral.publicKey) as Promise<ArrayBuffer>,
      ]);
      return encodeInfo(keyIdentifier, new Uint8Array(point), keyBytes, new Uint8Array(wrapped));
    },

    parse(info) {
      const fields = info.enter();
      if (fields.smallInteger() !== 3) throw new DerError('version');
      const originator = fields.context(0);
      const originatorKey = originator.context(1);
      originator.end();
      if (originatorKey.sequence().objectIdentifier() !== ID_EC_PUBLIC_KEY) throw new DerError('originator key not EC');
      const originatorPoint = originatorKey.bitString();
      originatorKey.end();
      const keyEncryptionAlgorithm = fields.wholeSequence().encoding;
      const encryptedKeys = fields.sequence();
      fields.end();
      const recipient = encryptedKeys.sequence();
      encryptedKeys.end();
      const identifier = recipient.context(0);
      const keyIdentifier = identifier.octetString();
      identifier.end();
      const encryptedKey = recipient.octetString();
      recipient.end();
      return { keyIdentifier, keyEncryptionAlgorithm, originatorPoint, encryptedKey };
    },

    async unwrap({ keyEncryptionAlgorithm, originatorPoint, encryptedKey }, key, unwrapped, subtle) {
      const { algorithm, extractable } = unwrapped;
      const keyBytes = KEY_SIZES.find((size) => equal(algorithms[size], keyEncryptionAlgorithm));
      if (keyBytes !== unwrapped.keyBytes) throw new DerError('key agreement not the one of curve and cipher');
      const ephemeral = await importEphemeralKey(originatorPoint, subtle);
      const wrappingKey = await deriveKeyEncryptionKey(key, ephemeral, keyBytes, 'unwrapKey', subtle);
      return subtle.unwrapKey('raw', encryptedKey, wrappingKey, 'AES-KW', algorithm, extractable, ['decrypt']);
    },

    length: (_, contentKeyBytes) =>
      encodeInfo(
        new Uint8Array(KEY_IDENTIFIER_BYTES),
        new Uint8Array(1 + 2 * coordinateBytes),
        contentKeyBytes,
        new Uint8Array(contentKeyBytes + WRAP_OVERHEAD_BYTES),
      ).length,
  };
}
