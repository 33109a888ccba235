/** The fields of a certificate (RFC 5280 4.1), read and not judged. */

import { equal } from '../encoding/bytes.ts';
import { DerError } from '../encoding/der/error.ts';
import { DerReader, parseSequence } from '../encoding/der/reader.ts';
import { parseTime } from '../encoding/der/time.ts';
import { type Extensions, parseExtensions } from './extensions.ts';

/** The fields that differ from one certificate of a credential to the next. */
export interface IssuedFields {
  /** DER of the TBSCertificate, which the signature is over. */
  readonly tbs: Uint8Array<ArrayBuffer>;
  /** Magnitude, big-endian. */
  readonly serialNumber: Uint8Array<ArrayBuffer>;
  /** DER of the AlgorithmIdentifier. */
  readonly signatureAlgorithm: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
  /** DER of the Name. */
  readonly issuer: Uint8Array<ArrayBuffer>;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
  /** DER of the fields behind the validity, for {@link parseSubjectFields}. */
  readonly subjectFields: Uint8Array<ArrayBuffer>;
}

/** The fields that say whom a certificate is for: the same in all that one authority issues for a credential. */
export interface SubjectFields {
  /** DER of the Name. */
  readonly subject: Uint8Array<ArrayBuffer>;
  /** DER of the SubjectPublicKeyInfo. */
  readonly spki: Uint8Array<ArrayBuffer>;
  readonly extensions: Extensions;
}

export type Certificate = IssuedFields & SubjectFields;

/**
 * @param der one v3 certificate and nothing else.
 * @throws {DerError} when it is not one.
 */
export function parseCertificate(der: Uint8Array<ArrayBuffer>): Certificate {
  const issued = parseIssuedFields(der);
  return { ...issued, ...parseSubjectFields(issued.subjectFields) };
}

/**
 * @param der of a certificate, whose subject fields are not looked at.
 * @throws {DerError} when the rest is not that of one v3 certificate and nothing else.
 */
export function parseIssuedFields(der: Uint8Array<ArrayBuffer>): IssuedFields {
  const certificate = parseSequence(der);
  const tbs = certificate.wholeSequence();
  const signatureAlgorithm = certificate.wholeSequence().encoding;
  const signature = certificate.bitString();
  certificate.end();

  const fields = tbs.enter();
  const version = fields.context(0);
  if (version.smallInteger() !== 2) throw new DerError('not a v3 certificate');
  version.end();
  const serialNumber = fields.unsignedInteger();
  if (!equal(fields.wholeSequence().encoding, signatureAlgorithm)) throw new DerError('two signature algorithms');
  const issuer = fields.wholeSequence().encoding;
  const validity = fields.sequence();
  const notBefore = parseTime(validity);
  const notAfter = parseTime(validity);
  validity.end();

  return {
    tbs: tbs.encoding,
    serialNumber,
    signatureAlgorithm,
    signature,
    issuer,
    notBefore,
    notAfter,
    subjectFields: fields.rest(),
  };
}

/** @throws {DerError} when it is not subject, subjectPublicKeyInfo and extensions, and nothing else. */
export function parseSubjectFields(subjectFields: Uint8Array<ArrayBuffer>): SubjectFields {
  const fields = new DerReader(subjectFields);
  const subject = fields.wholeSequence().encoding;
  const spki = fields.wholeSequence().encoding;
  const explicit = fields.context(3);
  fields.end();
  const extensions = parseExtensions(explicit.sequence());
  explicit.end();
  return { subject, spki, extensions };
}
