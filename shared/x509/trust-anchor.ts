/** A trust anchor: an authority as its own certificate shows it. Issuing names it, and verifying trusts it. */

import { KeyError } from '../crypto/keys/parser.ts';
import { type PublicKey, parsePublicKey } from '../crypto/keys/public-key.ts';
import { MIN_MODULUS_BITS } from '../crypto/keys/rsa.ts';
import type { SignatureScheme } from '../crypto/signatures/scheme.ts';
import { preferredScheme } from '../crypto/signatures/schemes.ts';
import { parseSequence } from '../encoding/der/reader.ts';
import { EncodingError } from '../encoding/error.ts';
import { parsePem } from '../encoding/pem.ts';
import { type Certificate, parseCertificate } from './certificate.ts';
import { BASIC_CONSTRAINTS, parseSubjectKeyIdentifier } from './extensions.ts';

/** The certificate is not that of an authority. The message is a sentence for operators. */
export class TrustAnchorError extends EncodingError {
  override name = 'TrustAnchorError';
}

export interface TrustAnchor {
  /** DER of the certificate. */
  readonly certificate: Uint8Array<ArrayBuffer>;
  /** Its fields. */
  readonly issued: Certificate;
  /** DER of its subject: the issuer of its certificates. */
  readonly name: Uint8Array<ArrayBuffer>;
  readonly keyIdentifier: Uint8Array<ArrayBuffer>;
  readonly publicKey: PublicKey;
  /** The scheme of all its signatures. */
  readonly scheme: SignatureScheme;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
}

/**
 * @param der DER of an authority's certificate.
 * @throws {TrustAnchorError} when it is not the certificate of a CA with a subjectKeyIdentifier and a key of an accepted
 *   type and size.
 */
export function parseTrustAnchor(der: Uint8Array<ArrayBuffer>): TrustAnchor {
  const certificate = parse(() => parseCertificate(der), 'it is not a v3 certificate');
  const basicConstraints = certificate.extensions.get(BASIC_CONSTRAINTS)?.value;
  const isCa = parse(
    () => basicConstraints !== undefined && parseSequence(basicConstraints).booleanDefaultFalse(),
    'its basicConstraints are malformed',
  );
  if (!isCa) throw new TrustAnchorError('it is not the certificate of a CA');
  const publicKey = parse(() => parsePublicKey(certificate.spki), 'its key is malformed');
  if (publicKey.algorithm === 'RSA' && publicKey.modulusBits < MIN_MODULUS_BITS) {
    throw new TrustAnchorError(`its RSA key has ${publicKey.modulusBits} bits, below ${MIN_MODULUS_BITS}`);
  }
  return {
    certificate: der,
    issued: certificate,
    name: certificate.subject,
    keyIdentifier: parse(
      () => parseSubjectKeyIdentifier(certificate.extensions),
      'its subjectKeyIdentifier is malformed',
    ),
    publicKey,
    scheme: preferredScheme(publicKey),
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
  };
}

/**
 * @param pem one or more certificates of authorities in PEM.
 * @throws {TrustAnchorError} when there is none, or one is not an authority's.
 * @throws {PemError} when it is not PEM, or has other blocks.
 */
export function parseTrustAnchors(pem: string): [TrustAnchor, ...TrustAnchor[]] {
  const [first, ...others] = parsePem('CERTIFICATE', pem).map(parseTrustAnchor);
  if (first === undefined) throw new TrustAnchorError('there is no certificate in PEM in it');
  return [first, ...others];
}

function parse<T>(read: () => T, otherwise: string): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof KeyError) throw new TrustAnchorError('its key is of no accepted type');
    if (error instanceof EncodingError) throw new TrustAnchorError(otherwise);
    throw error;
  }
}
