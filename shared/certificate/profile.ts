/**
 * The one profile of the certificates that an authority issues, and the part of it that is the same for every
 * certificate of a credential: encoded once, at registration, and kept with it.
 */

import { concat } from '../bytes.ts';
import {
  AUTHORITY_KEY_IDENTIFIER,
  BASIC_CONSTRAINTS,
  EXT_KEY_USAGE,
  encodedOid,
  ID_KP_CLIENT_AUTH,
  KEY_USAGE,
  NO_REV_AVAIL,
  SUBJECT_ALT_NAME,
  SUBJECT_KEY_IDENTIFIER,
} from '../der/oids.ts';
import { DerReader } from '../der/read.ts';
import { BOOLEAN_TRUE, contextPrimitive, encode, NULL, octetString, type Part, sequence } from '../der/write.ts';
import type { Identity } from '../identity.ts';
import type { PublicKey } from '../keys/public-key.ts';
import { encodeIdentity } from './subject-alt-name.ts';

/**
 * What the certificates of one credential have in common: DER of subject, subjectPublicKeyInfo, and each extension but
 * authorityKeyIdentifier, one after the other.
 */
export type Profile = Uint8Array<ArrayBuffer>;

const extension = (oid: string, value: Part, critical = false): Part =>
  critical
    ? sequence(encodedOid(oid), BOOLEAN_TRUE, octetString(value))
    : sequence(encodedOid(oid), octetString(value));

/** DER of keyUsage by the key's algorithm: bit 2 is keyEncipherment, bit 4 keyAgreement (RFC 5280 4.2.1.3). */
export const KEY_USAGES = {
  RSA: Uint8Array.of(0x03, 0x02, 0x05, 0x20),
  EC: Uint8Array.of(0x03, 0x02, 0x03, 0x08),
} as const;

const NOT_A_CA = encode(extension(BASIC_CONSTRAINTS, sequence(), true));
const CLIENT_AUTH = encode(extension(EXT_KEY_USAGE, sequence(encodedOid(ID_KP_CLIENT_AUTH))));
const NO_REVOCATION = encode(extension(NO_REV_AVAIL, NULL));
const USAGE = {
  RSA: encode(extension(KEY_USAGE, KEY_USAGES.RSA, true)),
  EC: encode(extension(KEY_USAGE, KEY_USAGES.EC, true)),
} as const;

/** Length of a Name without RDNs. */
const EMPTY_NAME_LENGTH = 2;

/**
 * @param subject DER of the CSR's subject. Where it is empty the subjectAltName is critical (RFC 5280 4.2.1.6).
 * @param keyIdentifier of the subject's key, method 1 of RFC 5280 4.2.1.2.
 */
export function encodeProfile(
  subject: Uint8Array,
  subjectPublicKeyInfo: Uint8Array,
  algorithm: PublicKey['algorithm'],
  keyIdentifier: Uint8Array,
  identity: Identity,
): Profile {
  const identifier = extension(SUBJECT_KEY_IDENTIFIER, octetString(keyIdentifier));
  const altName = extension(SUBJECT_ALT_NAME, encodeIdentity(identity), subject.length === EMPTY_NAME_LENGTH);
  const parts = [NOT_A_CA, USAGE[algorithm], CLIENT_AUTH, encode(identifier), NO_REVOCATION, encode(altName)];
  return concat([subject, subjectPublicKeyInfo, ...parts]);
}

/** The fields that a profile consists of, as views into it. */
export interface ProfileFields {
  /** DER of the Name. */
  readonly subject: Uint8Array<ArrayBuffer>;
  readonly subjectPublicKeyInfo: Uint8Array<ArrayBuffer>;
  /** DER of the extensions, one after the other. */
  readonly extensions: Uint8Array<ArrayBuffer>;
}

/** @throws {DerError} when it is no profile. */
export function profileFields(profile: Profile): ProfileFields {
  const reader = new DerReader(profile);
  const subject = reader.next().encoding;
  const subjectPublicKeyInfo = reader.next().encoding;
  const extensions = profile.subarray(subject.length + subjectPublicKeyInfo.length);
  return { subject, subjectPublicKeyInfo, extensions };
}

/** authorityKeyIdentifier with the keyIdentifier alone (RFC 5280 4.2.1.1). */
export function encodeAuthorityKeyIdentifier(keyIdentifier: Uint8Array): Uint8Array<ArrayBuffer> {
  return encode(extension(AUTHORITY_KEY_IDENTIFIER, sequence(contextPrimitive(0, keyIdentifier))));
}
