// A stand-in for Apple's CryptoKit on Linux: as much of it as examples/swift takes, with Apple's names and signatures.
// The cryptography is that of OpenSSL.

import Foundation
import OpenSSL

public enum CryptoKitError: Error {
  case incorrectKeySize
  case incorrectParameterSize
  case authenticationFailure
  case underlyingCoreCryptoError(error: Int32)
  case wrapFailure
  case unwrapFailure
  case invalidParameter
}

// MARK: - Hashes

public protocol Digest: Hashable, ContiguousBytes, Sequence where Element == UInt8 {
  static var byteCount: Int { get }
}

public protocol HashFunction {
  associatedtype Digest: CryptoKit.Digest
  static func hash<D: DataProtocol>(data: D) -> Digest
}

public struct SHA256Digest: Digest {
  public static var byteCount: Int { 32 }
  fileprivate let bytes: [UInt8]
  public func makeIterator() -> Array<UInt8>.Iterator { bytes.makeIterator() }
  public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try bytes.withUnsafeBytes(body)
  }
}

public struct SHA256: HashFunction {
  public static func hash<D: DataProtocol>(data: D) -> SHA256Digest {
    SHA256Digest(bytes: digest(data, EVP_sha256(), SHA256Digest.byteCount))
  }
}

public enum Insecure {
  public struct SHA1Digest: Digest {
    public static var byteCount: Int { 20 }
    fileprivate let bytes: [UInt8]
    public func makeIterator() -> Array<UInt8>.Iterator { bytes.makeIterator() }
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
      try bytes.withUnsafeBytes(body)
    }
  }

  public struct SHA1: HashFunction {
    public static func hash<D: DataProtocol>(data: D) -> SHA1Digest {
      SHA1Digest(bytes: digest(data, EVP_sha1(), SHA1Digest.byteCount))
    }
  }
}

private func digest<D: DataProtocol>(_ data: D, _ algorithm: OpaquePointer, _ size: Int) -> [UInt8] {
  let input = [UInt8](data)
  var output = [UInt8](repeating: 0, count: size)
  precondition(EVP_Digest(input, input.count, &output, nil, algorithm, nil) == 1)
  return output
}

// MARK: - P-256

public enum P256 {
  public enum Signing {
    public struct ECDSASignature {
      /// r and s in 32 bytes each.
      public let rawRepresentation: Data

      public init<D: DataProtocol>(rawRepresentation: D) throws {
        guard rawRepresentation.count == 64 else { throw CryptoKitError.incorrectParameterSize }
        self.rawRepresentation = Data(rawRepresentation)
      }

      public init<D: DataProtocol>(derRepresentation: D) throws {
        let input = [UInt8](derRepresentation)
        let parsed = input.withUnsafeBufferPointer { buffer in
          var next = buffer.baseAddress
          return d2i_ECDSA_SIG(nil, &next, buffer.count)
        }
        guard let parsed else { throw CryptoKitError.invalidParameter }
        defer { ECDSA_SIG_free(parsed) }
        var (r, s) = ([UInt8](repeating: 0, count: 32), [UInt8](repeating: 0, count: 32))
        guard BN_bn2binpad(ECDSA_SIG_get0_r(parsed), &r, 32) == 32, BN_bn2binpad(ECDSA_SIG_get0_s(parsed), &s, 32) == 32
        else { throw CryptoKitError.invalidParameter }
        rawRepresentation = Data(r + s)
      }

      public var derRepresentation: Data {
        let raw = [UInt8](rawRepresentation)
        let signature = ECDSA_SIG_new()
        defer { ECDSA_SIG_free(signature) }
        ECDSA_SIG_set0(signature, BN_bin2bn(raw, 32, nil), BN_bin2bn([UInt8](raw.suffix(32)), 32, nil))
        var output: UnsafeMutablePointer<UInt8>?
        let size = i2d_ECDSA_SIG(signature, &output)
        defer { CRYPTO_free(output, nil, 0) }
        return Data(bytes: output!, count: Int(size))
      }
    }

    public struct PublicKey {
      /// What comes before the point in a SubjectPublicKeyInfo (RFC 5480).
      private static let head: [UInt8] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
        0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
      ]
      public let derRepresentation: Data

      public init<Bytes: ContiguousBytes>(x963Representation: Bytes) throws {
        try self.init(derRepresentation: PublicKey.head + x963Representation.withUnsafeBytes { [UInt8]($0) })
      }

      public init<Bytes: RandomAccessCollection>(derRepresentation: Bytes) throws where Bytes.Element == UInt8 {
        self.derRepresentation = Data(derRepresentation)
        guard self.derRepresentation.starts(with: PublicKey.head), derRepresentation.count == 91, let key = opened()
        else { throw CryptoKitError.invalidParameter }
        EVP_PKEY_free(key)
      }

      public var x963Representation: Data { Data(derRepresentation.dropFirst(PublicKey.head.count)) }

      public func isValidSignature<D: DataProtocol>(_ signature: ECDSASignature, for data: D) -> Bool {
        let (input, der) = ([UInt8](data), [UInt8](signature.derRepresentation))
        let (key, context) = (opened(), EVP_MD_CTX_new())
        defer {
          EVP_MD_CTX_free(context)
          EVP_PKEY_free(key)
        }
        return EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1
          && EVP_DigestVerify(context, der, der.count, input, input.count) == 1
      }

      /// nil when the point is not on the curve.
      private func opened() -> OpaquePointer? {
        [UInt8](derRepresentation).withUnsafeBufferPointer { buffer in
          var next = buffer.baseAddress
          return d2i_PUBKEY(nil, &next, buffer.count)
        }
      }
    }
  }
}

// MARK: - AES

public struct SymmetricKey: ContiguousBytes {
  private let bytes: [UInt8]

  public init<D: ContiguousBytes>(data: D) {
    bytes = data.withUnsafeBytes { [UInt8]($0) }
  }

  public var bitCount: Int { bytes.count * 8 }

  public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try bytes.withUnsafeBytes(body)
  }
}

extension ContiguousBytes {
  fileprivate var array: [UInt8] { withUnsafeBytes { [UInt8]($0) } }
}

public enum AES {
  /// RFC 3394.
  public enum KeyWrap {
    public static func unwrap<WrappedKey: DataProtocol>(_ wrapped: WrappedKey, using kek: SymmetricKey) throws
      -> SymmetricKey
    {
      guard let cipher = [128: EVP_aes_128_wrap(), 192: EVP_aes_192_wrap(), 256: EVP_aes_256_wrap()][kek.bitCount] else {
        throw CryptoKitError.incorrectKeySize
      }
      let input = [UInt8](wrapped)
      let context = EVP_CIPHER_CTX_new()
      defer { EVP_CIPHER_CTX_free(context) }
      EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW)
      // OpenSSL asks for room for the longest output of any mode.
      var output = [UInt8](repeating: 0, count: input.count + 16)
      var size: Int32 = 0
      guard EVP_DecryptInit_ex(context, cipher, nil, kek.array, nil) == 1,
        EVP_DecryptUpdate(context, &output, &size, input, Int32(input.count)) == 1, size > 0
      else { throw CryptoKitError.unwrapFailure }
      return SymmetricKey(data: output.prefix(Int(size)))
    }
  }

  public enum GCM {
    public struct Nonce: ContiguousBytes, Sequence {
      private let bytes: [UInt8]

      public init<D: DataProtocol>(data: D) throws {
        guard data.count >= 12 else { throw CryptoKitError.incorrectParameterSize }
        bytes = [UInt8](data)
      }

      public func makeIterator() -> Array<UInt8>.Iterator { bytes.makeIterator() }
      public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try bytes.withUnsafeBytes(body)
      }
    }

    public struct SealedBox {
      public let nonce: Nonce
      public let ciphertext: Data
      public let tag: Data

      public init<C: DataProtocol, T: DataProtocol>(nonce: Nonce, ciphertext: C, tag: T) throws {
        guard tag.count == 16 else { throw CryptoKitError.incorrectParameterSize }
        self.nonce = nonce
        self.ciphertext = Data(ciphertext)
        self.tag = Data(tag)
      }
    }

    public static func open(_ sealedBox: SealedBox, using key: SymmetricKey) throws -> Data {
      guard let cipher = [128: EVP_aes_128_gcm(), 192: EVP_aes_192_gcm(), 256: EVP_aes_256_gcm()][key.bitCount] else {
        throw CryptoKitError.incorrectKeySize
      }
      let (nonce, input) = (sealedBox.nonce.array, [UInt8](sealedBox.ciphertext))
      var tag = [UInt8](sealedBox.tag)
      let context = EVP_CIPHER_CTX_new()
      defer { EVP_CIPHER_CTX_free(context) }
      var output = [UInt8](repeating: 0, count: input.count)
      var (size, rest): (Int32, Int32) = (0, 0)
      guard EVP_DecryptInit_ex(context, cipher, nil, nil, nil) == 1,
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, Int32(nonce.count), nil) == 1,
        EVP_DecryptInit_ex(context, nil, nil, key.array, nonce) == 1,
        EVP_DecryptUpdate(context, &output, &size, input, Int32(input.count)) == 1,
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1,
        // GCM gives nothing at the end, but looks at the tag.
        EVP_DecryptFinal_ex(context, &output, &rest) == 1
      else { throw CryptoKitError.authenticationFailure }
      return Data(output)
    }
  }
}
