/** An authority that issues, without a Worker around it. */

import { expect } from 'vitest';
import { type AuthorityKeyType, createAuthority } from '../../scripts/certificates.ts';
import type { KeyType } from '../../shared/crypto/keys/key-types.ts';
import { keyIdentifier } from '../../shared/crypto/keys/public-key.ts';
import { parsePem } from '../../shared/encoding/pem.ts';
import type { Identity } from '../../shared/protocol/identity.ts';
import { encodeCommonName } from '../../shared/x509/name.ts';
import { parseTrustAnchors } from '../../shared/x509/trust-anchor.ts';
import { type Issue, issueCertificate } from '../../workers/authority/issuance/issue.ts';
import { type Issuer, importIssuer } from '../../workers/authority/issuance/issuer.ts';
import { encodeSubjectTemplate, type SubjectTemplate } from '../../workers/authority/issuance/subject-template.ts';
import { createKey } from './keys.ts';

export interface TestIssuer {
  readonly issuer: Issuer;
  /** Its certificate in PEM. */
  readonly certificate: string;
}

export async function createIssuer(keyType?: AuthorityKeyType): Promise<TestIssuer> {
  const { key, certificate } = await createAuthority('test authority', keyType);
  const [pkcs8 = expect.unreachable('no private key')] = parsePem('PRIVATE KEY', key);
  return { issuer: await importIssuer(parseTrustAnchors(certificate)[0], pkcs8), certificate };
}

/** @returns DER of a certificate: for a request, of ten seconds from now, not tied to a nonce, unless told otherwise. */
export const issue = (issuer: Issuer, template: SubjectTemplate, changes: Partial<Issue> = {}) =>
  issueCertificate(issuer, template, {
    purpose: 'request',
    notBefore: Date.now(),
    seconds: 10,
    nonce: undefined,
    ...changes,
  });

export const IDENTITY: Identity = { owner: 'alice', organization: 'example.com', scopes: ['read'] };

/** The template of the certificates of a new key. */
export async function createTemplate(identity = IDENTITY, keyType: KeyType = 'P-256'): Promise<SubjectTemplate> {
  const { publicKey } = await createKey(keyType);
  const subject = encodeCommonName('');
  return encodeSubjectTemplate({ subject, publicKey, keyIdentifier: await keyIdentifier(publicKey), identity });
}
