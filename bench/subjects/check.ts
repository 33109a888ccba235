/** Checking a certificate: parse, verify, read the identity. */

import { X509Certificate as NativeCertificate } from 'node:crypto';
import { SubjectAlternativeNameExtension, X509Certificate } from '@peculiar/x509';
import { checkCertificate } from '../../shared/certificate/check.ts';
import type { Subjects } from '../worker.ts';
import { certificateFor, createClient, createIssuer } from './parties.ts';

async function issued() {
  const issuer = await createIssuer();
  return { authority: issuer.authority, der: await certificateFor(issuer, await createClient('P-256')) };
}

export const check: Subjects = {
  async cale() {
    const { authority, der } = await issued();
    return async () => {
      const checked = await checkCertificate(der, [authority], Date.now());
      if ('fault' in checked) throw new Error(checked.fault);
    };
  },
  async limit() {
    const { authority, der } = await issued();
    const { publicKey } = new NativeCertificate(authority.certificate);
    return async () => {
      if (!new NativeCertificate(der).verify(publicKey)) throw new Error('not verified');
    };
  },
  async x509() {
    const { authority, der } = await issued();
    const issuer = new X509Certificate(authority.certificate);
    return async () => {
      const certificate = new X509Certificate(der);
      if (!(await certificate.verify({ publicKey: issuer }))) throw new Error('not verified');
      return certificate.getExtension(SubjectAlternativeNameExtension)?.names.items;
    };
  },
};
