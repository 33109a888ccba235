/** The rules for CSRs by the names that clients see, and the refusal by one of them. */

import { CURVE_NAMES } from '../../../shared/crypto/keys/ec.ts';
import { MIN_MODULUS_BITS } from '../../../shared/crypto/keys/rsa.ts';
import { EncodingError } from '../../../shared/encoding/error.ts';
import { CSR_TOO_LARGE, createProblemResponder } from '../../../shared/protocol/problem.ts';

export const MAX_MODULUS_BITS = 4096;
/** Maximum size of a subject, in bytes. */
export const MAX_SUBJECT_BYTES = 1024;

const badRequest = (title: string) => ({ status: 400, title });

export const CSR_RULES = {
  'csr-too-large': CSR_TOO_LARGE,
  'csr-malformed': badRequest('The body is not a PKCS#10 certification request in DER.'),
  'csr-several-pem-blocks': badRequest('The body has more than one PEM block.'),
  'csr-trailing-bytes': badRequest('Bytes follow the certification request.'),
  'csr-unsupported-key': badRequest(`The key is none of RSA, ${CURVE_NAMES.join(', ')}, or is of another form.`),
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
    `A subject must be a name of at most ${MAX_SUBJECT_BYTES} bytes, in strings as their types have them, and not the authority's.`,
  ),
} as const;

export type CsrFault = keyof typeof CSR_RULES;
export const csrProblemResponse = createProblemResponder<CsrFault>(CSR_RULES);

/** A CSR breaks a rule. The message is a sentence for its sender: what was found, and where it helps, what to do. */
export class CsrError extends EncodingError {
  override name = 'CsrError';
  readonly fault: CsrFault;

  constructor(fault: CsrFault, detail: string) {
    super(detail);
    this.fault = fault;
  }
}

/**
 * @param what the part of the CSR that `parse` reads: the beginning of a sentence.
 * @returns the result of `parse`.
 * @throws {CsrError} by the rule, when `parse` throws another {@link EncodingError}.
 */
export function parseBy<T>(fault: CsrFault, what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof EncodingError && !(error instanceof CsrError)) {
      throw new CsrError(fault, `${what}: ${error.message}.`);
    }
    throw error;
  }
}
