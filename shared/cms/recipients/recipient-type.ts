import type { ContentKey } from '../../crypto/content-cipher.ts';
import type { PublicKey } from '../../crypto/keys/public-key.ts';
import type { Element } from '../../encoding/der/reader.ts';
import type { Part } from '../../encoding/der/writer.ts';
import type { KeyUsage } from '../../x509/key-usage.ts';

/** A public key that content is sealed for. */
export interface Recipient {
  readonly type: RecipientType;
  /** SubjectKeyIdentifier, by which the holder of the key finds the message. */
  readonly keyIdentifier: Uint8Array<ArrayBuffer>;
  /** The public key, as its type imports it. */
  readonly key: CryptoKey;
}

/** A private key that opens what was sealed for its public key. */
export interface RecipientPrivateKey {
  /** SubjectKeyIdentifier of the public key. */
  readonly keyIdentifier: Uint8Array;
  /** For RSA-OAEP with SHA-256 and the usage `decrypt`, or for ECDH and `deriveBits`. */
  readonly key: CryptoKey;
}

/** The bytes of the wrapping key, for which AES key wrap has as many as the content key. */
export type KeyBytes = 16 | 32;

/** The WebCrypto name under which a content key is unwrapped, and how. */
export interface UnwrappedKeyParameters {
  readonly algorithm: 'AES-GCM' | 'AES-CBC';
  readonly keyBytes: KeyBytes;
  readonly extractable: boolean;
}

/** @returns another key of as many bytes. */
export type SubstituteKey = (key: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

/** A RecipientInfo (RFC 5652 6.2), as far as its types have something in common. */
export interface RecipientInfo {
  /** Undefined when the recipient is named by issuer and serial number. */
  readonly keyIdentifier: Uint8Array<ArrayBuffer> | undefined;
  /** DER of the KeyEncryptionAlgorithmIdentifier. */
  readonly keyEncryptionAlgorithm: Uint8Array<ArrayBuffer>;
  readonly encryptedKey: Uint8Array<ArrayBuffer>;
}

/** Getting a content key to keys of one type: all that sealing and opening need to know of it. */
export interface RecipientType<Info extends RecipientInfo = RecipientInfo> {
  /** Identifier byte of its RecipientInfo. */
  readonly tag: number;
  /** The use of such keys, for certificates (RFC 5280 4.2.1.3). */
  readonly keyUsage: KeyUsage;
  /** The parameters by which WebCrypto imports such keys. */
  readonly keyAlgorithm: { readonly name: string; readonly hash?: string; readonly namedCurve?: string };
  /** The use of the private key, as WebCrypto names it. */
  readonly privateKeyUsage: 'decrypt' | 'deriveBits';
  /** The uses of the public key, as WebCrypto names them. */
  readonly publicKeyUsages: readonly 'encrypt'[];
  /** DER of the AlgorithmIdentifier of such keys in a SubjectPublicKeyInfo and in a PrivateKeyInfo. */
  readonly keyAlgorithmIdentifier: Uint8Array;
  /** True for public keys of this type. */
  accepts(key: PublicKey): boolean;
  /**
   * Encrypts the content key for the recipient.
   * @param substitute gives another key for one that it depends on, so that no party can unwrap it; by default none is.
   * @returns the RecipientInfo.
   */
  wrap(recipient: Recipient, contentKey: ContentKey, subtle: SubtleCrypto, substitute?: SubstituteKey): Promise<Part>;
  /** @throws {DerError} when it is not the RecipientInfo of this type. */
  parse(info: Element): Info;
  /** @throws {DerError} when the algorithms are not those that `wrap` uses; what the platform throws. */
  unwrap(info: Info, key: CryptoKey, unwrapped: UnwrappedKeyParameters, subtle: SubtleCrypto): Promise<CryptoKey>;
  /** @returns the size of the RecipientInfo that `wrap` writes for a content key, in bytes. */
  length(key: PublicKey, contentKeyBytes: KeyBytes): number;
}
