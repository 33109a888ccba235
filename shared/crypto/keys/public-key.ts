/** SubjectPublicKeyInfo (RFC 5280 4.1.2.7) of the key types that are accepted: one file an algorithm, behind one table. */

import { parseSequence } from '../../encoding/der/reader.ts';
import { EC, type EcPublicKey } from './ec.ts';
import { KeyError, type KeyParser } from './parser.ts';
import { RSA, type RsaPublicKey } from './rsa.ts';

/** A public key read from its SubjectPublicKeyInfo. */
export type PublicKey = (RsaPublicKey | EcPublicKey) & {
  /** Name of the type in documents and logs: `RSA-2048`, `P-256`. */
  readonly keyType: string;
  /** DER of the SubjectPublicKeyInfo. */
  readonly spki: Uint8Array<ArrayBuffer>;
  /** Content of the subjectPublicKey BIT STRING. */
  readonly bits: Uint8Array<ArrayBuffer>;
};

const PARSERS: readonly KeyParser<RsaPublicKey | EcPublicKey>[] = [RSA, EC];

/**
 * @param spki DER of a SubjectPublicKeyInfo.
 * @throws {KeyError} when the key is of no accepted type. That an EC point is on its curve is not checked here.
 * @throws {DerError} when it is not a SubjectPublicKeyInfo.
 */
export function parsePublicKey(spki: Uint8Array<ArrayBuffer>): PublicKey {
  const info = parseSequence(spki);
  const algorithm = info.sequence();
  const oid = algorithm.objectIdentifier();
  const bits = info.bitString();
  info.end();
  const parser = PARSERS.find((each) => each.oid === oid);
  if (parser === undefined) throw new KeyError(`the key is of the algorithm ${oid}, which is not accepted`);
  return { ...parser.parse(algorithm, bits), spki, bits };
}

/** SubjectKeyIdentifier by method 1 of RFC 5280 4.2.1.2: SHA-1 of the key's bits. */
export async function keyIdentifier(
  { bits }: PublicKey,
  subtle: SubtleCrypto = crypto.subtle,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await subtle.digest('SHA-1', bits));
}
