/** Extensions of certificates (RFC 5280 4.2). */

import { DerError } from '../encoding/der/error.ts';
import { DerReader, parseSequence } from '../encoding/der/reader.ts';
import {
  BOOLEAN_TRUE,
  encode,
  implicit,
  objectIdentifier,
  octetString,
  type Part,
  sequence,
} from '../encoding/der/writer.ts';
import { tryParse } from '../encoding/error.ts';

/** RFC 5280 4.2.1, RFC 9608. */
export const SUBJECT_KEY_IDENTIFIER = '2.5.29.14';
export const KEY_USAGE = '2.5.29.15';
export const SUBJECT_ALT_NAME = '2.5.29.17';
export const BASIC_CONSTRAINTS = '2.5.29.19';
export const AUTHORITY_KEY_IDENTIFIER = '2.5.29.35';
export const EXT_KEY_USAGE = '2.5.29.37';
export const NO_REV_AVAIL = '2.5.29.56';

export interface Extension {
  readonly critical: boolean;
  /** The content of extnValue. */
  readonly value: Uint8Array<ArrayBuffer>;
}

/** By dotted OID. */
export type Extensions = ReadonlyMap<string, Extension>;

/**
 * @param list reader of what the SEQUENCE OF Extension holds.
 * @throws {DerError} when it is malformed, or an extension is there twice.
 */
export function parseExtensions(list: DerReader): Extensions {
  const extensions = new Map<string, Extension>();
  while (!list.done) {
    const extension = list.sequence();
    const oid = extension.objectIdentifier();
    const critical = extension.booleanDefaultFalse();
    const value = extension.octetString();
    extension.end();
    if (extensions.has(oid)) throw new DerError('extension given twice');
    extensions.set(oid, { critical, value });
  }
  return extensions;
}

/** True when all critical extensions are among those that the caller looks at (RFC 5280 4.2). */
export const hasOnlyKnownCritical = (extensions: Extensions, known: ReadonlySet<string>): boolean =>
  [...extensions].every(([oid, { critical }]) => !critical || known.has(oid));

/** @returns DER of one Extension. */
export function encodeExtension(oid: string, value: Part, critical = false): Uint8Array<ArrayBuffer> {
  const type = objectIdentifier(oid);
  return encode(critical ? sequence(type, BOOLEAN_TRUE, octetString(value)) : sequence(type, octetString(value)));
}

/**
 * @returns the subjectKeyIdentifier (RFC 5280 4.2.1.2).
 * @throws {DerError} when it is missing or malformed.
 */
export function parseSubjectKeyIdentifier(extensions: Extensions): Uint8Array<ArrayBuffer> {
  // Stands for an extension that is not there, and parses as none.
  return new DerReader(extensions.get(SUBJECT_KEY_IDENTIFIER)?.value ?? new Uint8Array(0)).octetString();
}

/** authorityKeyIdentifier with only the keyIdentifier (RFC 5280 4.2.1.1). */
export const encodeAuthorityKeyIdentifier = (keyIdentifier: Uint8Array): Uint8Array<ArrayBuffer> =>
  encodeExtension(AUTHORITY_KEY_IDENTIFIER, sequence(implicit(0, keyIdentifier)));

/** Purposes of keys (RFC 5280 4.2.1.12). */
export const ID_KP_SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
export const ID_KP_CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** extKeyUsage with one purpose. @param purpose dotted OID. */
export const encodeExtKeyUsage = (purpose: string): Uint8Array<ArrayBuffer> =>
  encodeExtension(EXT_KEY_USAGE, sequence(objectIdentifier(purpose)));

/**
 * @returns true when the certificate is for this purpose and no other.
 * @throws {DerError} when the extension is malformed.
 */
export function isOnlyFor(extensions: Extensions, purpose: string): boolean {
  const extension = extensions.get(EXT_KEY_USAGE);
  if (extension === undefined) return false;
  const purposes = parseSequence(extension.value);
  return purposes.objectIdentifier() === purpose && purposes.done;
}

/** True when basicConstraints is there and says that the subject is no CA. */
export function isEndEntity(extensions: Extensions): boolean {
  const basicConstraints = extensions.get(BASIC_CONSTRAINTS)?.value;
  return basicConstraints !== undefined && tryParse(() => parseSequence(basicConstraints).done) === true;
}
