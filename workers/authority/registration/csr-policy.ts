/** The rules for CSRs (RFC 2986): form, key, subject, and the proof that the sender has the private key. */

import { keyIdentifier, type PublicKey, parsePublicKey } from '../../../shared/crypto/keys/public-key.ts';
import { success } from '../../../shared/result.ts';
import { parseCsr } from '../../../shared/x509/csr.ts';
import type { Name } from '../../../shared/x509/name.ts';
import { parseCsrBody } from './csr-body.ts';
import { CsrError, type CsrFault, parseBy } from './csr-rules.ts';
import { assertSigned } from './csr-signatures.ts';
import { assertGoodKey } from './key-policy.ts';
import { parseSubject } from './subject-policy.ts';

/** The parts of a good CSR that are used. Its attributes are not: nothing that a CSR requests is granted. */
export interface VerifiedCsr {
  /** DER of the CertificationRequest. */
  readonly der: Uint8Array<ArrayBuffer>;
  /** DER of the Name. */
  readonly subject: Uint8Array<ArrayBuffer>;
  readonly device: Name;
  readonly publicKey: PublicKey;
  readonly keyIdentifier: Uint8Array<ArrayBuffer>;
}

/** A value, or the rule that the CSR breaks, with a sentence on what was found. */
export type CsrResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: CsrFault; readonly detail: string };

/** @param body of a registration: one CSR in DER, PEM or base64. */
export async function verifyCsr(body: Uint8Array<ArrayBuffer>): Promise<CsrResult<VerifiedCsr>> {
  try {
    return success(await parseGoodCsr(body));
  } catch (error) {
    if (error instanceof CsrError) return { ok: false, fault: error.fault, detail: error.message };
    throw error;
  }
}

/** @throws {CsrError} by the first rule that it breaks. */
async function parseGoodCsr(body: Uint8Array<ArrayBuffer>): Promise<VerifiedCsr> {
  const der = parseCsrBody(body);
  const csr = parseBy('csr-malformed', 'It is no PKCS#10 request in DER', () => parseCsr(der));
  if (csr.trailing.length > 0) {
    const end = der.length - csr.trailing.length;
    throw new CsrError('csr-trailing-bytes', `The request has ${end} bytes, and ${csr.trailing.length} follow it.`);
  }
  const publicKey = parseBy('csr-unsupported-key', 'The subjectPKInfo', () => parsePublicKey(csr.spki));
  assertGoodKey(publicKey);
  const device = parseSubject(csr.subject);
  await assertSigned(csr, publicKey);
  return { der, subject: csr.subject, device, publicKey, keyIdentifier: await keyIdentifier(publicKey) };
}
