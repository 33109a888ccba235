/** An authority as its own certificate shows it: what issuing names and what checking trusts. */

import { BASIC_CONSTRAINTS, SUBJECT_KEY_IDENTIFIER } from '../der/oids.ts';
import { DerReader, readWhole } from '../der/read.ts';
import { type SignatureScheme, signatureSchemeOf } from '../keys/signature-scheme.ts';
import { decodePemBlocks } from '../wire/pem.ts';
import { parseCertificate } from './parse.ts';

export interface Authority {
  /** DER of the certificate. */
  readonly certificate: Uint8Array<ArrayBuffer>;
  /** DER of its subject: the issuer of what it issues. */
  readonly name: Uint8Array<ArrayBuffer>;
  readonly keyIdentifier: Uint8Array<ArrayBuffer>;
  readonly subjectPublicKeyInfo: Uint8Array<ArrayBuffer>;
  readonly scheme: SignatureScheme;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
}

/**
 * @param der DER of an authority's certificate.
 * @throws {TypeError} with a sentence when it is not the certificate of a CA with a subjectKeyIdentifier and a key of
 *   an accepted type.
 */
export function readAuthority(der: Uint8Array<ArrayBuffer>): Authority {
  const certificate = attempt(() => parseCertificate(der), 'it is not a v3 certificate');
  const basicConstraints = certificate.extensions.get(BASIC_CONSTRAINTS);
  const isCa = attempt(() => {
    return basicConstraints && readWhole(basicConstraints.value, 0x30).optional(0x01)?.content[0] === 0xff;
  }, 'its basicConstraints are malformed');
  if (!isCa) throw new TypeError('it is not the certificate of a CA');
  const keyIdentifier = certificate.extensions.get(SUBJECT_KEY_IDENTIFIER)?.value;
  if (keyIdentifier === undefined) throw new TypeError('it has no subjectKeyIdentifier');
  const signing = attempt(() => signatureSchemeOf(certificate.subjectPublicKeyInfo), 'its key is malformed');
  if (signing === undefined) throw new TypeError('its key is none of RSA, P-256, P-384, P-521');
  return {
    certificate: der,
    name: certificate.subject,
    keyIdentifier: attempt(() => readOctets(keyIdentifier), 'its subjectKeyIdentifier is malformed'),
    subjectPublicKeyInfo: certificate.subjectPublicKeyInfo,
    scheme: signing.scheme,
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
  };
}

/**
 * @param pem one or more certificates of authorities in PEM.
 * @throws {TypeError} with a sentence when there is none, or one is not an authority's.
 */
export function readAuthorities(pem: string): [Authority, ...Authority[]] {
  const [first, ...others] = decodePemBlocks('CERTIFICATE', pem).map(readAuthority);
  if (first === undefined) throw new TypeError('there is no certificate in PEM in it');
  return [first, ...others];
}

function readOctets(octetString: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const { content } = new DerReader(octetString).expect(0x04);
  return content;
}

function attempt<T>(read: () => T, otherwise: string): T {
  try {
    return read();
  } catch {
    throw new TypeError(otherwise);
  }
}
