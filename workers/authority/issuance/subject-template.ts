/**
 * The profile of the certificates of clients, and the part of it that is the same for every certificate of a credential:
 * encoded once, at registration, and kept with it.
 */

import { recipientTypeOf } from '../../../shared/cms/recipients/recipients.ts';
import type { PublicKey } from '../../../shared/crypto/keys/public-key.ts';
import { concat, equal } from '../../../shared/encoding/bytes.ts';
import { DerReader } from '../../../shared/encoding/der/reader.ts';
import { NULL, octetString, sequence } from '../../../shared/encoding/der/writer.ts';
import type { Identity } from '../../../shared/protocol/identity.ts';
import { encodeSubjectAltName } from '../../../shared/protocol/subject-alt-name.ts';
import {
  BASIC_CONSTRAINTS,
  encodeExtension,
  encodeExtKeyUsage,
  ID_KP_CLIENT_AUTH,
  KEY_USAGE,
  NO_REV_AVAIL,
  SUBJECT_ALT_NAME,
  SUBJECT_KEY_IDENTIFIER,
} from '../../../shared/x509/extensions.ts';
import { encodeKeyUsage, type KeyUsage } from '../../../shared/x509/key-usage.ts';

/**
 * The common part of the certificates of one credential: DER of subject, subjectPublicKeyInfo, and each extension except those
 * that differ by purpose and issuer, one after the other.
 */
export type SubjectTemplate = Uint8Array<ArrayBuffer>;

/** Whom the certificates of a credential are for. */
export interface CertificateSubject {
  /** DER of the CSR's subject. Where it is empty the subjectAltName is critical (RFC 5280 4.2.1.6). */
  readonly subject: Uint8Array;
  readonly publicKey: PublicKey;
  /** SubjectKeyIdentifier. */
  readonly keyIdentifier: Uint8Array;
  readonly identity: Identity;
}

const NOT_A_CA = encodeExtension(BASIC_CONSTRAINTS, sequence(), true);
const NO_REVOCATION = encodeExtension(NO_REV_AVAIL, NULL);

/** Size of a Name without RDNs. */
const EMPTY_NAME_BYTES = 2;

const encodeUsage = (usage: KeyUsage): Uint8Array => encodeExtension(KEY_USAGE, encodeKeyUsage(usage), true);

export function encodeSubjectTemplate({
  subject,
  publicKey,
  keyIdentifier,
  identity,
}: CertificateSubject): SubjectTemplate {
  return concat([
    subject,
    publicKey.spki,
    NOT_A_CA,
    encodeUsage(recipientTypeOf(publicKey).keyUsage),
    encodeExtension(SUBJECT_KEY_IDENTIFIER, octetString(keyIdentifier)),
    NO_REVOCATION,
    encodeExtension(SUBJECT_ALT_NAME, encodeSubjectAltName(identity), subject.length === EMPTY_NAME_BYTES),
  ]);
}

/** The fields that a template consists of, as views into it. */
export interface TemplateFields {
  /** DER of the Name. */
  readonly subject: Uint8Array<ArrayBuffer>;
  /** DER of the SubjectPublicKeyInfo. */
  readonly spki: Uint8Array<ArrayBuffer>;
  /** DER of the extensions, one after the other. */
  readonly extensions: Uint8Array<ArrayBuffer>;
}

/** @throws {DerError} when it is no template. */
export function parseSubjectTemplate(template: SubjectTemplate): TemplateFields {
  const reader = new DerReader(template);
  const subject = reader.wholeSequence().encoding;
  const spki = reader.wholeSequence().encoding;
  return { subject, spki, extensions: withoutPurpose(reader) };
}

const CLIENT_AUTH = encodeExtKeyUsage(ID_KP_CLIENT_AUTH);

/** Templates of before certificates had several purposes hold the one that they had. */
function withoutPurpose(extensions: DerReader): Uint8Array<ArrayBuffer> {
  const all = extensions.rest();
  const kept: Uint8Array[] = [];
  while (!extensions.done) {
    const { encoding } = extensions.next();
    if (!equal(encoding, CLIENT_AUTH)) kept.push(encoding);
  }
  return kept.reduce((length, { byteLength }) => length + byteLength, 0) === all.length ? all : concat(kept);
}
