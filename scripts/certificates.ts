/** Making certificates for a root, for authorities and for origins, by @peculiar/x509. */

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
import { encodePem, parsePem } from '../shared/encoding/pem.ts';

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
type KeyAlgorithm = (typeof KEY_ALGORITHMS)[AuthorityKeyType];

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** Days that certificates last by default. */
export const ROOT_DAYS = 7300;
export const ISSUING_DAYS = 397;
/** The most for an origin, too, because its certificates cannot be revoked. */
export const ORIGIN_DAYS = 397;
/** Of an authority that is its own root. */
const AUTHORITY_DAYS = 3650;

/** A name, a key and the days that its certificate is to last. */
interface Subject {
  readonly name: string;
  readonly publicKey: CryptoKey;
  readonly days: number;
}

/** Extensions of a CA. @param pathLength of CAs that may follow below it; undefined for any number. */
const caExtensions = (pathLength?: number): Extension[] => [
  new BasicConstraintsExtension(true, pathLength, true),
  new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
];

/** The uses of an origin's keys: to sign answers, and to open sealed requests. */
const ORIGIN_USES = { signing: KeyUsageFlags.digitalSignature, encryption: KeyUsageFlags.keyAgreement } as const;
export type OriginUse = keyof typeof ORIGIN_USES;

async function generate(keyType: AuthorityKeyType): Promise<CryptoKeyPair> {
  return (await crypto.subtle.generateKey(KEY_ALGORITHMS[keyType], true, ['sign', 'verify'])) as CryptoKeyPair;
}

async function exportKey({ privateKey }: CryptoKeyPair): Promise<string> {
  const pkcs8 = (await crypto.subtle.exportKey('pkcs8', privateKey)) as ArrayBuffer;
  return encodePem('PRIVATE KEY', new Uint8Array(pkcs8));
}

async function selfSign(
  name: string,
  keyType: AuthorityKeyType,
  days: number,
  pathLength?: number,
): Promise<KeyAndCertificate> {
  const keys = await generate(keyType);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name,
    ...validity(days),
    signingAlgorithm: KEY_ALGORITHMS[keyType],
    keys,
    extensions: [...caExtensions(pathLength), await SubjectKeyIdentifierExtension.create(keys.publicKey)],
  });
  return { key: await exportKey(keys), certificate: certificate.toString('pem') };
}

/** @returns a new authority that is its own root: it issues with a self-signed certificate. */
export const createAuthority = (
  commonName: string,
  keyType: AuthorityKeyType = 'P-256',
  organization = 'example.com',
): Promise<KeyAndCertificate> => selfSign(`CN=${commonName}, O=${organization}`, keyType, AUTHORITY_DAYS, 0);

/** @returns a new root. */
export const createRoot = (organization = 'example.com', days = ROOT_DAYS): Promise<KeyAndCertificate> =>
  selfSign(`CN=CALE root, O=${organization}`, 'P-256', days);

/** @returns a new issuing authority, certified by the root. */
export async function createIssuing(
  root: KeyAndCertificate,
  { commonName = 'CALE authority', keyType = 'P-256' as AuthorityKeyType, days = ISSUING_DAYS } = {},
): Promise<KeyAndCertificate> {
  const { publicKey, ...keys } = await generate(keyType);
  const name = nameBeside(root.certificate, commonName);
  const certificate = await certify(root, { name, publicKey, days }, caExtensions(0));
  return { key: await exportKey({ publicKey, ...keys }), certificate };
}

/** @returns a certificate in PEM for the key of another root, by which those who trust `old` follow to it. */
export async function crossSign(old: KeyAndCertificate, root: string): Promise<string> {
  const { subject, notAfter, publicKey } = new X509Certificate(root);
  const days = (notAfter.getTime() - Date.now()) / DAY_MS;
  return certify(old, { name: subject, publicKey: await publicKey.export(), days }, caExtensions());
}

/** @returns a new P-256 key of an origin for one use, certified by the authority. */
export async function createOriginKey(
  authority: KeyAndCertificate,
  use: OriginUse,
  days = ORIGIN_DAYS,
): Promise<KeyAndCertificate> {
  const keys = await generate('P-256');
  const certificate = await certifyOrigin(authority, keys.publicKey, use, days);
  return { key: await exportKey(keys), certificate };
}

/** @returns another certificate for the key of an origin, by another authority. @param certificate it has already. */
export async function certifyOriginKey(
  authority: KeyAndCertificate,
  certificate: string,
  use: OriginUse,
  days = ORIGIN_DAYS,
): Promise<string> {
  return certifyOrigin(authority, await new X509Certificate(certificate).publicKey.export(), use, days);
}

function certifyOrigin(
  authority: KeyAndCertificate,
  publicKey: CryptoKey,
  use: OriginUse,
  days: number,
): Promise<string> {
  const name = nameBeside(authority.certificate, `origin ${use}`);
  return certify(authority, { name, publicKey, days: Math.min(days, ORIGIN_DAYS) }, [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(ORIGIN_USES[use], true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
  ]);
}

/** @returns the certificate in PEM. It never lasts longer than that of its issuer. */
async function certify(
  issuer: KeyAndCertificate,
  { name, publicKey, days }: Subject,
  extensions: readonly Extension[],
): Promise<string> {
  const own = new X509Certificate(issuer.certificate);
  const { notBefore, notAfter } = validity(days);
  const certificate = await X509CertificateGenerator.create({
    subject: name,
    issuer: own.subject,
    notBefore: later(notBefore, own.notBefore),
    notAfter: earlier(notAfter, own.notAfter),
    publicKey,
    ...(await importSigner(issuer)),
    extensions: [
      ...extensions,
      await SubjectKeyIdentifierExtension.create(publicKey),
      await AuthorityKeyIdentifierExtension.create(own),
    ],
  });
  return certificate.toString('pem');
}

/** From an hour ago on, so that clients whose clock is behind take a new certificate. */
const validity = (days: number) => ({
  notBefore: new Date(Date.now() - HOUR_MS),
  notAfter: new Date(Date.now() + days * DAY_MS),
});

const later = (one: Date, other: Date): Date => (one > other ? one : other);
const earlier = (one: Date, other: Date): Date => (one < other ? one : other);

async function importSigner({ key, certificate }: KeyAndCertificate) {
  const [pkcs8] = parsePem('PRIVATE KEY', key);
  if (pkcs8 === undefined) throw new TypeError('there is no private key in it');
  const signingAlgorithm = keyAlgorithmOf(new X509Certificate(certificate));
  return {
    signingKey: await crypto.subtle.importKey('pkcs8', pkcs8, signingAlgorithm, false, ['sign']),
    signingAlgorithm,
  };
}

function keyAlgorithmOf({ publicKey }: X509Certificate): KeyAlgorithm {
  const { name, namedCurve } = publicKey.algorithm as { name: string; namedCurve?: string };
  const found = Object.values(KEY_ALGORITHMS).find(
    (each) => each.name === name && (!('namedCurve' in each) || each.namedCurve === namedCurve),
  );
  return found ?? KEY_ALGORITHMS['P-256'];
}

/** @returns a name with the organisation of the issuer. @param issuer in PEM. */
const nameBeside = (issuer: string, commonName: string): string =>
  [`CN=${commonName}`, ...organizationsOf(issuer).map((name) => `O=${name}`)].join(', ');

/** @returns the organisations in the subject of a certificate in PEM. */
export const organizationsOf = (certificate: string): readonly string[] =>
  new X509Certificate(certificate).subjectName.getField('O');

/** The dates of a certificate in PEM, and its SHA-256 fingerprint in hex. */
export async function describeCertificate(certificate: string) {
  const parsed = new X509Certificate(certificate);
  const fingerprint = Buffer.from(await parsed.getThumbprint('SHA-256')).toString('hex');
  return { notAfter: parsed.notAfter, fingerprint };
}
