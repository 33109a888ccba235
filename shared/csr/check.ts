/** Checking a CSR (RFC 2986): its form, its key, and the proof that its sender holds the private key. */

import { DerError, DerReader } from '../der/read.ts';
import { isBrokenModulus } from '../keys/broken-modulus.ts';
import { keyIdentifier, type PublicKey, readPublicKey } from '../keys/public-key.ts';
import { readName } from '../name/name.ts';
import type { Pkcs10CertificateRequest } from '../pki.ts';
import type { CsrFault } from './fault.ts';

/** What of a good CSR is used. Extensions that it requests are not: nothing requested is granted. */
export interface CheckedCsr {
  /** DER of the Name. */
  readonly subject: Uint8Array<ArrayBuffer>;
  readonly subjectPublicKeyInfo: Uint8Array<ArrayBuffer>;
  readonly publicKey: PublicKey;
  readonly keyIdentifier: Uint8Array<ArrayBuffer>;
}

const MAX_SUBJECT_OCTETS = 1024;
const MIN_MODULUS_BITS = 2048;
const MAX_MODULUS_BITS = 4096;
const HASHES = new Set(['SHA-256', 'SHA-384', 'SHA-512']);

/**
 * @param der what should be one CertificationRequest.
 * @returns what was read, or the rule that it broke.
 */
export async function checkCsr(der: Uint8Array<ArrayBuffer>): Promise<CheckedCsr | { readonly fault: CsrFault }> {
  const fields = readFields(der);
  if ('fault' in fields) return fields;
  const { subject, subjectPublicKeyInfo } = fields;
  const publicKey = orUndefined(() => readPublicKey(subjectPublicKeyInfo));
  const keyFault = faultOfKey(publicKey);
  if (publicKey === undefined || keyFault !== undefined) return { fault: keyFault ?? 'csr-unsupported-key' };
  if (subject.length > MAX_SUBJECT_OCTETS || orUndefined(() => readName(subject)) === undefined) {
    return { fault: 'csr-bad-subject' };
  }
  const signatureFault = await faultOfSignature(der);
  if (signatureFault !== undefined) return { fault: signatureFault };
  return { subject, subjectPublicKeyInfo, publicKey, keyIdentifier: await keyIdentifier(publicKey.bits) };
}

type Fields = Pick<CheckedCsr, 'subject' | 'subjectPublicKeyInfo'>;

/** The fields as they were sent, to the octet: DER alone is taken, since a signature is over DER (RFC 2986 4.2). */
function readFields(der: Uint8Array<ArrayBuffer>): Fields | { readonly fault: CsrFault } {
  try {
    const whole = new DerReader(der);
    const request = whole.enter(0x30);
    const info = request.enter(0x30);
    request.expect(0x30);
    request.bitString();
    request.end();
    if (info.smallInteger() !== 0) throw new DerError('version');
    const subject = info.expect(0x30).encoding;
    const subjectPublicKeyInfo = info.expect(0x30).encoding;
    info.optional(0xa0);
    info.end();
    return whole.done ? { subject, subjectPublicKeyInfo } : { fault: 'csr-trailing-bytes' };
  } catch {
    return { fault: 'csr-malformed' };
  }
}

function faultOfKey(key: PublicKey | undefined): CsrFault | undefined {
  if (key === undefined) return 'csr-unsupported-key';
  if (key.algorithm === 'EC') return undefined;
  const isF4 = key.publicExponent.length === 3 && key.publicExponent.every((octet, at) => octet === [1, 0, 1][at]);
  if (key.modulusBits < MIN_MODULUS_BITS || key.modulusBits > MAX_MODULUS_BITS || !isF4) return 'csr-weak-key';
  return isBrokenModulus(key.modulus) ? 'csr-broken-key' : undefined;
}

async function faultOfSignature(der: Uint8Array<ArrayBuffer>): Promise<CsrFault | undefined> {
  // Loaded by the first registration: at start-up it would cost every isolate, most of which never see one.
  const { Pkcs10CertificateRequest } = await import('../pki.ts');
  let request: Pkcs10CertificateRequest;
  let hash: string | undefined;
  try {
    request = new Pkcs10CertificateRequest(der);
    hash = request.signatureAlgorithm.hash?.name;
  } catch {
    return 'csr-malformed';
  }
  if (hash === undefined || !HASHES.has(hash)) return 'csr-weak-hash';
  // What cannot be verified (a point off the curve, a signature of another form) is not verified.
  const isGood = await request.verify().catch(() => false);
  return isGood ? undefined : 'csr-bad-signature';
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
