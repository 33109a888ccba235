/** Ephemeral-static ECDH with the X9.63 KDF and AES key wrap as CMS names them (RFC 5753, RFC 5652 6.2.2). */

import { concat, equal } from '../bytes.ts';
import {
  encodedOid,
  ID_AES128_WRAP,
  ID_AES256_WRAP,
  ID_EC_PUBLIC_KEY,
  STD_DH_SHA256_KDF,
  STD_DH_SHA384_KDF,
  STD_DH_SHA512_KDF,
} from '../der/oids.ts';
import { DerError } from '../der/read.ts';
import { bitString, context, encode, octetString, type Part, sequence, smallInteger } from '../der/write.ts';
import { type Curve, coordinateLength } from '../keys/public-key.ts';

/** The key derivation that goes with each curve (RFC 5753 7.1.4). */
const SCHEMES: Readonly<Record<Curve, { readonly oid: Uint8Array; readonly hash: string }>> = {
  'P-256': { oid: encodedOid(STD_DH_SHA256_KDF), hash: 'SHA-256' },
  'P-384': { oid: encodedOid(STD_DH_SHA384_KDF), hash: 'SHA-384' },
  'P-521': { oid: encodedOid(STD_DH_SHA512_KDF), hash: 'SHA-512' },
};

/** AlgorithmIdentifier of AES key wrap by the octets of its key; parameters absent (RFC 3565 2.3.2). */
const WRAPS = {
  16: encode(sequence(encodedOid(ID_AES128_WRAP))),
  32: encode(sequence(encodedOid(ID_AES256_WRAP))),
} as const;

export type WrapKeyOctets = keyof typeof WRAPS;

/** DER of the KeyEncryptionAlgorithmIdentifier, by the curve and by the octets of the wrapping key. */
const KEY_AGREEMENTS: Readonly<Record<Curve, Readonly<Record<WrapKeyOctets, Uint8Array>>>> = {
  'P-256': keyAgreements('P-256'),
  'P-384': keyAgreements('P-384'),
  'P-521': keyAgreements('P-521'),
};

function keyAgreements(curve: Curve): Record<WrapKeyOctets, Uint8Array> {
  const { oid } = SCHEMES[curve];
  return { 16: encode(sequence(oid, WRAPS[16])), 32: encode(sequence(oid, WRAPS[32])) };
}

/** Octets of the wrapping key that a KeyEncryptionAlgorithmIdentifier asks for; undefined when it is not the curve's. */
export function wrapKeyOctetsOf(curve: Curve, algorithmIdentifier: Uint8Array): WrapKeyOctets | undefined {
  return ([16, 32] as const).find((octets) => equal(KEY_AGREEMENTS[curve][octets], algorithmIdentifier));
}

/** ECC-CMS-SharedInfo (RFC 5753 7.2): the wrap's AlgorithmIdentifier, and its key length in bits as four octets. */
const SHARED_INFOS = {
  16: encode(sequence(WRAPS[16], context(2, octetString(Uint8Array.of(0, 0, 0, 128))))),
  32: encode(sequence(WRAPS[32], context(2, octetString(Uint8Array.of(0, 0, 1, 0))))),
} as const;

/** First octet of a point that is not compressed (SEC 1 2.3.3). */
const UNCOMPRESSED = 0x04;

/**
 * The originator's ephemeral public key (RFC 5753 3.1.1).
 * @throws {DerError} unless the point is in the one form that sealing writes: some platforms take other ones as well,
 *   and then there would be two messages for one. What the platform throws when it is not on the curve.
 */
export async function importPoint(
  curve: Curve,
  point: Uint8Array<ArrayBuffer>,
  subtle: SubtleCrypto,
): Promise<CryptoKey> {
  if (point[0] !== UNCOMPRESSED || point.length !== 1 + 2 * coordinateLength(curve)) {
    throw new DerError('form of the point');
  }
  return subtle.importKey('raw', point, { name: 'ECDH', namedCurve: curve }, false, []);
}

const FIRST_BLOCK = Uint8Array.of(0, 0, 0, 1);

/**
 * The key-encryption key that a private and a public key agree on: ECDH, then the KDF of ANSI X9.63 (SEC 1 3.6.1). The
 * hashes are never shorter than the wrapping key, so that the KDF is one call of the hash.
 * @param usage of the resulting AES-KW key.
 * @param subtle the WebCrypto that the keys are of.
 */
export async function agreeOnKey(
  curve: Curve,
  privateKey: CryptoKey,
  publicKey: CryptoKey,
  wrapKeyOctets: WrapKeyOctets,
  usage: 'wrapKey' | 'unwrapKey',
  subtle: SubtleCrypto = crypto.subtle,
): Promise<CryptoKey> {
  const bits = coordinateLength(curve) * 8;
  const ecdh = { name: 'ECDH', public: publicKey };
  const secret = new Uint8Array(await subtle.deriveBits(ecdh, privateKey, bits));
  const input = concat([secret, FIRST_BLOCK, SHARED_INFOS[wrapKeyOctets]]);
  const derived = await subtle.digest(SCHEMES[curve].hash, input);
  return subtle.importKey('raw', derived.slice(0, wrapKeyOctets), 'AES-KW', false, [usage]);
}

const VERSION_3 = smallInteger(3);
/** AlgorithmIdentifier of the originator's key: its curve is the recipient's, parameters absent (RFC 5753 3.1.1). */
const EC_PUBLIC_KEY = encode(sequence(encodedOid(ID_EC_PUBLIC_KEY)));

/** KeyAgreeRecipientInfo for one recipient by subjectKeyIdentifier. */
export function encodeKeyAgreeRecipientInfo(
  curve: Curve,
  wrapKeyOctets: WrapKeyOctets,
  keyIdentifier: Uint8Array,
  ephemeralPoint: Uint8Array,
  encryptedKey: Uint8Array,
): Part {
  return context(
    1,
    VERSION_3,
    context(0, context(1, EC_PUBLIC_KEY, bitString(ephemeralPoint))),
    KEY_AGREEMENTS[curve][wrapKeyOctets],
    sequence(sequence(context(0, octetString(keyIdentifier)), octetString(encryptedKey))),
  );
}
