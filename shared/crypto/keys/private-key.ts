import { parseSequence } from '../../encoding/der/reader.ts';

/**
 * @param pkcs8 DER of a PrivateKeyInfo (RFC 5958 2).
 * @returns DER of its AlgorithmIdentifier, which is that of the SubjectPublicKeyInfo.
 * @throws {DerError} when it is no PrivateKeyInfo.
 */
export function privateKeyAlgorithm(pkcs8: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const info = parseSequence(pkcs8);
  info.smallInteger();
  return info.wholeSequence().encoding;
}
