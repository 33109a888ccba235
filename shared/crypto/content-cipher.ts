/** A cipher for content of any length. */
export interface ContentCipher {
  /** The name under which WebCrypto carries the key: for a cipher that it lacks, one that it has. */
  readonly keyAlgorithm: 'AES-GCM' | 'AES-CBC';
  /** True when decrypting takes the bytes of the key, so that it must be extractable. */
  readonly needsKeyBytes: boolean;
  /** @param nonce never used before with this key. */
  encrypt(
    key: ContentKey,
    nonce: Uint8Array<ArrayBuffer>,
    content: Uint8Array<ArrayBuffer>,
    subtle: SubtleCrypto,
  ): Promise<EncryptedContent>;
  /**
   * @param key for `decrypt` under `keyAlgorithm`.
   * @throws when the tag or the padding is wrong; the error is the platform's.
   */
  decrypt(
    key: CryptoKey,
    nonce: Uint8Array<ArrayBuffer>,
    encrypted: EncryptedContent,
    subtle: SubtleCrypto,
  ): Promise<Uint8Array<ArrayBuffer>>;
}

export interface EncryptedContent {
  readonly ciphertext: Uint8Array<ArrayBuffer>;
  /** The authentication tag; empty where the cipher has none. */
  readonly tag: Uint8Array<ArrayBuffer>;
}

/** A content-encryption key, as bytes and as WebCrypto has it. */
export interface ContentKey {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** For `encrypt` under the cipher's `keyAlgorithm`. */
  readonly cryptoKey: CryptoKey;
}
