/** SubjectPublicKeyInfo of the key types that are accepted (RFC 3279 2.3.1, RFC 5480). */

import { CURVE_OIDS, ID_EC_PUBLIC_KEY, RSA_ENCRYPTION } from '../der/oids.ts';
import { DerError, readWhole } from '../der/read.ts';

export type Curve = keyof typeof CURVE_OIDS;

export interface RsaPublicKey {
  readonly algorithm: 'RSA';
  /** Big-endian, without leading zero octets. */
  readonly modulus: Uint8Array<ArrayBuffer>;
  readonly modulusBits: number;
  /** Big-endian, without leading zero octets. */
  readonly publicExponent: Uint8Array<ArrayBuffer>;
}

export interface EcPublicKey {
  readonly algorithm: 'EC';
  readonly curve: Curve;
}

/** A public key read from its SubjectPublicKeyInfo. */
export type PublicKey = (RsaPublicKey | EcPublicKey) & {
  /** Content of the subjectPublicKey BIT STRING. */
  readonly bits: Uint8Array<ArrayBuffer>;
};

const OCTETS_OF_COORDINATE: Record<Curve, number> = { 'P-256': 32, 'P-384': 48, 'P-521': 66 };

/**
 * @param spki DER of a SubjectPublicKeyInfo.
 * @returns the key, or undefined when its algorithm or curve is none of ours.
 * @throws {DerError} when it is not a SubjectPublicKeyInfo. That an EC point is on its curve is not checked here.
 */
export function readPublicKey(spki: Uint8Array<ArrayBuffer>): PublicKey | undefined {
  const info = readWhole(spki, 0x30);
  const algorithm = info.enter(0x30);
  const oid = algorithm.objectIdentifier();
  if (oid === RSA_ENCRYPTION) {
    if (algorithm.expect(0x05).content.length !== 0) throw new DerError('malformed NULL');
    algorithm.end();
    const bits = info.bitString();
    info.end();
    const key = readWhole(bits, 0x30);
    const modulus = key.unsignedInteger();
    const publicExponent = key.unsignedInteger();
    key.end();
    const modulusBits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
    return { algorithm: 'RSA', modulus, modulusBits, publicExponent, bits };
  }
  if (oid !== ID_EC_PUBLIC_KEY || algorithm.tag !== 0x06) return undefined;
  const curveOid = algorithm.objectIdentifier();
  algorithm.end();
  const bits = info.bitString();
  info.end();
  for (const curve of ['P-256', 'P-384', 'P-521'] as const) {
    if (CURVE_OIDS[curve] !== curveOid) continue;
    const uncompressed = bits[0] === 0x04 && bits.length === 1 + 2 * OCTETS_OF_COORDINATE[curve];
    return uncompressed ? { algorithm: 'EC', curve, bits } : undefined;
  }
  return undefined;
}

/** The key's name in documents and logs: `RSA-2048`, `P-256`. */
export function keyTypeName(key: RsaPublicKey | EcPublicKey): string {
  return key.algorithm === 'RSA' ? `RSA-${key.modulusBits}` : key.curve;
}

/** SubjectKeyIdentifier by method 1 of RFC 5280 4.2.1.2: SHA-1 of the key's bits. */
export async function keyIdentifier(
  bits: Uint8Array<ArrayBuffer>,
  subtle: SubtleCrypto = crypto.subtle,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await subtle.digest('SHA-1', bits));
}

/** Octets of one coordinate, which is also what ECDH gives. */
export const coordinateLength = (curve: Curve): number => OCTETS_OF_COORDINATE[curve];
