/** RSASSA-PSS by its parameters (RFC 4055 3.1). */

import { unchanged } from '../../../shared/crypto/signatures/rsa.ts';
import type { SignatureScheme } from '../../../shared/crypto/signatures/scheme.ts';
import { DerError } from '../../../shared/encoding/der/error.ts';
import { type DerReader, parseSequence } from '../../../shared/encoding/der/reader.ts';
import { CsrError, parseBy } from './csr-rules.ts';

export const ID_RSASSA_PSS = '1.2.840.113549.1.1.10';
const ID_MGF1 = '1.2.840.113549.1.1.8';

/** RFC 4055 2.1, by OID. */
const HASHES: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'SHA-1',
  '2.16.840.1.101.3.4.2.4': 'SHA-224',
  '2.16.840.1.101.3.4.2.1': 'SHA-256',
  '2.16.840.1.101.3.4.2.2': 'SHA-384',
  '2.16.840.1.101.3.4.2.3': 'SHA-512',
};
const ACCEPTED = ['SHA-256', 'SHA-384', 'SHA-512'];

/** Maximum size of a salt, in bytes: no key that is accepted has room for more. */
const MAX_SALT_BYTES = 512;

interface PssParameters {
  readonly hash: string;
  readonly mask: string;
  readonly maskHash: string;
  readonly saltLength: number;
}

/**
 * @param algorithmIdentifier DER of one that names RSASSA-PSS.
 * @throws {CsrError} when its parameters are not of one hash throughout: WebCrypto has no MGF1 on another one.
 */
export function parsePss(algorithmIdentifier: Uint8Array<ArrayBuffer>): SignatureScheme {
  const { hash, mask, maskHash, saltLength } = parseBy(
    'csr-unsupported-signature',
    'The parameters of RSASSA-PSS',
    () => parseParameters(algorithmIdentifier),
  );
  if (!ACCEPTED.includes(hash) || mask !== 'MGF1' || maskHash !== hash || saltLength > MAX_SALT_BYTES) {
    const found = `RSASSA-PSS with ${hash}, ${mask} on ${maskHash}, and a salt of ${saltLength} bytes`;
    const expected = `one hash in both places, which is ${ACCEPTED.join(' or ')}, and at most ${MAX_SALT_BYTES} bytes`;
    throw new CsrError('csr-unsupported-signature', `The signature is ${found}. It has to have ${expected}.`);
  }
  const name = 'RSA-PSS';
  return {
    algorithmIdentifier,
    keyAlgorithm: { name, hash },
    algorithm: { name, hash, saltLength },
    toDer: unchanged,
    fromDer: unchanged,
  };
}

const DEFAULT_SALT_LENGTH = 20;

function parseParameters(algorithmIdentifier: Uint8Array<ArrayBuffer>): PssParameters {
  const identifier = parseSequence(algorithmIdentifier);
  identifier.objectIdentifier();
  const parameters = identifier.sequence();
  identifier.end();
  const hash = optional(parameters, 0, parseHash) ?? 'SHA-1';
  const mask = optional(parameters, 1, parseMask) ?? { mask: 'MGF1', maskHash: 'SHA-1' };
  const saltLength = optional(parameters, 2, parseSaltLength) ?? DEFAULT_SALT_LENGTH;
  // The one value that there is may be written out (RFC 4055 3.1).
  const trailer = optional(parameters, 3, (field) => field.smallInteger());
  if (trailer !== undefined && trailer !== 1) throw new DerError(`the trailerField is ${trailer}, and has to be 1`);
  parameters.end();
  return { hash, ...mask, saltLength };
}

function optional<T>(parameters: DerReader, number: number, parse: (field: DerReader) => T): T | undefined {
  const field = parameters.optionalContext(number);
  if (field === undefined) return undefined;
  const value = parse(field);
  field.end();
  return value;
}

/** @returns the name of a hash; its OID, when it is another one. Its parameters are NULL, or absent (RFC 4055 2.1). */
function parseHash(field: DerReader): string {
  const identifier = field.sequence();
  const oid = identifier.objectIdentifier();
  if (!identifier.done) identifier.null();
  identifier.end();
  return HASHES[oid] ?? oid;
}

function parseMask(field: DerReader): Pick<PssParameters, 'mask' | 'maskHash'> {
  const identifier = field.sequence();
  const oid = identifier.objectIdentifier();
  const maskHash = parseHash(identifier);
  identifier.end();
  return { mask: oid === ID_MGF1 ? 'MGF1' : oid, maskHash };
}

function parseSaltLength(field: DerReader): number {
  const value = field.unsignedInteger().reduce((sum, byte) => sum * 256 + byte, 0);
  if (value === DEFAULT_SALT_LENGTH) throw new DerError(`the saltLength ${value} is written out, which DER leaves out`);
  return value;
}
