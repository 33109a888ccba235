import type { PublicKey } from '../keys/public-key.ts';

/** One way to sign with keys of one type. */
export interface SignatureScheme {
  /** DER of its AlgorithmIdentifier. */
  readonly algorithmIdentifier: Uint8Array<ArrayBuffer>;
  /** The parameters by which WebCrypto generates and imports the key. */
  readonly keyAlgorithm: { readonly name: string; readonly hash: string; readonly namedCurve?: string };
  /** The parameters by which WebCrypto signs and verifies. */
  readonly algorithm: { readonly name: string; readonly hash: string; readonly saltLength?: number };
  /** From WebCrypto's form of a signature to that of X.509. */
  toDer(signature: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
  /** From the form of X.509 to WebCrypto's. @throws {DerError} when it is not of the scheme's form. */
  fromDer(signature: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
}

/** A signature algorithm of HTTP Message Signatures (RFC 9421 3.3). */
export interface HttpSignatureAlgorithm {
  /** Its name in the parameter `alg`; undefined where the registry has none, and `alg` is left out. */
  readonly alg: string | undefined;
  /** The parameters by which WebCrypto imports the key. */
  readonly keyAlgorithm: { readonly name: string; readonly hash: string; readonly namedCurve?: string };
  /** The parameters by which WebCrypto signs and verifies. */
  readonly algorithm: { readonly name: string; readonly hash: string; readonly saltLength?: number };
}

/** The schemes of one type of key. */
export interface SignatureSchemes {
  /** DER of the AlgorithmIdentifier of such keys in a SubjectPublicKeyInfo and in a PrivateKeyInfo. */
  readonly keyAlgorithmIdentifier: Uint8Array;
  /** True when a key of this type signs by these schemes. */
  accepts(key: PublicKey): boolean;
  /** The algorithms by which keys of this type sign HTTP messages, the preferred one first. */
  readonly http: readonly [HttpSignatureAlgorithm, ...HttpSignatureAlgorithm[]];
  /** The scheme by which keys of this type sign certificates and CSRs here. */
  readonly preferred: SignatureScheme;
}
