/** The fields of a certificate (RFC 5280 4.1), read and not judged. */

import { equal } from '../bytes.ts';
import { DerError, DerReader, readWhole } from '../der/read.ts';

export interface Extension {
  readonly critical: boolean;
  /** What the OCTET STRING holds. */
  readonly value: Uint8Array<ArrayBuffer>;
}

/** What differs from one certificate of a credential to the next. */
export interface Issuance {
  /** DER of the TBSCertificate: what is signed. */
  readonly tbs: Uint8Array<ArrayBuffer>;
  /** Magnitude, big-endian. */
  readonly serialNumber: Uint8Array<ArrayBuffer>;
  /** Dotted OID. */
  readonly signatureAlgorithm: string;
  readonly signature: Uint8Array<ArrayBuffer>;
  /** DER of the Name. */
  readonly issuer: Uint8Array<ArrayBuffer>;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
  /** DER of the fields behind the validity, for {@link parseHolder}. */
  readonly holder: Uint8Array<ArrayBuffer>;
}

/** Whom a certificate is for: the same in all that are issued for a credential by one authority. */
export interface Holder {
  /** DER of the Name. */
  readonly subject: Uint8Array<ArrayBuffer>;
  readonly subjectPublicKeyInfo: Uint8Array<ArrayBuffer>;
  /** By dotted OID. */
  readonly extensions: ReadonlyMap<string, Extension>;
}

export type Certificate = Issuance & Holder;

/**
 * @param der one v3 certificate and nothing else.
 * @throws {DerError} when it is not one.
 */
export function parseCertificate(der: Uint8Array<ArrayBuffer>): Certificate {
  const issuance = parseIssuance(der);
  return { ...issuance, ...parseHolder(issuance.holder) };
}

/**
 * @param der of a certificate, whose `holder` is not looked at.
 * @throws {DerError} when the rest is not that of one v3 certificate and nothing else.
 */
export function parseIssuance(der: Uint8Array<ArrayBuffer>): Issuance {
  const certificate = readWhole(der, 0x30);
  const tbs = certificate.expect(0x30);
  const outerAlgorithm = certificate.expect(0x30);
  const signature = certificate.bitString();
  certificate.end();

  const fields = tbs.enter();
  const version = fields.enter(0xa0);
  if (version.smallInteger() !== 2) throw new DerError('not a v3 certificate');
  version.end();
  const serialNumber = fields.unsignedInteger();
  const innerAlgorithm = fields.expect(0x30);
  if (!equal(innerAlgorithm.encoding, outerAlgorithm.encoding)) throw new DerError('two signature algorithms');
  const issuer = fields.expect(0x30).encoding;
  const validity = fields.enter(0x30);
  const notBefore = readTime(validity);
  const notAfter = readTime(validity);
  validity.end();

  return {
    tbs: tbs.encoding,
    serialNumber,
    signatureAlgorithm: outerAlgorithm.enter().objectIdentifier(),
    signature,
    issuer,
    notBefore,
    notAfter,
    holder: fields.rest(),
  };
}

/** @throws {DerError} when it is not subject, subjectPublicKeyInfo and extensions, and nothing else. */
export function parseHolder(holder: Uint8Array<ArrayBuffer>): Holder {
  const fields = new DerReader(holder);
  const subject = fields.expect(0x30).encoding;
  const subjectPublicKeyInfo = fields.expect(0x30).encoding;
  const extensions = readExtensions(fields.enter(0xa3));
  fields.end();
  return { subject, subjectPublicKeyInfo, extensions };
}

const UTC_TIME_OCTETS = 13;
const GENERALIZED_TIME_OCTETS = 15;
const ZULU = 0x5a;
const DIGIT_ZERO = 0x30;

function readExtensions(explicit: DerReader): Map<string, Extension> {
  const list = explicit.enter(0x30);
  explicit.end();
  const extensions = new Map<string, Extension>();
  while (!list.done) {
    const extension = list.enter(0x30);
    const oid = extension.objectIdentifier();
    const critical = extension.optional(0x01);
    if (critical !== undefined && (critical.content.length !== 1 || critical.content[0] !== 0xff)) {
      throw new DerError('criticality not in DER');
    }
    const value = extension.expect(0x04).content;
    extension.end();
    if (extensions.has(oid)) throw new DerError('extension given twice');
    extensions.set(oid, { critical: critical !== undefined, value });
  }
  return extensions;
}

/** Time of RFC 5280 4.1.2.5: UTCTime for 1950 to 2049, GeneralizedTime beyond, to the second, in UTC. */
function readTime(reader: DerReader): number {
  const { tag, content } = reader.next();
  const isUtcTime = tag === 0x17;
  const length = isUtcTime ? UTC_TIME_OCTETS : GENERALIZED_TIME_OCTETS;
  if ((!isUtcTime && tag !== 0x18) || content.length !== length || content[length - 1] !== ZULU) {
    throw new DerError('malformed time');
  }
  const pair = (at: number): number => {
    const tens = (content[at] ?? 0) - DIGIT_ZERO;
    const ones = (content[at + 1] ?? 0) - DIGIT_ZERO;
    if (tens < 0 || tens > 9 || ones < 0 || ones > 9) throw new DerError('malformed time');
    return tens * 10 + ones;
  };
  const at = length - UTC_TIME_OCTETS;
  const lastTwo = pair(at);
  const year = isUtcTime ? (lastTwo < 50 ? 2000 : 1900) + lastTwo : pair(0) * 100 + lastTwo;
  const [month, day] = [pair(at + 2), pair(at + 4)];
  const [hour, minute, second] = [pair(at + 6), pair(at + 8), pair(at + 10)];
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(time);
  const rolledOver = date.getUTCDate() !== day || date.getUTCMonth() !== month - 1;
  if (rolledOver || hour > 23 || minute > 59 || second > 59) throw new DerError('no such time');
  return time;
}
