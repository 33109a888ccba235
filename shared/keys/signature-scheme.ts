/** How keys sign certificates and CSRs: ECDSA with the hash of the curve's size, RSA with SHA-256. */

import { ECDSA_WITH_SHA256, ECDSA_WITH_SHA384, ECDSA_WITH_SHA512, encodedOid, SHA256_WITH_RSA } from '../der/oids.ts';
import { encode, NULL, sequence } from '../der/write.ts';
import { ecdsaSignatureFromDer, ecdsaSignatureToDer } from './ecdsa-signature.ts';
import { type Curve, coordinateLength, type PublicKey, readPublicKey } from './public-key.ts';

/** How keys of one type sign. */
export interface SignatureScheme {
  /** Dotted OID of the signature algorithm. */
  readonly oid: string;
  /** DER of its AlgorithmIdentifier. */
  readonly algorithmIdentifier: Uint8Array<ArrayBuffer>;
  /** What WebCrypto calls the key. */
  readonly keyAlgorithm: { readonly name: string; readonly hash: string; readonly namedCurve?: string };
  readonly toDer: (signature: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
  readonly fromDer: (signature: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
}

const unchanged = (signature: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => signature;

const RSA_SCHEME: SignatureScheme = {
  oid: SHA256_WITH_RSA,
  algorithmIdentifier: encode(sequence(encodedOid(SHA256_WITH_RSA), NULL)),
  keyAlgorithm: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  toDer: unchanged,
  fromDer: unchanged,
};

const ecdsaScheme = (curve: Curve, oid: string, hash: string): SignatureScheme => ({
  oid,
  algorithmIdentifier: encode(sequence(encodedOid(oid))),
  keyAlgorithm: { name: 'ECDSA', hash, namedCurve: curve },
  toDer: ecdsaSignatureToDer,
  fromDer: (signature) => ecdsaSignatureFromDer(signature, coordinateLength(curve)),
});

const EC_SCHEMES: Record<Curve, SignatureScheme> = {
  'P-256': ecdsaScheme('P-256', ECDSA_WITH_SHA256, 'SHA-256'),
  'P-384': ecdsaScheme('P-384', ECDSA_WITH_SHA384, 'SHA-384'),
  'P-521': ecdsaScheme('P-521', ECDSA_WITH_SHA512, 'SHA-512'),
};

/**
 * @param spki DER of the signer's SubjectPublicKeyInfo.
 * @returns the key and how it signs; undefined when it is of no accepted type.
 * @throws {DerError} when it is no SubjectPublicKeyInfo.
 */
export function signatureSchemeOf(
  spki: Uint8Array<ArrayBuffer>,
): { publicKey: PublicKey; scheme: SignatureScheme } | undefined {
  const publicKey = readPublicKey(spki);
  if (publicKey === undefined) return undefined;
  const scheme = publicKey.algorithm === 'RSA' ? RSA_SCHEME : EC_SCHEMES[publicKey.curve];
  return scheme && { publicKey, scheme };
}
