// A stand-in for Apple's Security.framework on Linux: as much of it as examples/swift takes, with Apple's names and
// signatures. The cryptography is that of OpenSSL. There is no Secure Enclave: private keys are in the keychain, and
// that is a file in the working folder.

import CryptoKit
import Foundation
// Where URLSession is on Linux. On Apple's systems it is in Foundation.
@_exported import FoundationNetworking
import OpenSSL

// MARK: - Core Foundation

// Types of Swift take the place of those that Apple's bridge to them.
public typealias CFAllocator = Never
public typealias CFData = Data
public typealias CFDictionary = [AnyHashable: Any]
public typealias CFString = String
public typealias CFTypeRef = Any
public typealias OSStatus = Int32

public final class CFError: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

public typealias ErrorPointer = UnsafeMutablePointer<Unmanaged<CFError>?>

/// - Returns: nil, as all functions here do that fail.
private func fail<T>(_ error: ErrorPointer?, _ reason: String) -> T? {
  error?.pointee = Unmanaged.passRetained(CFError(reason))
  return nil
}

// MARK: - Names. Programs do not see the values of those of text: here they only differ from each other.

public let kSecClass = "class"
public let kSecClassKey = "keys"
public let kSecClassGenericPassword = "genp"
public let kSecAttrAccessControl = "accc"
public let kSecAttrAccessible = "pdmn"
public let kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly = "cku"
public let kSecAttrAccount = "acct"
public let kSecAttrApplicationTag = "atag"
public let kSecAttrIsPermanent = "perm"
public let kSecAttrKeyClass = "kcls"
public let kSecAttrKeyClassPrivate = "1"
public let kSecAttrKeyClassPublic = "0"
public let kSecAttrKeySizeInBits = "bsiz"
public let kSecAttrKeyType = "type"
public let kSecAttrKeyTypeECSECPrimeRandom = "73"
public let kSecAttrService = "svce"
public let kSecAttrTokenID = "tkid"
public let kSecAttrTokenIDSecureEnclave = "com.apple.setoken"
public let kSecPrivateKeyAttrs = "private"
public let kSecReturnData = "r_Data"
public let kSecReturnRef = "r_Ref"
public let kSecUseDataProtectionKeychain = "nleg"
public let kSecValueData = "v_Data"

public let errSecSuccess: OSStatus = 0
public let errSecDuplicateItem: OSStatus = -25299
public let errSecItemNotFound: OSStatus = -25300
public let errSecParam: OSStatus = -50

public struct SecAccessControlCreateFlags: OptionSet, Sendable {
  public let rawValue: UInt
  public init(rawValue: UInt) { self.rawValue = rawValue }
  public static let privateKeyUsage = SecAccessControlCreateFlags(rawValue: 1 << 30)
}

public final class SecAccessControl {
  let flags: SecAccessControlCreateFlags

  init(_ flags: SecAccessControlCreateFlags) { self.flags = flags }
}

public func SecAccessControlCreateWithFlags(
  _ allocator: CFAllocator?, _ protection: CFTypeRef, _ flags: SecAccessControlCreateFlags, _ error: ErrorPointer?
) -> SecAccessControl? {
  SecAccessControl(flags)
}

public enum SecKeyOperationType: Sendable {
  case sign, verify, encrypt, decrypt, keyExchange
}

public struct SecKeyAlgorithm: RawRepresentable, Hashable, Sendable {
  public let rawValue: CFString
  public init(rawValue: CFString) { self.rawValue = rawValue }
  public static let ecdsaSignatureMessageX962SHA256 = SecKeyAlgorithm(rawValue: "EC SHA256")
  public static let ecdsaSignatureMessageX962SHA384 = SecKeyAlgorithm(rawValue: "EC SHA384")
  public static let ecdsaSignatureMessageX962SHA512 = SecKeyAlgorithm(rawValue: "EC SHA512")
  public static let rsaSignatureMessagePKCS1v15SHA256 = SecKeyAlgorithm(rawValue: "RSA SHA256")
  public static let ecdhKeyExchangeStandardX963SHA256 = SecKeyAlgorithm(rawValue: "ECDH X963 SHA256")

  /// Of a signature: the type of its keys, and its hash.
  fileprivate var parts: (type: Int32, hash: OpaquePointer)? {
    switch self {
    case .ecdsaSignatureMessageX962SHA256: return (EVP_PKEY_EC, EVP_sha256())
    case .ecdsaSignatureMessageX962SHA384: return (EVP_PKEY_EC, EVP_sha384())
    case .ecdsaSignatureMessageX962SHA512: return (EVP_PKEY_EC, EVP_sha512())
    case .rsaSignatureMessagePKCS1v15SHA256: return (EVP_PKEY_RSA, EVP_sha256())
    default: return nil
    }
  }
}

public struct SecKeyKeyExchangeParameter: RawRepresentable, Hashable, Sendable {
  public let rawValue: CFString
  public init(rawValue: CFString) { self.rawValue = rawValue }
  public static let requestedSize = SecKeyKeyExchangeParameter(rawValue: "requestedSize")
  public static let sharedInfo = SecKeyKeyExchangeParameter(rawValue: "sharedInfo")
}

// MARK: - Keys

public final class SecKey {
  fileprivate let key: OpaquePointer
  fileprivate let isPrivate: Bool

  fileprivate init(_ key: OpaquePointer, isPrivate: Bool) {
    self.key = key
    self.isPrivate = isPrivate
  }

  deinit { EVP_PKEY_free(key) }

  fileprivate convenience init?(publicKey der: Data) {
    let key = [UInt8](der).withUnsafeBufferPointer { buffer in
      var next = buffer.baseAddress
      return d2i_PUBKEY(nil, &next, buffer.count)
    }
    guard let key else { return nil }
    self.init(key, isPrivate: false)
  }

  /// - Parameter der: an ECPrivateKey (RFC 5915).
  fileprivate convenience init?(privateKey der: Data) {
    let key = [UInt8](der).withUnsafeBufferPointer { buffer in
      var next = buffer.baseAddress
      return d2i_AutoPrivateKey(nil, &next, buffer.count)
    }
    guard let key else { return nil }
    self.init(key, isPrivate: true)
  }
}

private typealias Encoder = (OpaquePointer?, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32

private func encode(_ key: SecKey, _ encoder: Encoder) -> Data? {
  var output: UnsafeMutablePointer<UInt8>?
  let size = encoder(key.key, &output)
  defer { CRYPTO_free(output, nil, 0) }
  return output.map { Data(bytes: $0, count: Int(size)) }
}

/// Makes keys as the Secure Enclave does: P-256 only, and with an access control that lets them be used.
public func SecKeyCreateRandomKey(_ parameters: CFDictionary, _ error: ErrorPointer?) -> SecKey? {
  guard parameters[kSecAttrKeyType] as? CFString == kSecAttrKeyTypeECSECPrimeRandom,
    parameters[kSecAttrKeySizeInBits] as? Int == 256,
    parameters[kSecAttrTokenID] as? CFString == kSecAttrTokenIDSecureEnclave,
    let attributes = parameters[kSecPrivateKeyAttrs] as? CFDictionary,
    let access = attributes[kSecAttrAccessControl] as? SecAccessControl, access.flags.contains(.privateKeyUsage)
  else { return fail(error, "not a key of the Secure Enclave") }
  let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil)
  defer { EVP_PKEY_CTX_free(context) }
  var made: OpaquePointer?
  guard EVP_PKEY_keygen_init(context) == 1,
    EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1, EVP_PKEY_keygen(context, &made) == 1,
    let made
  else { return fail(error, "no key was made") }
  let key = SecKey(made, isPrivate: true)
  if attributes[kSecAttrIsPermanent] as? Bool == true {
    var item = attributes
    item[kSecClass] = kSecClassKey
    item[kSecAttrKeyType] = kSecAttrKeyTypeECSECPrimeRandom
    item[kSecValueData] = encode(key, i2d_PrivateKey)
    guard SecItemAdd(item, nil) == errSecSuccess else { return fail(error, "the key is in the keychain already") }
  }
  return key
}

/// - Parameter keyData: `04`, x, y, and of a private key also its number (P-256 only).
public func SecKeyCreateWithData(_ keyData: CFData, _ attributes: CFDictionary, _ error: ErrorPointer?) -> SecKey? {
  guard attributes[kSecAttrKeyType] as? CFString == kSecAttrKeyTypeECSECPrimeRandom,
    let publicKey = try? P256.Signing.PublicKey(x963Representation: Data(keyData.prefix(65)))
  else { return fail(error, "not a point of P-256") }
  switch (attributes[kSecAttrKeyClass] as? CFString, keyData.count) {
  case (kSecAttrKeyClassPublic, 65):
    return SecKey(publicKey: publicKey.derRepresentation)
  case (kSecAttrKeyClassPrivate, 97):
    // ECPrivateKey: version, privateKey, parameters, publicKey
    let curve: [UInt8] = [0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]
    let head = [0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20] + [UInt8](keyData.suffix(32)) + curve
    return SecKey(privateKey: Data(head + [0xa1, 0x44, 0x03, 0x42, 0x00]) + publicKey.x963Representation)
  default:
    return fail(error, "not a key of this class")
  }
}

public func SecKeyCopyPublicKey(_ key: SecKey) -> SecKey? {
  encode(key, i2d_PUBKEY).flatMap { SecKey(publicKey: $0) }
}

/// A point, or an RSAPublicKey (RFC 8017). Private keys do not leave the Secure Enclave.
public func SecKeyCopyExternalRepresentation(_ key: SecKey, _ error: ErrorPointer?) -> CFData? {
  key.isPrivate ? fail(error, "a private key") : encode(key, i2d_PublicKey)
}

public func SecKeyIsAlgorithmSupported(
  _ key: SecKey, _ operation: SecKeyOperationType, _ algorithm: SecKeyAlgorithm
) -> Bool {
  guard let parts = algorithm.parts, operation == (key.isPrivate ? .sign : .verify) else { return false }
  return EVP_PKEY_get_base_id(key.key) == parts.type
}

public func SecKeyCreateSignature(
  _ key: SecKey, _ algorithm: SecKeyAlgorithm, _ dataToSign: CFData, _ error: ErrorPointer?
) -> CFData? {
  guard SecKeyIsAlgorithmSupported(key, .sign, algorithm), let parts = algorithm.parts else {
    return fail(error, "an algorithm of other keys")
  }
  let context = EVP_MD_CTX_new()
  defer { EVP_MD_CTX_free(context) }
  let input = [UInt8](dataToSign)
  var size = Int(EVP_PKEY_get_size(key.key))
  var output = [UInt8](repeating: 0, count: size)
  guard EVP_DigestSignInit(context, nil, parts.hash, nil, key.key) == 1,
    EVP_DigestSign(context, &output, &size, input, input.count) == 1
  else { return fail(error, "not signed") }
  return Data(output.prefix(size))
}

public func SecKeyVerifySignature(
  _ key: SecKey, _ algorithm: SecKeyAlgorithm, _ signedData: CFData, _ signature: CFData, _ error: ErrorPointer?
) -> Bool {
  let context = EVP_MD_CTX_new()
  defer { EVP_MD_CTX_free(context) }
  let (input, given) = ([UInt8](signedData), [UInt8](signature))
  guard SecKeyIsAlgorithmSupported(key, .verify, algorithm), let parts = algorithm.parts,
    EVP_DigestVerifyInit(context, nil, parts.hash, nil, key.key) == 1,
    EVP_DigestVerify(context, given, given.count, input, input.count) == 1
  else { return fail(error, "not its signature") ?? false }
  return true
}

/// ECDH, and the KDF of ANSI X9.63 with SHA-256 (SEC 1 3.6.1).
public func SecKeyCopyKeyExchangeResult(
  _ privateKey: SecKey, _ algorithm: SecKeyAlgorithm, _ publicKey: SecKey, _ parameters: CFDictionary,
  _ error: ErrorPointer?
) -> CFData? {
  guard algorithm == .ecdhKeyExchangeStandardX963SHA256, privateKey.isPrivate,
    let size = parameters[SecKeyKeyExchangeParameter.requestedSize.rawValue] as? Int
  else { return fail(error, "not a key exchange") }
  let sharedInfo = parameters[SecKeyKeyExchangeParameter.sharedInfo.rawValue] as? Data ?? Data()
  let context = EVP_PKEY_CTX_new(privateKey.key, nil)
  defer { EVP_PKEY_CTX_free(context) }
  var shared = [UInt8](repeating: 0, count: 32)
  var length = shared.count
  guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_derive_set_peer(context, publicKey.key) == 1,
    EVP_PKEY_derive(context, &shared, &length) == 1, length == shared.count
  else { return fail(error, "no agreement") }
  var derived = Data()
  var counter: UInt32 = 1
  while derived.count < size {
    let number = withUnsafeBytes(of: counter.bigEndian) { Data($0) }
    derived += Data(SHA256.hash(data: Data(shared) + number + sharedInfo))
    counter += 1
  }
  return derived.prefix(size)
}

// MARK: - Certificates

public final class SecCertificate {
  fileprivate let certificate: OpaquePointer

  fileprivate init(_ certificate: OpaquePointer) { self.certificate = certificate }

  deinit { X509_free(certificate) }
}

public func SecCertificateCreateWithData(_ allocator: CFAllocator?, _ data: CFData) -> SecCertificate? {
  let parsed = [UInt8](data).withUnsafeBufferPointer { buffer in
    var next = buffer.baseAddress
    return d2i_X509(nil, &next, buffer.count)
  }
  return parsed.map { SecCertificate($0) }
}

public func SecCertificateCopyKey(_ certificate: SecCertificate) -> SecKey? {
  X509_get_pubkey(certificate.certificate).map { SecKey($0, isPrivate: false) }
}

// MARK: - The keychain

/// Names of attributes, and their values as bytes.
private typealias Item = [String: Data]

private let file = URL(fileURLWithPath: "keychain.json")

private func readItems() -> [Item] {
  (try? Data(contentsOf: file)).flatMap { try? JSONDecoder().decode([Item].self, from: $0) } ?? []
}

private func write(_ items: [Item]) -> OSStatus {
  do {
    try JSONEncoder().encode(items).write(to: file)
    return errSecSuccess
  } catch {
    return errSecParam
  }
}

/// Attributes of text and bytes. What is asked to be returned is none, and others are not looked for.
private func itemOf(_ attributes: CFDictionary) -> Item {
  var item: Item = [:]
  for (name, value) in attributes {
    guard let name = name as? String else { continue }
    if let text = value as? String { item[name] = Data(text.utf8) }
    if let data = value as? Data { item[name] = data }
  }
  return item
}

/// What tells items of a class apart, of that which is taken here.
private let identifying = [kSecClass, kSecAttrAccount, kSecAttrService, kSecAttrApplicationTag, kSecAttrKeyType]

private func matches(_ item: Item, _ query: Item) -> Bool {
  query.allSatisfy { item[$0.key] == $0.value }
}

@discardableResult
public func SecItemAdd(_ attributes: CFDictionary, _ result: UnsafeMutablePointer<CFTypeRef?>?) -> OSStatus {
  let item = itemOf(attributes)
  let items = readItems()
  guard item[kSecClass] != nil else { return errSecParam }
  if items.contains(where: { matches($0, item.filter { identifying.contains($0.key) }) }) { return errSecDuplicateItem }
  return write(items + [item])
}

@discardableResult
public func SecItemDelete(_ query: CFDictionary) -> OSStatus {
  let items = readItems()
  let kept = items.filter { !matches($0, itemOf(query)) }
  return kept.count == items.count ? errSecItemNotFound : write(kept)
}

@discardableResult
public func SecItemCopyMatching(_ query: CFDictionary, _ result: UnsafeMutablePointer<CFTypeRef?>?) -> OSStatus {
  guard let found = readItems().first(where: { matches($0, itemOf(query)) }), let value = found[kSecValueData] else {
    return errSecItemNotFound
  }
  if query[kSecReturnData] as? Bool == true { result?.pointee = value }
  if query[kSecReturnRef] as? Bool == true { result?.pointee = SecKey(privateKey: value) }
  return errSecSuccess
}
