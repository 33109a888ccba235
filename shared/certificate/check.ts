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
import { type Name, readName } from '../name/name.ts';
import type { Authority } from './authority.ts';
import { type Certificate, parseCertificate } from './parse.ts';
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
  const certificate = orUndefined(() => parseCertificate(der));
  if (certificate === undefined) return { fault: 'malformed' };
  const fault = (await faultOfIssuer(certificate, authorities, now, subtle)) ?? faultOfValidity(certificate, now);
  if (fault !== undefined) return { fault };
  if (!orUndefined(() => hasClientProfile(certificate))) return { fault: 'not-a-client-certificate' };
  const identity = orUndefined(() => readIdentity(certificate.extensions.get(SUBJECT_ALT_NAME)?.value ?? NOTHING));
  const device = orUndefined(() => readName(certificate.subject));
  if (identity === undefined || device === undefined) return { fault: 'identity-malformed' };
  const { subjectPublicKeyInfo, notBefore, notAfter } = certificate;
  return { ...identity, device, subjectPublicKeyInfo, notBefore, notAfter, der };
}

const NOTHING = new Uint8Array(0);

async function faultOfIssuer(
  certificate: Certificate,
  authorities: readonly Authority[],
  now: number,
  subtle: SubtleCrypto,
): Promise<CertificateFault | undefined> {
  const named = orUndefined(() => authorityKeyIdentifier(certificate));
  const authority = authorities.find(
    ({ name, keyIdentifier }) => equal(name, certificate.issuer) && named !== undefined && equal(keyIdentifier, named),
  );
  if (authority === undefined || authority.scheme.oid !== certificate.signatureAlgorithm) return 'issuer-unknown';
  if (now < authority.notBefore || now > authority.notAfter) return 'authority-expired';
  return (await isSignedBy(certificate, authority, subtle)) ? undefined : 'signature-bad';
}

function authorityKeyIdentifier(certificate: Certificate): Uint8Array | undefined {
  const extension = certificate.extensions.get(AUTHORITY_KEY_IDENTIFIER);
  return extension && readWhole(extension.value, 0x30).expect(0x80).content;
}

/** Keys are imported once for each authority that an isolate knows. */
const verificationKeys = new WeakMap<Authority, CryptoKey>();

/** Whether the authority signed the certificate, whatever else may be wrong with it. */
export async function isSignedBy(
  certificate: Certificate,
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

function faultOfValidity({ notBefore, notAfter }: Certificate, now: number): CertificateFault | undefined {
  if (now < notBefore - CLOCK_SKEW_MS) return 'not-yet-valid';
  if (now > notAfter) return 'expired';
  return undefined;
}

/** CA:FALSE, keyUsage as the key's algorithm wants it, and no critical extension beyond those of the profile. */
function hasClientProfile({ extensions, subjectPublicKeyInfo }: Certificate): boolean {
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
