/** The body of a registration: a CSR as `application/pkcs10`, in PEM or in DER. */

import { decodePemBlocks } from '../wire/pem.ts';
import type { CsrFault } from './fault.ts';

/** Octets of the largest body that is looked at. */
export const MAX_CSR_OCTETS = 16 * 1024;

/** First octet of a SEQUENCE, and the bit that every length above 127 has set in the second. */
const SEQUENCE = 0x30;
const LONG_LENGTH = 0x80;

/** @returns DER of what should be one CSR, or the rule that the body broke. */
export function decodeCsr(body: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | { readonly fault: CsrFault } {
  if (body.length > MAX_CSR_OCTETS) return { fault: 'csr-too-large' };
  if (body[0] === SEQUENCE && (body[1] ?? 0) & LONG_LENGTH) return body;
  // Latin-1: a PEM file may hold any text outside of its block.
  const text = new TextDecoder('latin1').decode(body).replaceAll('NEW CERTIFICATE REQUEST', 'CERTIFICATE REQUEST');
  try {
    const [block, ...others] = decodePemBlocks('CERTIFICATE REQUEST', text);
    if (others.length > 0) return { fault: 'csr-several-pem-blocks' };
    return block ?? { fault: 'csr-malformed' };
  } catch {
    return { fault: (text.match(/-----BEGIN /g) ?? []).length > 1 ? 'csr-several-pem-blocks' : 'csr-malformed' };
  }
}
