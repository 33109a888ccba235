/** Verifying a certificate without calling anybody: issuer, signature and validity (draft 4.2, RFC 5280 6.1.3). */

import { equal } from '../encoding/bytes.ts';
import { parseSequence } from '../encoding/der/reader.ts';
import { tryParse } from '../encoding/error.ts';
import { failure, type Result, success } from '../result.ts';
import { type Certificate, type IssuedFields, parseCertificate } from './certificate.ts';
import { AUTHORITY_KEY_IDENTIFIER, type Extensions } from './extensions.ts';
import type { TrustAnchor } from './trust-anchor.ts';

/** The rule that a certificate breaks; for operators. */
export type CertificateFault =
  | 'malformed'
  | 'issuer-unknown'
  | 'authority-expired'
  | 'signature-bad'
  | 'not-yet-valid'
  | 'expired';

/** Allowed lag of the verifier's clock behind the authority's. */
const CLOCK_SKEW_MS = 2000;

export interface VerifyOptions {
  /** Authorities that are trusted; more than one while keys are rotated. */
  readonly anchors: readonly TrustAnchor[];
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly subtle?: SubtleCrypto;
}

/** @param der of what should be one certificate, whoever it is for. */
export async function verifyCertificate(
  der: Uint8Array<ArrayBuffer>,
  options: VerifyOptions,
): Promise<Result<Certificate, CertificateFault>> {
  const certificate = tryParse(() => parseCertificate(der));
  if (certificate === undefined) return failure('malformed');
  const identifier = tryParse(() => parseAuthorityKeyIdentifier(certificate.extensions));
  const fault = (await faultOfIssuer(certificate, identifier, options)) ?? faultOfValidity(certificate, options.now);
  return fault === undefined ? success(certificate) : failure(fault);
}

/** @returns the fault of issuer and signature; undefined when there is none. */
export async function faultOfIssuer(
  issued: IssuedFields,
  authorityKeyIdentifier: Uint8Array | undefined,
  { anchors, now, subtle = crypto.subtle }: VerifyOptions,
): Promise<CertificateFault | undefined> {
  const anchor = anchors.find(
    ({ name, keyIdentifier }) =>
      equal(name, issued.issuer) && authorityKeyIdentifier && equal(keyIdentifier, authorityKeyIdentifier),
  );
  if (anchor === undefined || !equal(anchor.scheme.algorithmIdentifier, issued.signatureAlgorithm)) {
    return 'issuer-unknown';
  }
  if (now < anchor.notBefore || now > anchor.notAfter) return 'authority-expired';
  return (await isSignedBy(issued, anchor, subtle)) ? undefined : 'signature-bad';
}

/** @returns the fault of the dates; undefined when the certificate is valid at `now`. */
export function faultOfValidity({ notBefore, notAfter }: IssuedFields, now: number): CertificateFault | undefined {
  if (now < notBefore - CLOCK_SKEW_MS) return 'not-yet-valid';
  return now > notAfter ? 'expired' : undefined;
}

/**
 * @returns the keyIdentifier of the authorityKeyIdentifier; undefined when there is none.
 * @throws {DerError} when it is malformed.
 */
export function parseAuthorityKeyIdentifier(extensions: Extensions): Uint8Array | undefined {
  const extension = extensions.get(AUTHORITY_KEY_IDENTIFIER);
  return extension && parseSequence(extension.value).implicit(0);
}

/** Keys are imported once for each trust anchor that an isolate knows. */
const verificationKeys = new WeakMap<TrustAnchor, CryptoKey>();

/** True when the authority signed the certificate; nothing else of it is looked at. */
export async function isSignedBy(
  issued: IssuedFields,
  anchor: TrustAnchor,
  subtle: SubtleCrypto = crypto.subtle,
): Promise<boolean> {
  const { algorithm, keyAlgorithm, fromDer } = anchor.scheme;
  const signature = tryParse(() => fromDer(issued.signature));
  if (signature === undefined) return false;
  const key =
    verificationKeys.get(anchor) ??
    (await subtle.importKey('spki', anchor.publicKey.spki, keyAlgorithm, false, ['verify']));
  verificationKeys.set(anchor, key);
  return subtle.verify(algorithm, key, signature, issued.tbs);
}
