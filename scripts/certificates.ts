/** Making certificates for an authority and for origins, by @peculiar/x509. */

import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { encodePem } from '../shared/encoding/pem.ts';

/** A private key (PKCS#8) and its certificate, both in PEM. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly certificate: string;
}

export type AuthorityKeyType = 'P-256' | 'P-384' | 'RSA-2048';

const KEY_ALGORITHMS = {
  'P-256': { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  'P-384': { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  'RSA-2048': {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  },
} as const;

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const AUTHORITY_DAYS = 3650;
const ORIGIN_DAYS = 397;

/** From an hour ago on, so that clients whose clock is behind take a new certificate. */
const daysFromNow = (days: number) => ({
  notBefore: new Date(Date.now() - HOUR_MS),
  notAfter: new Date(Date.now() + days * DAY_MS),
});

async function generate(keyType: AuthorityKeyType): Promise<CryptoKeyPair> {
  return (await crypto.subtle.generateKey(KEY_ALGORITHMS[keyType], true, ['sign', 'verify'])) as CryptoKeyPair;
}

async function exportKey({ privateKey }: CryptoKeyPair): Promise<string> {
  const pkcs8 = (await crypto.subtle.exportKey('pkcs8', privateKey)) as ArrayBuffer;
  return encodePem('PRIVATE KEY', new Uint8Array(pkcs8));
}

/** @returns a new authority with a self-signed certificate. */
export async function createAuthority(
  commonName: string,
  keyType: AuthorityKeyType = 'P-256',
  organization = 'example.com',
): Promise<KeyAndCertificate> {
  const keys = await generate(keyType);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${commonName}, O=${organization}`,
    ...daysFromNow(AUTHORITY_DAYS),
    signingAlgorithm: KEY_ALGORITHMS[keyType],
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { key: await exportKey(keys), certificate: certificate.toString('pem') };
}

/** The uses of an origin's keys: to sign answers, and to open sealed requests. */
const ORIGIN_USES = { signing: KeyUsageFlags.digitalSignature, encryption: KeyUsageFlags.keyAgreement } as const;
export type OriginUse = keyof typeof ORIGIN_USES;

/** @returns a new P-256 key of an origin for one use, certified by the authority. */
export async function createOriginKey(authority: KeyAndCertificate, use: OriginUse): Promise<KeyAndCertificate> {
  const issuer = new X509Certificate(authority.certificate);
  const algorithm = issuer.publicKey.algorithm as { name: string; namedCurve?: string };
  const signingAlgorithm =
    Object.values(KEY_ALGORITHMS).find(
      (each) => each.name === algorithm.name && (!('namedCurve' in each) || each.namedCurve === algorithm.namedCurve),
    ) ?? KEY_ALGORITHMS['P-256'];
  const pkcs8 = Buffer.from(authority.key.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const signingKey = await crypto.subtle.importKey('pkcs8', pkcs8, signingAlgorithm, false, ['sign']);
  const keys = await generate('P-256');
  const extensions: Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(ORIGIN_USES[use], true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    await SubjectKeyIdentifierExtension.create(keys.publicKey),
    await AuthorityKeyIdentifierExtension.create(issuer),
  ];
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=origin ${use}, ${issuer.subjectName
      .getField('O')
      .map((name) => `O=${name}`)
      .join(', ')}`,
    issuer: issuer.subject,
    ...daysFromNow(ORIGIN_DAYS),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm,
    extensions,
  });
  return { key: await exportKey(keys), certificate: certificate.toString('pem') };
}
