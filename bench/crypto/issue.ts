/** Issuing a certificate for a registered P-256 key under a P-256 authority. */

import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { issueCertificate } from '../../workers/authority/issuance/issue.ts';
import { createClient } from '../parties/client.ts';
import { createIssuer } from '../parties/issuer.ts';
import type { Subjects } from './subject.ts';

const LIFETIME_SECONDS = 10;
/** About the size of a TBSCertificate. */
const TBS_BYTES = 500;

export const issue: Subjects = {
  async cale() {
    const [issuer, { template }] = [await createIssuer(), await createClient('P-256')];
    return () =>
      issueCertificate(issuer, template, {
        purpose: 'request',
        notBefore: Date.now(),
        seconds: LIFETIME_SECONDS,
        nonce: undefined,
      });
  },
  async limit() {
    const { key, anchor } = await createIssuer();
    const tbs = crypto.getRandomValues(new Uint8Array(TBS_BYTES));
    return () => crypto.subtle.sign(anchor.scheme.algorithm, key, tbs);
  },
  async x509() {
    const [{ key, anchor }, client] = [await createIssuer(), await createClient('P-256')];
    const { subjectName: issuer } = new X509Certificate(anchor.certificate);
    const publicKey = new PublicKey(client.publicKey.spki);
    const extensions = [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyAgreement, true),
      new ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.2']),
      await SubjectKeyIdentifierExtension.create(publicKey),
      new SubjectAlternativeNameExtension([{ type: 'dn', value: 'DC=com, DC=example, OU=read, OU=write, CN=alice' }]),
    ];
    return () =>
      X509CertificateGenerator.create({
        subject: 'CN=phone',
        issuer,
        notBefore: new Date(),
        notAfter: new Date(Date.now() + LIFETIME_SECONDS * 1000),
        signingAlgorithm: anchor.scheme.algorithm as never,
        publicKey,
        signingKey: key,
        extensions,
      });
  },
};
