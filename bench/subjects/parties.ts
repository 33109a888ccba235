/** An authority and a recipient, made once in the Worker. */

import { createAuthority } from '../../scripts/development-secrets.ts';
import { readAuthorities } from '../../shared/certificate/authority.ts';
import { type Issuer, importIssuer, issueCertificate } from '../../shared/certificate/issue.ts';
import { encodeProfile, type Profile } from '../../shared/certificate/profile.ts';
import { createCsr } from '../../shared/csr/create.ts';
import { readWhole } from '../../shared/der/read.ts';
import { keyIdentifier, readPublicKey } from '../../shared/keys/public-key.ts';
import { importRecipient, type Recipient } from '../../shared/keys/recipient.ts';
import { decodePemBlocks } from '../../shared/wire/pem.ts';

export type KeyType = 'RSA-2048' | 'P-256';

export const IDENTITY = { owner: 'alice', organization: 'example.com', scopes: ['read', 'write'] };

export async function createIssuer(): Promise<Issuer & { readonly pkcs8: Uint8Array<ArrayBuffer> }> {
  const { key, certificate } = await createAuthority('bench authority');
  const [pkcs8] = decodePemBlocks('PRIVATE KEY', key);
  if (pkcs8 === undefined) throw new Error('no key');
  return { ...(await importIssuer(readAuthorities(certificate)[0], pkcs8)), pkcs8 };
}

export interface Client {
  readonly keyType: KeyType;
  readonly csr: Uint8Array<ArrayBuffer>;
  readonly spki: Uint8Array<ArrayBuffer>;
  readonly pkcs8: Uint8Array<ArrayBuffer>;
  readonly recipient: Recipient;
  readonly profile: Profile;
}

const SIGNING = {
  'RSA-2048': {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  },
  'P-256': { name: 'ECDSA', namedCurve: 'P-256' },
};

export async function createClient(keyType: KeyType): Promise<Client> {
  const pair = (await crypto.subtle.generateKey(SIGNING[keyType], true, ['sign', 'verify'])) as CryptoKeyPair;
  const csr = await createCsr(pair, 'phone');
  const spki = new Uint8Array((await crypto.subtle.exportKey('spki', pair.publicKey)) as ArrayBuffer);
  const pkcs8 = new Uint8Array((await crypto.subtle.exportKey('pkcs8', pair.privateKey)) as ArrayBuffer);
  const publicKey = readPublicKey(spki);
  if (publicKey === undefined) throw new Error('no key');
  const info = readWhole(csr, 0x30).enter(0x30);
  info.next();
  const subject = info.next().encoding;
  const identifier = await keyIdentifier(publicKey.bits);
  const profile = encodeProfile(subject, spki, publicKey.algorithm, identifier, IDENTITY);
  return { keyType, csr, spki, pkcs8, recipient: await importRecipient(spki), profile };
}

/** The algorithm by which the client's key opens. */
export const openingAlgorithm = (keyType: KeyType) =>
  keyType === 'RSA-2048' ? { name: 'RSA-OAEP', hash: 'SHA-256' } : { name: 'ECDH', namedCurve: 'P-256' };

export async function openingKey({ keyType, pkcs8 }: Client): Promise<CryptoKey> {
  const usage = keyType === 'RSA-2048' ? 'decrypt' : 'deriveBits';
  return crypto.subtle.importKey('pkcs8', pkcs8, openingAlgorithm(keyType), false, [usage]);
}

export const certificateFor = (issuer: Issuer, { profile }: Client) =>
  issueCertificate(issuer, profile, Date.now(), 3600);

export const contentOf = (bytes: number): Uint8Array<ArrayBuffer> => new Uint8Array(bytes).map((_, at) => at * 31);
