/** ECDSA on certificates and CSRs (RFC 5758 3.2). */

import { DerError } from '../../encoding/der/error.ts';
import { parseSequence } from '../../encoding/der/reader.ts';
import { encode, objectIdentifier, sequence, unsignedInteger } from '../../encoding/der/writer.ts';
import { CURVE_NAMES, CURVES, type Curve, encodeEcAlgorithmIdentifier } from '../keys/ec.ts';
import type { SignatureScheme, SignatureSchemes } from './scheme.ts';

/** ECDSA by its hash (RFC 5758 3.2). */
export const ECDSA_OIDS = {
  'SHA-256': '1.2.840.10045.4.3.2',
  'SHA-384': '1.2.840.10045.4.3.3',
  'SHA-512': '1.2.840.10045.4.3.4',
} as const;

/** ECDSA on a curve with a hash. */
export function ecdsa(curve: Curve, hash: keyof typeof ECDSA_OIDS): SignatureScheme {
  const { coordinateBytes } = CURVES[curve];
  return {
    algorithmIdentifier: encode(sequence(objectIdentifier(ECDSA_OIDS[hash]))),
    keyAlgorithm: { name: 'ECDSA', hash, namedCurve: curve },
    algorithm: { name: 'ECDSA', hash },
    toDer: encodeEcdsaSignature,
    fromDer: (signature) => parseEcdsaSignature(signature, coordinateBytes),
  };
}

/** One entry a curve. */
export const ECDSA: readonly SignatureSchemes[] = CURVE_NAMES.map((curve) => {
  const preferred = ecdsa(curve, CURVES[curve].hash);
  return {
    keyAlgorithmIdentifier: encodeEcAlgorithmIdentifier(curve),
    accepts: (key) => key.algorithm === 'EC' && key.curve === curve,
    preferred,
    http: [{ alg: CURVES[curve].httpName, ...preferred }],
  };
});

/**
 * From WebCrypto's form to that of X.509 (RFC 3279 2.2.3: SEQUENCE of r and s).
 * @param raw r and s, each of half the length.
 */
export function encodeEcdsaSignature(raw: Uint8Array): Uint8Array<ArrayBuffer> {
  const half = raw.length / 2;
  return encode(sequence(unsignedInteger(raw.subarray(0, half)), unsignedInteger(raw.subarray(half))));
}

/**
 * From the form of X.509 to that of WebCrypto.
 * @param coordinateBytes size of r and of s in the result.
 * @throws {DerError} when it is not such a SEQUENCE, or a number is too large.
 */
export function parseEcdsaSignature(der: Uint8Array<ArrayBuffer>, coordinateBytes: number): Uint8Array<ArrayBuffer> {
  const reader = parseSequence(der);
  const raw = new Uint8Array(2 * coordinateBytes);
  for (const end of [coordinateBytes, 2 * coordinateBytes]) {
    const number = reader.unsignedInteger();
    if (number.length > coordinateBytes) throw new DerError('number too large for the curve');
    raw.set(number, end - number.length);
  }
  reader.end();
  return raw;
}
