/** Secrets for local runs: an authority, users, an administrator's token. Made here, never committed. */

import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { encodePem } from '../shared/encoding/pem.ts';
import { hashPassword } from './hash-password.ts';
import type { WORKERS } from './workers.ts';

/** Secrets by Worker and by name. */
export type Secrets = Record<(typeof WORKERS)[number]['name'], Record<string, string>>;

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
};

const TEN_YEARS_MS = 10 * 365 * 24 * 60 * 60 * 1000;

/** @returns a new authority: its private key and its self-signed certificate, both in PEM. */
export async function createAuthority(
  commonName: string,
  keyType: AuthorityKeyType = 'P-256',
): Promise<{ key: string; certificate: string }> {
  const algorithm = KEY_ALGORITHMS[keyType];
  const keys = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
  const now = Date.now();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${commonName}, O=example.com`,
    notBefore: new Date(now),
    notAfter: new Date(now + TEN_YEARS_MS),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const pkcs8 = (await crypto.subtle.exportKey('pkcs8', keys.privateKey)) as ArrayBuffer;
  return { key: encodePem('PRIVATE KEY', new Uint8Array(pkcs8)), certificate: certificate.toString('pem') };
}

/** @returns secrets that fit each other: alice:wonderland (read, write), bob:builder (read), the token `admin`. */
export async function createDevelopmentSecrets(keyType: AuthorityKeyType = 'P-256'): Promise<Secrets> {
  const { key, certificate } = await createAuthority('CALE development authority', keyType);
  const decoySecret = randomBytes(32).toString('base64');
  // A cheap hash: these passwords are no secret, and each costs a registration of every test.
  const users = {
    alice: { password: hashPassword('wonderland', 1), scopes: ['read', 'write'] },
    bob: { password: hashPassword('builder', 1), scopes: ['read'] },
  };
  return {
    edge: { BASIC_USERS: JSON.stringify(users), DECOY_SECRET: decoySecret, ADMIN_TOKEN: 'admin' },
    authority: { AUTHORITY_KEY: key, AUTHORITY_CERTIFICATES: certificate, DECOY_SECRET: decoySecret },
    origin: { AUTHORITY_CERTIFICATES: certificate },
    resource: { AUTHORITY_CERTIFICATES: certificate },
  };
}
