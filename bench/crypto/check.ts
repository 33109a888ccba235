/** Checking a certificate: parse, verify, read the identity. */

import { X509Certificate as NativeCertificate } from 'node:crypto';
import { SubjectAlternativeNameExtension, X509Certificate } from '@peculiar/x509';
import { LruCache } from '../../shared/crypto/lru-cache.ts';
import { type Subject, verifyClientCertificate } from '../../shared/protocol/client-certificate.ts';
import { createClient } from '../parties/client.ts';
import { certificateFor, createIssuer } from '../parties/issuer.ts';
import type { Subjects } from './subject.ts';

async function issued() {
  const issuer = await createIssuer();
  return { anchor: issuer.anchor, der: await certificateFor(issuer, await createClient('P-256')) };
}

/** As many clients as a party behind the edge remembers. */
const REMEMBERED_CLIENTS = 1000;

export const check: Subjects = {
  async cale() {
    const { anchor, der } = await issued();
    const [anchors, subjects] = [[anchor], new LruCache<Subject>(REMEMBERED_CLIENTS)];
    return async () => {
      const verified = await verifyClientCertificate(der, { anchors, now: Date.now(), purpose: 'request', subjects });
      if (!verified.ok) throw new Error(verified.fault);
    };
  },
  async limit() {
    const { anchor, der } = await issued();
    const { publicKey } = new NativeCertificate(anchor.certificate);
    return async () => {
      if (!new NativeCertificate(der).verify(publicKey)) throw new Error('not verified');
    };
  },
  async x509() {
    const { anchor, der } = await issued();
    const issuer = new X509Certificate(anchor.certificate);
    return async () => {
      const certificate = new X509Certificate(der);
      if (!(await certificate.verify({ publicKey: issuer }))) throw new Error('not verified');
      return certificate.getExtension(SubjectAlternativeNameExtension)?.names.items;
    };
  },
};
