/** The edge of the vectors: a root, an issuing authority, keys of an origin, and certificates that are none of an origin. */

import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { CONTENT_ENCRYPTION_NAMES } from '../../../shared/cms/content-encryption.ts';
import { KEY_TYPE_NAMES } from '../../../shared/crypto/keys/key-types.ts';
import { encodePem, parsePem } from '../../../shared/encoding/pem.ts';
import { CREDENTIALS_PATH, REGISTRATION_PATH, SEALED_PATH, WHOAMI_PATH } from '../../../shared/protocol/endpoints.ts';
import { flip } from './bytes.ts';
import { ORGANIZATION } from './exchange.ts';
import {
  type CertificateVector,
  type EdgeDocument,
  type EdgeFile,
  type KeyAndCertificate,
  VECTORS_VERSION,
} from './schema.ts';

/** Dates of all certificates, so that vectors hold for many years. */
const FROM = new Date('2026-01-01T00:00:00Z');
const TO = new Date('2049-12-31T23:59:59Z');

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** Types of keys that sign answers. */
const SIGNING = {
  'origin-P-256': P256,
  'origin-P-384': { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  'origin-P-521': { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' },
  'origin-RSA-2048': {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  },
} as const;

interface Certified {
  readonly name: string;
  readonly issuer: KeyAndCertificate;
  readonly algorithm?: RsaHashedKeyGenParams | EcKeyGenParams;
  readonly extensions: readonly Extension[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** The authority that the authorityKeyIdentifier names, in place of the issuer. */
  readonly named?: KeyAndCertificate;
  /** In place of the issuer's own name. */
  readonly issuerName?: string;
}

const generate = async (algorithm: RsaHashedKeyGenParams | EcKeyGenParams): Promise<CryptoKeyPair> =>
  (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;

async function exported(keys: CryptoKeyPair): Promise<string> {
  const pkcs8 = (await crypto.subtle.exportKey('pkcs8', keys.privateKey)) as ArrayBuffer;
  return encodePem('PRIVATE KEY', new Uint8Array(pkcs8));
}

const pemOf = ({ rawData }: X509Certificate): string => encodePem('CERTIFICATE', new Uint8Array(rawData));

const CA = (pathLength?: number): Extension[] => [
  new BasicConstraintsExtension(true, pathLength, true),
  new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
];

const END_ENTITY = (usage: KeyUsageFlags, purpose: string = ExtendedKeyUsage.serverAuth): Extension[] => [
  new BasicConstraintsExtension(false, undefined, true),
  new KeyUsagesExtension(usage, true),
  new ExtendedKeyUsageExtension([purpose]),
];

async function makeRoot(name: string): Promise<KeyAndCertificate> {
  const keys = await generate(P256);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name,
    notBefore: FROM,
    notAfter: TO,
    signingAlgorithm: P256,
    keys,
    extensions: [...CA(), await SubjectKeyIdentifierExtension.create(keys.publicKey)],
  });
  return { key: await exported(keys), certificate: pemOf(certificate) };
}

async function certify({
  name,
  issuer,
  algorithm = P256,
  extensions,
  notBefore = FROM,
  notAfter = TO,
  named = issuer,
  issuerName,
}: Certified): Promise<KeyAndCertificate> {
  const keys = await generate(algorithm);
  const own = new X509Certificate(issuer.certificate);
  const [pkcs8 = new Uint8Array(0)] = parsePem('PRIVATE KEY', issuer.key);
  const certificate = await X509CertificateGenerator.create({
    subject: name,
    issuer: issuerName ?? own.subject,
    notBefore,
    notAfter,
    publicKey: keys.publicKey,
    signingKey: await crypto.subtle.importKey('pkcs8', pkcs8, P256, false, ['sign']),
    signingAlgorithm: P256,
    extensions: [
      ...extensions,
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(new X509Certificate(named.certificate)),
    ],
  });
  return { key: await exported(keys), certificate: pemOf(certificate) };
}

const { digitalSignature, keyAgreement } = KeyUsageFlags;

type Parties = Readonly<Record<string, KeyAndCertificate>>;

/** Makes all keys with their certificates. They are random: those that are there are kept. */
async function makeParties(kept: Parties): Promise<Parties> {
  const root = kept['root'] ?? (await makeRoot('CN=CALE root, O=example.com'));
  const authority =
    kept['authority'] ?? (await certify({ name: 'CN=CALE authority, O=example.com', issuer: root, extensions: CA(0) }));
  const other = kept['other-authority'] ?? (await makeRoot('CN=CALE authority, O=example.com'));
  const parties: Record<string, KeyAndCertificate> = { root, authority, 'other-authority': other };
  for (const [name, changes] of Object.entries(originsOf(other))) {
    const certified = {
      name: `CN=${name}, O=example.com`,
      issuer: authority,
      extensions: END_ENTITY(digitalSignature),
    };
    parties[name] = kept[name] ?? (await certify({ ...certified, ...changes }));
  }
  return parties;
}

/** Keys that are an origin's, or might pass for one, with what differs from a key that signs by P-256. */
const originsOf = (other: KeyAndCertificate): Readonly<Record<string, Partial<Certified>>> => ({
  ...Object.fromEntries(Object.entries(SIGNING).map(([name, algorithm]) => [name, { algorithm }])),
  'origin-encryption': { extensions: END_ENTITY(keyAgreement) },
  'of-other-authority': { issuer: other },
  'for-clients': { extensions: END_ENTITY(digitalSignature, ExtendedKeyUsage.clientAuth) },
  'two-usages': { extensions: END_ENTITY(digitalSignature | keyAgreement) },
  'two-purposes': {
    extensions: [
      ...END_ENTITY(digitalSignature).slice(0, 2),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
    ],
  },
  'a-ca': { extensions: [...CA(), new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth])] },
  'ca-that-signs': {
    extensions: [new BasicConstraintsExtension(true, undefined, true), ...END_ENTITY(digitalSignature).slice(1)],
  },
  'no-basic-constraints': { extensions: END_ENTITY(digitalSignature).slice(1) },
  'unknown-critical': {
    extensions: [...END_ENTITY(digitalSignature), new Extension('2.25.1', true, Uint8Array.of(0x05, 0x00).buffer)],
  },
  'key-identifier-of-another': { named: other },
  'issuer-of-another-name': { issuerName: 'CN=another, O=example.com' },
  ended: { notAfter: new Date('2026-01-02T00:00:00Z') },
  'not-begun': { notBefore: new Date('2049-12-31T00:00:00Z') },
});

/** Parties whose certificates do not pass as those of an origin that signs, and why. */
const REFUSED = {
  'origin-encryption': 'Its keyUsage is keyAgreement: it does not sign answers.',
  'of-other-authority': 'Another authority of the same name certified it: authorityKeyIdentifier and signature differ.',
  'for-clients': 'Its extKeyUsage is clientAuth: a certificate of a client.',
  'two-usages': 'Its keyUsage has digitalSignature and keyAgreement: it has to have one only.',
  'ca-that-signs': 'It is CA:TRUE, with the keyUsage of an origin.',
  'no-basic-constraints': 'It has no basicConstraints.',
  'two-purposes': 'Its extKeyUsage has serverAuth and clientAuth: it has to have one only.',
  'unknown-critical': 'It has a critical extension that is not known.',
  'key-identifier-of-another': 'Its authorityKeyIdentifier is that of another authority of the same name.',
  'issuer-of-another-name': 'Its issuer has another name than the authority that signed it.',
  'a-ca': 'It is the certificate of a CA.',
  ended: 'Its notAfter was on 2 January 2026.',
  'not-begun': 'Its notBefore is on 31 December 2049.',
  root: 'It is the root itself.',
} as const;

export async function makeEdge(kept: EdgeFile | undefined): Promise<EdgeFile> {
  const parties = await makeParties(kept?.parties ?? {});
  const certificateOf = (name: string): string => parties[name]?.certificate ?? '';
  const document: EdgeDocument = {
    organization: ORGANIZATION,
    endpoints: {
      registration: REGISTRATION_PATH,
      whoami: WHOAMI_PATH,
      credentials: CREDENTIALS_PATH,
      sealed: SEALED_PATH,
    },
    keyTypes: KEY_TYPE_NAMES,
    ciphers: CONTENT_ENCRYPTION_NAMES,
    identityMethods: ['basic'],
    credentialLifetimeDays: 397,
    authorityCertificates: [certificateOf('authority'), certificateOf('root')],
    originCertificates: Object.keys(SIGNING).map(certificateOf),
    originEncryptionCertificate: certificateOf('origin-encryption'),
  };
  const tests: CertificateVector[] = [
    ...Object.keys(SIGNING).map((id) => ({ id, use: 'signing' as const, certificate: certificateOf(id), valid: true })),
    { id: 'sealing', use: 'encryption', certificate: certificateOf('origin-encryption'), valid: true },
    ...Object.entries(REFUSED).map(([id, reason]) => ({
      id,
      use: 'signing' as const,
      certificate: certificateOf(id),
      valid: false,
      reason,
    })),
    {
      id: 'sealing-to-a-signing-key',
      use: 'encryption',
      certificate: certificateOf('origin-P-256'),
      valid: false,
      reason: 'Its keyUsage is digitalSignature: requests are not sealed to it.',
    },
    {
      id: 'signature-altered',
      use: 'signing',
      certificate: altered(certificateOf('origin-P-256')),
      valid: false,
      reason: 'The last bit of its signature was changed.',
    },
  ];
  return { version: VECTORS_VERSION, document, parties, tests };
}

const altered = (pem: string): string =>
  parsePem('CERTIFICATE', pem)
    .map((der) => encodePem('CERTIFICATE', flip(der, -1)))
    .join('');
