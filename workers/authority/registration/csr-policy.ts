/** The rules for CSRs (RFC 2986): form, key, subject, and the proof that the sender has the private key. */

import { CURVE_NAMES } from '../../../shared/crypto/keys/ec.ts';
import { keyIdentifier, type PublicKey, parsePublicKey } from '../../../shared/crypto/keys/public-key.ts';
import { parseSequence } from '../../../shared/encoding/der/reader.ts';
import { SEQUENCE } from '../../../shared/encoding/der/tag.ts';
import { tryParse } from '../../../shared/encoding/error.ts';
import { parsePem } from '../../../shared/encoding/pem.ts';
import { CSR_TOO_LARGE, createProblemResponder, MAX_CSR_BYTES } from '../../../shared/protocol/problem.ts';
import { failure, type Result, success } from '../../../shared/result.ts';
import { type Csr, isSignedByOwnKey, parseCsr } from '../../../shared/x509/csr.ts';
import { type Name, parseName } from '../../../shared/x509/name.ts';
import { findScheme } from './csr-signatures.ts';
import { faultOfKey, MAX_MODULUS_BITS, MIN_MODULUS_BITS } from './key-policy.ts';

/** Maximum size of a subject, in bytes. */
const MAX_SUBJECT_BYTES = 1024;

const badRequest = (title: string) => ({ status: 400, title });

/** The rules by the names that clients see. */
const RULES = {
  'csr-too-large': CSR_TOO_LARGE,
  'csr-malformed': badRequest('The body is not a PKCS#10 certification request.'),
  'csr-several-pem-blocks': badRequest('The body has more than one PEM block.'),
  'csr-trailing-bytes': badRequest('Bytes follow the certification request.'),
  'csr-unsupported-key': badRequest(`The key is none of RSA, ${CURVE_NAMES.join(', ')}.`),
  'csr-weak-key': badRequest(
    `An RSA key must have ${MIN_MODULUS_BITS} to ${MAX_MODULUS_BITS} bits and the exponent 65537.`,
  ),
  'csr-broken-key': badRequest('The key is known to be broken.'),
  'csr-weak-hash': badRequest('The request must be signed with SHA-256, SHA-384 or SHA-512.'),
  'csr-unsupported-signature': badRequest(
    'The signature is none of ECDSA, RSASSA-PKCS1-v1_5, and RSASSA-PSS with the same hash in MGF1.',
  ),
  'csr-bad-signature': badRequest("The request's signature does not verify with its own key."),
  'csr-bad-subject': badRequest(
    `The subject is not a name, or is longer than ${MAX_SUBJECT_BYTES} bytes, or is that of the authority.`,
  ),
} as const;

export type CsrFault = keyof typeof RULES;
export const csrProblemResponse = createProblemResponder<CsrFault>(RULES);

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

/** @param body of a registration: one CSR in PEM or in DER. */
export async function verifyCsr(body: Uint8Array<ArrayBuffer>): Promise<Result<VerifiedCsr, CsrFault>> {
  const decoded = verifyBody(body);
  if (!decoded.ok) return decoded;
  const der = decoded.value;
  const csr = tryParse(() => parseCsr(der));
  if (csr === undefined) return failure('csr-malformed');
  if (csr.trailing.length > 0) return failure('csr-trailing-bytes');
  const publicKey = tryParse(() => parsePublicKey(csr.spki));
  if (publicKey === undefined) return failure('csr-unsupported-key');
  const keyFault = faultOfKey(publicKey);
  if (keyFault !== undefined) return failure(keyFault);
  const device = csr.subject.length > MAX_SUBJECT_BYTES ? undefined : tryParse(() => parseName(csr.subject));
  if (device === undefined) return failure('csr-bad-subject');
  const signatureFault = await faultOfSignature(csr, publicKey);
  if (signatureFault !== undefined) return failure(signatureFault);
  return success({
    der,
    subject: csr.subject,
    device,
    publicKey,
    keyIdentifier: await keyIdentifier(publicKey),
  });
}

/** The bit that every length above 127 has set in its first byte. */
const LONG_LENGTH = 0x80;

/** @returns DER of what should be one CSR. */
function verifyBody(body: Uint8Array<ArrayBuffer>): Result<Uint8Array<ArrayBuffer>, CsrFault> {
  if (body.length > MAX_CSR_BYTES) return failure('csr-too-large');
  if (body[0] === SEQUENCE && (body[1] ?? 0) & LONG_LENGTH) return success(body);
  // Latin-1, because a PEM file may hold any text outside of its block.
  const text = new TextDecoder('latin1').decode(body).replaceAll('NEW CERTIFICATE REQUEST', 'CERTIFICATE REQUEST');
  const blocks = tryParse(() => parsePem('CERTIFICATE REQUEST', text));
  const count = blocks?.length ?? (text.match(/-----BEGIN /g) ?? []).length;
  if (count > 1) return failure('csr-several-pem-blocks');
  const [block] = blocks ?? [];
  return block === undefined ? failure('csr-malformed') : success(block);
}

async function faultOfSignature(csr: Csr, key: PublicKey): Promise<CsrFault | undefined> {
  const scheme = findScheme(key, csr.signatureAlgorithm);
  if (scheme === undefined) {
    const oid = tryParse(() => parseSequence(csr.signatureAlgorithm).objectIdentifier());
    if (oid === undefined) return 'csr-malformed';
    return WEAK_SIGNATURES.has(oid) ? 'csr-weak-hash' : 'csr-unsupported-signature';
  }
  return (await isSignedByOwnKey(csr, key, scheme)) ? undefined : 'csr-bad-signature';
}

/** Signature algorithms with MD2, MD4, MD5, SHA-1 or SHA-224 (RFC 3279 2.2, RFC 4055 5, RFC 5758 3). */
const WEAK_SIGNATURES = new Set([
  '1.2.840.113549.1.1.2',
  '1.2.840.113549.1.1.3',
  '1.2.840.113549.1.1.4',
  '1.2.840.113549.1.1.5',
  '1.2.840.113549.1.1.14',
  '1.2.840.10045.4.1',
  '1.2.840.10045.4.3.1',
]);
