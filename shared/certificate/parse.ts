/** The fields of a certificate (RFC 5280 4.1), read and not judged. */

import { equal } from '../bytes.ts';
import { DerError, DerReader, readWhole } from '../der/read.ts';

export interface Extension {
  readonly critical: boolean;
  /** What the OCTET STRING holds. */
  readonly value: Uint8Array<ArrayBuffer>;
}

export interface Certificate {
  /** DER of the TBSCertificate: what is signed. */
  readonly tbs: Uint8Array<ArrayBuffer>;
  /** Magnitude, big-endian. */
  readonly serialNumber: Uint8Array<ArrayBuffer>;
  /** Dotted OID. */
  readonly signatureAlgorithm: string;
  readonly signature: Uint8Array<ArrayBuffer>;
  /** DER of the Name. */
  readonly issuer: Uint8Array<ArrayBuffer>;
  /** DER of the Name. */
  readonly subject: Uint8Array<ArrayBuffer>;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
  readonly subjectPublicKeyInfo: Uint8Array<ArrayBuffer>;
  /** By dotted OID. */
  readonly extensions: ReadonlyMap<string, Extension>;
}

/**
 * @param der one v3 certificate and nothing else.
 * @throws {DerError} when it is not one.
 */
export function parseCertificate(der: Uint8Array<ArrayBuffer>): Certificate {
  const certificate = readWhole(der, 0x30);
  const tbs = certificate.expect(0x30);
  const outerAlgorithm = certificate.expect(0x30);
  const signature = certificate.bitString();
  certificate.end();

  const fields = new DerReader(tbs.content);
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
  const subject = fields.expect(0x30).encoding;
  const subjectPublicKeyInfo = fields.expect(0x30).encoding;
  const extensions = readExtensions(fields.enter(0xa3));
  fields.end();

  return {
    tbs: tbs.encoding,
    serialNumber,
    signatureAlgorithm: new DerReader(outerAlgorithm.content).objectIdentifier(),
    signature,
    issuer,
    subject,
    notBefore,
    notAfter,
    subjectPublicKeyInfo,
    extensions,
  };
}

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

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
const GENERALIZED_TIME = /^(\d\d\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;

/** Time of RFC 5280 4.1.2.5: UTCTime for 1950 to 2049, GeneralizedTime beyond. */
function readTime(reader: DerReader): number {
  const { tag, content } = reader.next();
  const text = String.fromCharCode(...content);
  const fields = tag === 0x17 ? UTC_TIME.exec(text) : tag === 0x18 ? GENERALIZED_TIME.exec(text) : null;
  if (fields === null) throw new DerError('malformed time');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields.slice(1).map(Number);
  const fullYear = tag === 0x18 ? year : year < 50 ? 2000 + year : 1900 + year;
  const time = Date.UTC(fullYear, month - 1, day, hour, minute, second);
  const rolledOver = new Date(time).getUTCDate() !== day || new Date(time).getUTCMonth() !== month - 1;
  if (rolledOver || hour > 23 || minute > 59 || second > 59) throw new DerError('no such time');
  return time;
}
