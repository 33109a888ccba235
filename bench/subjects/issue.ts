/** Issuing a certificate for a registered P-256 key under a P-256 authority. */

import 'reflect-metadata';
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
import { issueCertificate } from '../../shared/certificate/issue.ts';
import type { Subjects } from '../worker.ts';
import { createClient, createIssuer } from './parties.ts';

const LIFETIME_SECONDS = 10;

export const issue: Subjects = {
  async cale() {
    const [issuer, { profile }] = [await createIssuer(), await createClient('P-256')];
    return () => issueCertificate(issuer, profile, Date.now(), LIFETIME_SECONDS);
  },
  async limit() {
    const { key, authority } = await createIssuer();
    const tbs = crypto.getRandomValues(new Uint8Array(500));
    return () => crypto.subtle.sign(authority.scheme.keyAlgorithm, key, tbs);
  },
  async x509() {
    const [{ key, authority }, { spki }] = [await createIssuer(), await createClient('P-256')];
    const issuerName = new X509Certificate(authority.certificate).subjectName;
    const publicKey = new PublicKey(spki);
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
        issuer: issuerName,
        notBefore: new Date(),
        notAfter: new Date(Date.now() + LIFETIME_SECONDS * 1000),
        signingAlgorithm: authority.scheme.keyAlgorithm as never,
        publicKey,
        signingKey: key,
        extensions,
      });
  },
};
