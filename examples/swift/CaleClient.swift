// A client of a CALE edge for iOS 15 and macOS 12 or later, with Security.framework and CryptoKit.
//
// The key is made in the Secure Enclave and never leaves it: it signs the CSR and writes, and agrees on the keys of
// answers. GUID and certificates are in the Keychain, on this device only.

import CryptoKit
import Foundation
import Security

/// Its description is a sentence for the user.
struct CaleError: LocalizedError {
  let errorDescription: String?
  static let unreadable = CaleError(
    errorDescription:
      "The answer cannot be opened: the credential was revoked or is not known, or the answer was altered.")
  static let notSigned = CaleError(
    errorDescription: "The answer is not signed by an origin of the authority, for this request and this key.")
  static let notCertified = CaleError(
    errorDescription: "The certificate of whoami is not one of the authority, for this key and this request.")
}

/// What the API answered. Names of fields are in lower case.
struct Answer {
  let status: Int
  let fields: [(name: String, value: String)]
  let content: Data
}

/// What is kept beside the key.
private struct Account: Codable {
  let edge: URL
  let guid: String
  let authorities: [String]
  let origins: [String]
}

final class CaleClient {
  private let account: Account
  private let key: SecKey
  private let keyID: String

  private init(account: Account, key: SecKey) throws {
    self.account = account
    self.key = key
    keyID = try base64URL(Data(Insecure.SHA1.hash(data: pointOf(key))))
  }

  /// Loads the account of an edge, or registers one.
  /// - Parameter authorization: the value of the field `Authorization`; asked for only when there is no account.
  static func loadOrRegister(edge: URL, authorization: () async throws -> String) async throws -> CaleClient {
    if let (account, key) = try Keychain.load(edge: edge) { return try CaleClient(account: account, key: key) }
    struct Document: Decodable {
      let authorityCertificates: [String]
      let originCertificates: [String]
    }
    let document = try JSONDecoder().decode(
      Document.self, from: await send(edge.appendingPathComponent(".well-known/cale"), [:], nil))
    let key = try Keychain.createKey(edge: edge)
    let sealed = try await send(
      edge.appendingPathComponent("registration"),
      ["Authorization": try await authorization(), "Content-Type": "application/pkcs10"],
      try encodeCSR(key, device: "Swift"))
    let account = Account(
      edge: edge, guid: String(decoding: try openAnswer(key, sealed), as: UTF8.self),
      authorities: document.authorityCertificates, origins: document.originCertificates)
    let client = try CaleClient(account: account, key: key)
    _ = try await client.whoami()
    try Keychain.store(account)
    return client
  }

  /// Gets an answer that an origin of the authority signed for this request. With content it is a POST.
  func ask(_ path: String, fields: [String: String] = [:], content: Data? = nil) async throws -> Answer {
    var sent = fields
    sent["CALE-Accept"] = "message/bhttp"
    let nonce = sent["CALE-Nonce"] ?? newNonce()
    sent["CALE-Nonce"] = nonce
    let opened = try await open(path, sent, content)
    let request = [
      "@method": content == nil ? "GET" : "POST",
      "@target-uri": url(path).absoluteString,
      "cale-nonce": nonce,
      "cale-key": keyID,
    ]
    guard let answer = try? parseBinaryHTTP(opened), (try? isSigned(answer, request)) == true else {
      throw CaleError.notSigned
    }
    return answer
  }

  /// A POST that is signed by the registered key (RFC 9421).
  func write(_ path: String, content: Data, contentType: String) async throws -> Answer {
    let (nonce, digest) = (newNonce(), digestOf(content))
    let covered = #"("@method" "@target-uri" "cale-nonce" "content-digest" "content-type")"#
    let parameters = #"\#(covered);keyid="\#(keyID)";tag="cale-request""#
    let base = [
      #""@method": POST"#,
      #""@target-uri": \#(url(path).absoluteString)"#,
      #""cale-nonce": \#(nonce)"#,
      #""content-digest": \#(digest)"#,
      #""content-type": \#(contentType)"#,
      #""@signature-params": \#(parameters)"#,
    ].joined(separator: "\n")
    // r and s in 32 bytes each, in place of DER.
    let signature = try P256.Signing.ECDSASignature(derRepresentation: sign(key, Data(base.utf8))).rawRepresentation
    return try await ask(
      path,
      fields: [
        "CALE-Nonce": nonce, "Content-Digest": digest, "Content-Type": contentType,
        "Signature-Input": "cale=\(parameters)", "Signature": "cale=:\(signature.base64EncodedString()):",
      ], content: content)
  }

  /// The directoryName with owner, scopes and organisation, in DER, which an authority certifies for this key and this
  /// request.
  func whoami() async throws -> Data {
    let nonce = newNonce()
    let pem = try await open("/whoami", ["CALE-Nonce": nonce], nil)
    guard let certificate = try? Certificate(pem: String(decoding: pem, as: UTF8.self)),
      try isIssued(certificate), try certificate.spki == spkiOf(key),
      certificate.extensions[OID.extKeyUsage] == der(0x30, OID.whoami),
      certificate.extensions[OID.nonce] == der(0x16, Data(nonce.utf8)),
      let names = certificate.extensions[OID.subjectAltName]
    else { throw CaleError.notCertified }
    return names
  }

  /// The content of a sealed answer. It is not known who made it.
  private func open(_ path: String, _ fields: [String: String], _ content: Data?) async throws -> Data {
    try openAnswer(key, await send(url(path), fields.merging(["CALE-GUID": account.guid]) { $1 }, content))
  }

  private func url(_ path: String) -> URL { URL(string: path, relativeTo: account.edge)!.absoluteURL }

  /// Tells whether an origin signed all of the answer, for this request (RFC 9421 with ;req).
  private func isSigned(_ answer: Answer, _ request: [String: String]) throws -> Bool {
    var values = Dictionary(grouping: answer.fields, by: \.name).mapValues { $0.map(\.value) }
    let form = #"^cale=(\(([^()]*)\);keyid="([\w-]+)";alg="ecdsa-p256-sha256";tag="cale-answer")$"#
    guard let input = values.removeValue(forKey: "signature-input")?.joined(separator: ", "),
      let signature = values.removeValue(forKey: "signature")?.first,
      let match = try NSRegularExpression(pattern: form).firstMatch(in: input, range: NSRange(input.startIndex..., in: input))
    else { return false }
    let group = { (number: Int) in String(input[Range(match.range(at: number), in: input)!]) }

    var needed: Set<String> = [#""@status""#, #""content-digest""#]
    needed.formUnion(values.keys.map { "\"\($0)\"" })
    needed.formUnion(request.keys.map { "\"\($0)\";req" })
    var base = ""
    for component in group(2).split(separator: " ").map(String.init) {
      let parts = component.split(separator: ";").map(String.init)
      let name = parts[0].trimmingCharacters(in: ["\""])
      let flag = parts.count > 1 ? parts[1] : ""
      let value: String
      switch (flag, name) {
      case ("req", _): value = request[name] ?? ""
      case ("bs", _):
        value = try (values[name] ?? []).map { ":\(try bytesOf($0).base64EncodedString()):" }.joined(separator: ", ")
      case (_, "@status"): value = String(answer.status)
      default: value = (values[name] ?? []).joined(separator: ", ")
      }
      base += "\(component): \(value)\n"
      needed.remove(flag == "req" ? component : parts[0])
    }
    base += "\"@signature-params\": \(group(1))"
    guard needed.isEmpty, values["content-digest"] == [digestOf(answer.content)],
      let raw = Data(base64Encoded: String(signature.dropFirst("cale=:".count).dropLast()))
    else { return false }

    for origin in try account.origins.map(Certificate.init(pem:)) {
      guard let identifier = origin.extensions[OID.subjectKeyIdentifier],
        base64URL(try elements(identifier)[at: 0].content) == group(3),
        origin.extensions[OID.extKeyUsage] == der(0x30, OID.serverAuth),
        origin.extensions[OID.basicConstraints] == der(0x30, Data()), try isIssued(origin)
      else { continue }
      let publicKey = try P256.Signing.PublicKey(derRepresentation: origin.spki)
      return publicKey.isValidSignature(
        try P256.Signing.ECDSASignature(rawRepresentation: raw), for: try bytesOf(base))
    }
    return false
  }

  private func isIssued(_ certificate: Certificate) throws -> Bool {
    for text in account.authorities {
      let authority = try Certificate(pem: text)
      guard authority.subject == certificate.issuer,
        let made = SecCertificateCreateWithData(nil, authority.encoding as CFData), let key = SecCertificateCopyKey(made)
      else { continue }
      let algorithms: [SecKeyAlgorithm] = [
        .ecdsaSignatureMessageX962SHA256, .ecdsaSignatureMessageX962SHA384, .ecdsaSignatureMessageX962SHA512,
        .rsaSignatureMessagePKCS1v15SHA256,
      ]
      for algorithm in algorithms where SecKeyIsAlgorithmSupported(key, .verify, algorithm) {
        let (signed, signature) = (certificate.signed as CFData, certificate.signature as CFData)
        if SecKeyVerifySignature(key, algorithm, signed, signature, nil) { return true }
      }
    }
    return false
  }
}

/// Opens AuthEnvelopedData (RFC 5083) that is sealed to a P-256 key (RFC 5753) with AES-GCM (RFC 5084).
func openAnswer(_ key: SecKey, _ sealed: Data) throws -> Data {
  // One error for all: a forger must not learn how far a message came.
  guard let content = try? decrypt(key, sealed) else { throw CaleError.unreadable }
  return content
}

private func decrypt(_ key: SecKey, _ sealed: Data) throws -> Data {
  // ContentInfo, its [0], and AuthEnvelopedData: version, recipientInfos, authEncryptedContentInfo, mac.
  let message = try elements(elements(elements(elements(sealed)[at: 0].content)[at: 1].content)[at: 0].content)
  // version, originator, keyEncryptionAlgorithm, recipientEncryptedKeys
  let recipient = try elements(elements(message[at: 1].content)[at: 0].content)
  let point = try elements(elements(recipient[at: 1].content)[at: 0].content)[at: 1].content.dropFirst()
  let wrap = try elements(recipient[at: 2].content)[at: 1].encoding
  let wrapped = try elements(elements(recipient[at: 3].content)[at: 0].content)[at: 1].content
  let encrypted = try elements(message[at: 2].content)
  let algorithm = try elements(encrypted[at: 1].content)
  let nonce = try elements(algorithm[at: 1].content)[at: 0].content
  // The last byte of id-aes128-GCM and id-aes256-GCM.
  guard let size = try [0x06: 16, 0x2e: 32][algorithm[at: 0].content.last ?? 0] else { throw CaleError.unreadable }

  // ECC-CMS-SharedInfo (RFC 5753 7.2). The Secure Enclave agrees, and derives by X9.63 with SHA-256.
  let bits = withUnsafeBytes(of: UInt32(8 * size).bigEndian) { Data($0) }
  let sharedInfo = der(0x30, wrap + der(0xa2, der(0x04, bits)))
  let attributes = [kSecAttrKeyType: kSecAttrKeyTypeECSECPrimeRandom, kSecAttrKeyClass: kSecAttrKeyClassPublic]
  let parameters: [CFString: Any] = [
    SecKeyKeyExchangeParameter.requestedSize.rawValue: size, SecKeyKeyExchangeParameter.sharedInfo.rawValue: sharedInfo,
  ]
  guard let ephemeral = SecKeyCreateWithData(Data(point) as CFData, attributes as CFDictionary, nil),
    let wrappingKey = SecKeyCopyKeyExchangeResult(
      key, .ecdhKeyExchangeStandardX963SHA256, ephemeral, parameters as CFDictionary, nil) as Data?
  else { throw CaleError.unreadable }
  let contentKey = try AES.KeyWrap.unwrap(wrapped, using: SymmetricKey(data: wrappingKey))
  let box = try AES.GCM.SealedBox(
    nonce: AES.GCM.Nonce(data: nonce), ciphertext: encrypted[at: 2].content, tag: message[at: 3].content)
  return try AES.GCM.open(box, using: contentKey)
}

/// Reads a known-length response (RFC 9292 3.2 and 3.5). Zeros follow it.
private func parseBinaryHTTP(_ message: Data) throws -> Answer {
  var rest = message[...]
  // An integer of variable length (RFC 9000 16).
  func number(_ rest: inout Data) throws -> Int {
    guard let first = rest.popFirst() else { throw CaleError.unreadable }
    var value = UInt64(first & 0x3f)
    for _ in 1..<(1 << Int(first >> 6)) {
      guard let next = rest.popFirst() else { throw CaleError.unreadable }
      value = value << 8 | UInt64(next)
    }
    return Int(value)
  }
  func part(_ rest: inout Data) throws -> Data {
    let size = try number(&rest)
    guard size <= rest.count else { throw CaleError.unreadable }
    defer { rest = rest.dropFirst(size) }
    return rest.prefix(size)
  }
  guard try number(&rest) == 1 else { throw CaleError.unreadable }
  var status = try number(&rest)
  var section = try part(&rest)
  while status < 200 {
    status = try number(&rest)
    section = try part(&rest)
  }
  var fields: [(name: String, value: String)] = []
  while !section.isEmpty {
    let name = textOf(try part(&section))
    fields.append((name, textOf(try part(&section)).trimmingCharacters(in: [" ", "\t"])))
  }
  return Answer(status: status, fields: fields, content: Data(try part(&rest)))
}

/// A character for each byte. `String.Encoding.isoLatin1` does not take control characters on every system.
private func textOf(_ bytes: Data) -> String {
  String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
}

private func bytesOf(_ text: String) throws -> Data {
  Data(
    try text.unicodeScalars.map { scalar in
      guard let byte = UInt8(exactly: scalar.value) else { throw CaleError.unreadable }
      return byte
    })
}

// MARK: - DER

private struct Element {
  let content: Data
  /// With tag and length.
  let encoding: Data
}

private func elements(_ der: Data) throws -> [Element] {
  var found: [Element] = []
  var rest = [UInt8](der)[...]
  while !rest.isEmpty {
    let whole = rest
    guard rest.popFirst() != nil, let first = rest.popFirst() else { throw CaleError.unreadable }
    var length = Int(first)
    if first >= 0x80 {
      length = 0
      for _ in 0..<(first & 0x7f) {
        guard let next = rest.popFirst(), length < 1 << 32 else { throw CaleError.unreadable }
        length = length << 8 | Int(next)
      }
    }
    guard length <= rest.count else { throw CaleError.unreadable }
    let content = rest.prefix(length)
    rest = rest.dropFirst(length)
    found.append(Element(content: Data(content), encoding: Data(whole.prefix(whole.count - rest.count))))
  }
  return found
}

extension Array {
  /// Unlike the subscript without a label it throws.
  fileprivate subscript(at place: Int) -> Element {
    get throws {
      guard indices.contains(place) else { throw CaleError.unreadable }
      return self[place]
    }
  }
}

private func der(_ tag: UInt8, _ content: Data) -> Data {
  guard content.count >= 0x80 else { return Data([tag, UInt8(content.count)]) + content }
  let length = withUnsafeBytes(of: UInt32(content.count).bigEndian) { Data($0.drop { $0 == 0 }) }
  return Data([tag, 0x80 | UInt8(length.count)]) + length + content
}

/// Object identifiers in DER. Those of the project are of the arc 2.25.48108031935660549309458286867817322800.
private enum OID {
  static let subjectKeyIdentifier = Data([0x06, 3, 0x55, 0x1d, 0x0e])
  static let subjectAltName = Data([0x06, 3, 0x55, 0x1d, 0x11])
  static let basicConstraints = Data([0x06, 3, 0x55, 0x1d, 0x13])
  static let extKeyUsage = Data([0x06, 3, 0x55, 0x1d, 0x25])
  static let serverAuth = Data([0x06, 8, 0x2b, 6, 1, 5, 5, 7, 3, 1])
  static let arc: [UInt8] = [
    0x06, 0x15, 0x69, 0xc8, 0xb1, 0xa2, 0xc6, 0xbe, 0x84, 0xe2, 0xbe, 0xa7, 0x9b, 0xd8, 0x85, 0xea, 0xe0, 0xf2, 0xb9,
    0xb2, 0x30,
  ]
  static let whoami = Data(arc + [1, 1])
  static let nonce = Data(arc + [2, 1])
}

/// The parts of a certificate (RFC 5280 4.1).
private struct Certificate {
  let encoding, signed, signature, issuer, subject, spki: Data
  let extensions: [Data: Data]

  init(pem: String) throws {
    let lines = pem.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-----") }
    encoding = Data(base64Encoded: lines.joined()) ?? Data()
    let outer = try elements(elements(encoding)[at: 0].content)
    signed = try outer[at: 0].encoding
    signature = try outer[at: 2].content.dropFirst()
    // version, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo, extensions
    let fields = try elements(outer[at: 0].content)
    issuer = try fields[at: 3].encoding
    subject = try fields[at: 5].encoding
    spki = try fields[at: 6].encoding
    var found: [Data: Data] = [:]
    for each in try elements(elements(fields[at: fields.count - 1].content)[at: 0].content) {
      let parts = try elements(each.content)
      found[try parts[at: 0].encoding] = try parts[at: parts.count - 1].content
    }
    extensions = found
  }
}

// MARK: - The key

private func pointOf(_ key: SecKey) throws -> Data {
  guard let publicKey = SecKeyCopyPublicKey(key), let point = SecKeyCopyExternalRepresentation(publicKey, nil) else {
    throw CaleError(errorDescription: "The key cannot be read.")
  }
  return point as Data
}

private func spkiOf(_ key: SecKey) throws -> Data {
  try P256.Signing.PublicKey(x963Representation: pointOf(key)).derRepresentation
}

private func sign(_ key: SecKey, _ message: Data) throws -> Data {
  var error: Unmanaged<CFError>?
  let signature = SecKeyCreateSignature(key, .ecdsaSignatureMessageX962SHA256, message as CFData, &error)
  guard let signature else { throw error!.takeRetainedValue() as Error }
  return signature as Data
}

/// A certification request (RFC 2986) with a commonName.
private func encodeCSR(_ key: SecKey, device: String) throws -> Data {
  let commonName = Data([0x06, 3, 0x55, 4, 3]) + der(0x0c, Data(device.utf8))
  let info = der(0x30, Data([2, 1, 0]) + der(0x30, der(0x31, der(0x30, commonName))) + (try spkiOf(key)) + Data([0xa0, 0]))
  let ecdsaWithSHA256 = der(0x30, Data([0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]))
  return der(0x30, info + ecdsaWithSHA256 + der(0x03, Data([0]) + (try sign(key, info))))
}

/// The keychain of data protection, which macOS has beside an older one that knows no "on this device only".
private enum Keychain {
  static func createKey(edge: URL) throws -> SecKey {
    let access = SecAccessControlCreateWithFlags(
      nil, kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly, .privateKeyUsage, nil)!
    let attributes: [CFString: Any] = [
      kSecAttrKeyType: kSecAttrKeyTypeECSECPrimeRandom,
      kSecAttrKeySizeInBits: 256,
      kSecAttrTokenID: kSecAttrTokenIDSecureEnclave,
      kSecPrivateKeyAttrs: [
        kSecAttrIsPermanent: true, kSecAttrApplicationTag: tag(edge), kSecAttrAccessControl: access,
      ] as [CFString: Any],
    ]
    // One that is left of a registration that failed.
    SecItemDelete(keyQuery(edge) as CFDictionary)
    var error: Unmanaged<CFError>?
    guard let key = SecKeyCreateRandomKey(attributes as CFDictionary, &error) else {
      throw error!.takeRetainedValue() as Error
    }
    return key
  }

  static func store(_ account: Account) throws {
    var item = accountQuery(account.edge)
    SecItemDelete(item as CFDictionary)
    item[kSecAttrAccessible] = kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly
    item[kSecValueData] = try JSONEncoder().encode(account)
    let status = SecItemAdd(item as CFDictionary, nil)
    guard status == errSecSuccess else { throw NSError(domain: NSOSStatusErrorDomain, code: Int(status)) }
  }

  static func load(edge: URL) throws -> (Account, SecKey)? {
    guard let data = find(accountQuery(edge), kSecReturnData) as? Data else { return nil }
    guard let key = find(keyQuery(edge), kSecReturnRef) else {
      throw CaleError(errorDescription: "The key of this account is not on this device any more.")
    }
    return (try JSONDecoder().decode(Account.self, from: data), key as! SecKey)
  }

  private static func find(_ query: [CFString: Any], _ wanted: CFString) -> CFTypeRef? {
    var found: CFTypeRef?
    let status = SecItemCopyMatching(query.merging([wanted: true]) { $1 } as CFDictionary, &found)
    return status == errSecSuccess ? found : nil
  }

  private static func tag(_ edge: URL) -> Data { Data("cale \(edge.absoluteString)".utf8) }

  private static func keyQuery(_ edge: URL) -> [CFString: Any] {
    [
      kSecClass: kSecClassKey, kSecAttrApplicationTag: tag(edge), kSecAttrKeyType: kSecAttrKeyTypeECSECPrimeRandom,
      kSecUseDataProtectionKeychain: true,
    ]
  }

  private static func accountQuery(_ edge: URL) -> [CFString: Any] {
    [
      kSecClass: kSecClassGenericPassword, kSecAttrService: "cale", kSecAttrAccount: edge.absoluteString,
      kSecUseDataProtectionKeychain: true,
    ]
  }
}

// MARK: - HTTP

/// The body of the edge's answer. With content it is a POST.
private func send(_ url: URL, _ fields: [String: String], _ content: Data?) async throws -> Data {
  var request = URLRequest(url: url, cachePolicy: .reloadIgnoringLocalCacheData, timeoutInterval: 30)
  request.httpMethod = content == nil ? "GET" : "POST"
  request.httpBody = content
  request.setValue("application/pkcs7-mime", forHTTPHeaderField: "Accept")
  for (name, value) in fields { request.setValue(value, forHTTPHeaderField: name) }
  let (body, response) = try await session.data(for: request)
  let status = (response as! HTTPURLResponse).statusCode
  guard status == 200 else {
    throw CaleError(errorDescription: "\(url) answered \(status): \(String(decoding: body, as: UTF8.self))")
  }
  return body
}

/// Its own, because redirects are asked of the delegate of a session on every system.
private let session = URLSession(configuration: .ephemeral, delegate: NoRedirects(), delegateQueue: nil)

/// A redirect would send the GUID elsewhere.
private final class NoRedirects: NSObject, URLSessionTaskDelegate {
  func urlSession(
    _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
    newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
  ) { completionHandler(nil) }
}

private func newNonce() -> String {
  let random = Data((0..<16).map { _ in UInt8.random(in: 0...255) })
  return "\(Int(Date().timeIntervalSince1970)).\(base64URL(random))"
}

private func digestOf(_ content: Data) -> String {
  "sha-256=:\(Data(SHA256.hash(data: content)).base64EncodedString()):"
}

private func base64URL(_ data: Data) -> String {
  data.base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
    .replacingOccurrences(of: "=", with: "")
}
