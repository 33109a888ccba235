/** Checking a client certificate without calling anybody (draft 4.2: issuer, subject, expiration). */

import { equal } from '../bytes.ts';
import {
  AUTHORITY_KEY_IDENTIFIER,
  BASIC_CONSTRAINTS,
  EXT_KEY_USAGE,
  KEY_USAGE,
  NO_REV_AVAIL,
  SUBJECT_ALT_NAME,
  SUBJECT_KEY_IDENTIFIER,
} from '../der/oids.ts';
import { DerError, readWhole } from '../der/read.ts';
import type { Identity } from '../identity.ts';
import { readPublicKey } from '../keys/public-key.ts';
import { Lately } from '../lately.ts';
import { type Name, readName } from '../name/name.ts';
import { encodeBase64 } from '../wire/base64.ts';
import type { Authority } from './authority.ts';
import { type Holder, type Issuance, parseHolder, parseIssuance } from './parse.ts';
import { KEY_USAGES } from './profile.ts';
import { readIdentity } from './subject-alt-name.ts';

/** A client certificate that was found good. */
export interface ClientCertificate extends Identity {
  /** The CSR's subject: properties of the client's device. */
  readonly device: Name;
  readonly subjectPublicKeyInfo: Uint8Array<ArrayBuffer>;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
  /** DER of the certificate. */
  readonly der: Uint8Array<ArrayBuffer>;
}

/** Why a certificate was not accepted; for operators. */
export type CertificateFault =
  | 'malformed'
  | 'issuer-unknown'
  | 'authority-expired'
  | 'signature-bad'
  | 'not-yet-valid'
  | 'expired'
  | 'not-a-client-certificate'
  | 'identity-malformed';

/** How far the checker's clock may lag behind the authority's. */
const CLOCK_SKEW_MS = 2000;

const CLIENT_EXTENSIONS = new Set([
  AUTHORITY_KEY_IDENTIFIER,
  BASIC_CONSTRAINTS,
  EXT_KEY_USAGE,
  KEY_USAGE,
  NO_REV_AVAIL,
  SUBJECT_ALT_NAME,
  SUBJECT_KEY_IDENTIFIER,
]);

/**
 * @param der what should be the DER of a certificate.
 * @param authorities that are trusted; more than one while keys are rotated.
 * @param now milliseconds since 1970.
 * @param subtle the WebCrypto to verify with.
 */
export async function checkCertificate(
  der: Uint8Array<ArrayBuffer>,
  authorities: readonly Authority[],
  now: number,
  subtle: SubtleCrypto = crypto.subtle,
): Promise<ClientCertificate | { readonly fault: CertificateFault }> {
  const issuance = orUndefined(() => parseIssuance(der));
  if (issuance === undefined) return { fault: 'malformed' };
  const name = encodeBase64(issuance.holder);
  const known = holders.get(name);
  const holder = known ?? orUndefined(() => readHolder(issuance.holder));
  if (holder === undefined) return { fault: 'malformed' };
  const fault = (await faultOfIssuer(issuance, holder, authorities, now, subtle)) ?? faultOfValidity(issuance, now);
  if (fault !== undefined) return { fault };
  // Not before an authority has signed it: what strangers send must not drive out what clients do.
  if (known === undefined) holders.set(name, holder);
  if ('fault' in holder.client) return holder.client;
  const { notBefore, notAfter } = issuance;
  return { ...holder.client, notBefore, notAfter, der };
}

/** What a certificate says of its holder, read and judged. */
interface ReadHolder {
  readonly authorityKeyIdentifier: Uint8Array | undefined;
  readonly client: Client | { readonly fault: CertificateFault };
}

type Client = Pick<ClientCertificate, keyof Identity | 'device' | 'subjectPublicKeyInfo'>;

/** The holders of certificates that were lately found signed: all certificates of a credential have the same. */
const holders = new Lately<ReadHolder>(1000);

/** @throws {DerError} when it is not that of a certificate. */
function readHolder(octets: Uint8Array<ArrayBuffer>): ReadHolder {
  // A copy: it is kept for longer than the certificate that it came in.
  const holder = parseHolder(octets.slice());
  return { authorityKeyIdentifier: orUndefined(() => authorityKeyIdentifier(holder)), client: readClient(holder) };
}

function readClient(holder: Holder): ReadHolder['client'] {
  if (!orUndefined(() => hasClientProfile(holder))) return { fault: 'not-a-client-certificate' };
  const identity = orUndefined(() => readIdentity(holder.extensions.get(SUBJECT_ALT_NAME)?.value ?? NOTHING));
  const device = orUndefined(() => readName(holder.subject));
  if (identity === undefined || device === undefined) return { fault: 'identity-malformed' };
  // Shared by all requests of the client.
  for (const shared of [identity.scopes, device, ...device]) Object.freeze(shared);
  return { ...identity, device, subjectPublicKeyInfo: holder.subjectPublicKeyInfo };
}

const NOTHING = new Uint8Array(0);

async function faultOfIssuer(
  issuance: Issuance,
  { authorityKeyIdentifier }: ReadHolder,
  authorities: readonly Authority[],
  now: number,
  subtle: SubtleCrypto,
): Promise<CertificateFault | undefined> {
  const authority = authorities.find(
    ({ name, keyIdentifier }) =>
      equal(name, issuance.issuer) && authorityKeyIdentifier && equal(keyIdentifier, authorityKeyIdentifier),
  );
  if (authority === undefined || authority.scheme.oid !== issuance.signatureAlgorithm) return 'issuer-unknown';
  if (now < authority.notBefore || now > authority.notAfter) return 'authority-expired';
  return (await isSignedBy(issuance, authority, subtle)) ? undefined : 'signature-bad';
}

function authorityKeyIdentifier({ extensions }: Holder): Uint8Array | undefined {
  const extension = extensions.get(AUTHORITY_KEY_IDENTIFIER);
  return extension && readWhole(extension.value, 0x30).expect(0x80).content;
}

/** Keys are imported once for each authority that an isolate knows. */
const verificationKeys = new WeakMap<Authority, CryptoKey>();

/** Whether the authority signed the certificate, whatever else may be wrong with it. */
export async function isSignedBy(
  certificate: Issuance,
  authority: Authority,
  subtle: SubtleCrypto = crypto.subtle,
): Promise<boolean> {
  const { keyAlgorithm, fromDer } = authority.scheme;
  const signature = orUndefined(() => fromDer(certificate.signature));
  if (signature === undefined) return false;
  const key =
    verificationKeys.get(authority) ??
    (await subtle.importKey('spki', authority.subjectPublicKeyInfo, keyAlgorithm, false, ['verify']));
  verificationKeys.set(authority, key);
  return subtle.verify(keyAlgorithm, key, signature, certificate.tbs);
}

function faultOfValidity({ notBefore, notAfter }: Issuance, now: number): CertificateFault | undefined {
  if (now < notBefore - CLOCK_SKEW_MS) return 'not-yet-valid';
  if (now > notAfter) return 'expired';
  return undefined;
}

/** CA:FALSE, keyUsage as the key's algorithm wants it, and no critical extension beyond those of the profile. */
function hasClientProfile({ extensions, subjectPublicKeyInfo }: Holder): boolean {
  for (const [oid, { critical }] of extensions) if (critical && !CLIENT_EXTENSIONS.has(oid)) return false;
  const basicConstraints = extensions.get(BASIC_CONSTRAINTS);
  const keyUsage = extensions.get(KEY_USAGE);
  const publicKey = readPublicKey(subjectPublicKeyInfo);
  if (basicConstraints === undefined || keyUsage === undefined || publicKey === undefined) return false;
  if (!readWhole(basicConstraints.value, 0x30).done) return false;
  return equal(keyUsage.value, KEY_USAGES[publicKey.algorithm]);
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof DerError || error instanceof TypeError) return undefined;
    throw error;
  }
}
