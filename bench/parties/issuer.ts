/** An authority that issues, made within the Worker that is measured. */

import { createAuthority } from '../../scripts/certificates.ts';
import { parsePem } from '../../shared/encoding/pem.ts';
import { parseTrustAnchors } from '../../shared/x509/trust-anchor.ts';
import { issueCertificate } from '../../workers/authority/issuance/issue.ts';
import { type Issuer, importIssuer } from '../../workers/authority/issuance/issuer.ts';
import type { Client } from './client.ts';

/** An issuer with the DER of its PrivateKeyInfo. */
export interface BenchIssuer extends Issuer {
  readonly pkcs8: Uint8Array<ArrayBuffer>;
}

export async function createIssuer(): Promise<BenchIssuer> {
  const { key, certificate } = await createAuthority('bench authority');
  const [pkcs8] = parsePem('PRIVATE KEY', key);
  if (pkcs8 === undefined) throw new Error('the authority has no private key');
  return { ...(await importIssuer(parseTrustAnchors(certificate)[0], pkcs8)), pkcs8 };
}

/** Maximum lifetime of a certificate for a request. */
const LIFETIME_SECONDS = 300;

/** @returns DER of a certificate that outlasts the measurement of a work. */
export const certificateFor = (issuer: Issuer, { template }: Client): Promise<Uint8Array<ArrayBuffer>> =>
  issueCertificate(issuer, template, {
    purpose: 'request',
    notBefore: Date.now(),
    seconds: LIFETIME_SECONDS,
    nonce: undefined,
  });
