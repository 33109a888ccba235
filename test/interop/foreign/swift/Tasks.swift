// What tests have the client in examples/swift do: each line of standard input is a task, and is answered by a line.
// A task that fails ends the program, with a sentence.

import Foundation
import Security

private func basicCredentials() -> String {
  let pair = ProcessInfo.processInfo.environment["CALE_BASIC"] ?? ""
  return "Basic \(Data(pair.utf8).base64EncodedString())"
}

/// - Parameter key: a private key of P-256 in base64: `04`, x, y and its number.
private func openVector(_ key: String, _ sealed: String) throws -> String {
  let attributes = [kSecAttrKeyType: kSecAttrKeyTypeECSECPrimeRandom, kSecAttrKeyClass: kSecAttrKeyClassPrivate]
  guard let bytes = Data(base64Encoded: key), let message = Data(base64Encoded: sealed),
    let made = SecKeyCreateWithData(bytes as CFData, attributes as CFDictionary, nil)
  else { throw CaleError(errorDescription: "The task cannot be read.") }
  // Where one cannot be opened, the others are still tried.
  return (try? openAnswer(made, message).base64EncodedString()) ?? "!"
}

private func lineOf(_ answer: Answer) -> String { "\(answer.status) \(String(decoding: answer.content, as: UTF8.self))" }

@main
struct Tasks {
  private var client: CaleClient?

  private mutating func perform(_ task: [String]) async throws -> String {
    switch (task[0], client) {
    case ("edge", _):
      client = try await CaleClient.loadOrRegister(edge: URL(string: task[1])!) { basicCredentials() }
      return "ready"
    case ("ask", let client?):
      return lineOf(try await client.ask(task[1]))
    case ("write", let client?):
      return lineOf(try await client.write(task[1], content: Data(task[2].utf8), contentType: "text/plain"))
    case ("whoami", let client?):
      return try await client.whoami().base64EncodedString()
    case ("open", _):
      return try openVector(task[1], task[2])
    default:
      throw CaleError(errorDescription: "There is no such task.")
    }
  }

  static func main() async {
    var tasks = Tasks()
    do {
      while let line = readLine() {
        print(try await tasks.perform(line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)))
      }
    } catch {
      FileHandle.standardError.write(Data("\(error.localizedDescription)\n".utf8))
      exit(1)
    }
  }
}
