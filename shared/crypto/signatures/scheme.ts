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

/** The schemes of one type of key. */
export interface SignatureSchemes {
  /** True when a key of this type signs by these schemes. */
  accepts(key: PublicKey): boolean;
  /** The scheme by which keys of this type sign here. */
  readonly preferred: SignatureScheme;
  /**
   * @param algorithmIdentifier DER.
   * @returns the scheme that it names; undefined when it names none of these, or one with a weak hash.
   */
  find(algorithmIdentifier: Uint8Array<ArrayBuffer>): SignatureScheme | undefined;
}
