/** EC public keys on named curves, with uncompressed points (RFC 5480). */

import { OBJECT_IDENTIFIER } from '../../encoding/der/tag.ts';
import { encode, objectIdentifier, sequence } from '../../encoding/der/writer.ts';
import { KeyError, type KeyParser } from './parser.ts';

interface CurveParameters {
  /** Dotted OID. */
  readonly oid: string;
  /** Size of one coordinate in bytes, which is also what ECDH gives. */
  readonly coordinateBytes: number;
  /** The hash of the curve's size: by it keys sign, and by it keys are derived (RFC 5753 7.1.4). */
  readonly hash: 'SHA-256' | 'SHA-384' | 'SHA-512';
  /** The name of ECDSA with that hash among the HTTP signature algorithms (RFC 9421 6.2.2), where it has one. */
  readonly httpName: string | undefined;
  /** The prime p and the coefficient b of y² = x³ − 3x + b modulo p (FIPS 186-4 D.1.2). */
  readonly p: bigint;
  readonly b: bigint;
}

/** The accepted curves by WebCrypto's names. */
export const CURVES = {
  'P-256': {
    oid: '1.2.840.10045.3.1.7',
    coordinateBytes: 32,
    hash: 'SHA-256',
    httpName: 'ecdsa-p256-sha256',
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  'P-384': {
    oid: '1.3.132.0.34',
    coordinateBytes: 48,
    hash: 'SHA-384',
    httpName: 'ecdsa-p384-sha384',
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
  'P-521': {
    oid: '1.3.132.0.35',
    coordinateBytes: 66,
    hash: 'SHA-512',
    httpName: undefined,
    p: 2n ** 521n - 1n,
    b: 0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  },
} as const satisfies Record<string, CurveParameters>;

export type Curve = keyof typeof CURVES;
export const CURVE_NAMES = Object.keys(CURVES) as Curve[];

/** The key types of the curves: WebCrypto's parameters to generate a key pair that signs. */
export const EC_KEY_TYPES = Object.fromEntries(
  CURVE_NAMES.map((curve) => [curve, { name: 'ECDSA', namedCurve: curve }]),
) as Readonly<Record<Curve, { readonly name: string; readonly namedCurve: Curve }>>;

/** A key on an elliptic curve (RFC 5480). */
export interface EcPublicKey {
  readonly algorithm: 'EC';
  readonly curve: Curve;
}

export const ID_EC_PUBLIC_KEY = '1.2.840.10045.2.1';

/** DER of the AlgorithmIdentifier in a SubjectPublicKeyInfo. */
export const encodeEcAlgorithmIdentifier = (curve: Curve): Uint8Array =>
  encode(sequence(objectIdentifier(ID_EC_PUBLIC_KEY), objectIdentifier(CURVES[curve].oid)));

/** First byte of a point that is not compressed (SEC 1 2.3.3). */
const UNCOMPRESSED = 0x04;

/** True for a point in the one form that is accepted. Some platforms take compressed and hybrid ones as well. */
export const isUncompressedPoint = (curve: Curve, point: Uint8Array): boolean =>
  point[0] === UNCOMPRESSED && point.length === 1 + 2 * CURVES[curve].coordinateBytes;

export const EC: KeyParser<EcPublicKey> = {
  oid: ID_EC_PUBLIC_KEY,
  parse(parameters, bits) {
    if (parameters.tag !== OBJECT_IDENTIFIER) throw new KeyError('the EC key has no named curve');
    const oid = parameters.objectIdentifier();
    parameters.end();
    const curve = CURVE_NAMES.find((name) => CURVES[name].oid === oid);
    if (curve === undefined) throw new KeyError(`the key is on the curve ${oid}, which is not accepted`);
    if (!isUncompressedPoint(curve, bits)) throw new KeyError(`the ${curve} key has a point that is not uncompressed`);
    return { algorithm: 'EC', keyType: curve, curve };
  },
};
