/** Trust in an edge: the authorities that are pinned, and the keys of origins that they certify. */

import { encodeBase64Url } from '../shared/encoding/base64.ts';
import { hex } from '../shared/encoding/bytes.ts';
import { tryParse } from '../shared/encoding/error.ts';
import { encodePem, parsePem } from '../shared/encoding/pem.ts';
import {
  type OriginKeyUse,
  type OriginPublicKey,
  verifyOriginCertificate,
} from '../shared/protocol/origin-certificate.ts';
import { parseTrustAnchors } from '../shared/x509/trust-anchor.ts';
import { CaleError } from './errors.ts';

/**
 * @param published certificates in PEM of the authorities that the edge names.
 * @param expected the authority in PEM, or its SHA-256 fingerprint in hex; undefined to trust the published ones.
 * @returns the certificates in PEM to pin.
 * @throws {CaleError} `not-trusted` when the expected authority is not among the published ones.
 * @throws {TypeError} when `expected` is neither a certificate nor a fingerprint.
 */
export async function pinAuthorities(
  published: string,
  expected: string | undefined,
  subtle: SubtleCrypto,
): Promise<string> {
  if (expected === undefined) return published;
  const wanted = await fingerprintsOf(expected, subtle);
  for (const der of parsePem('CERTIFICATE', published)) {
    if (wanted.includes(await fingerprintOf(der, subtle))) return encodePem('CERTIFICATE', der);
  }
  throw new CaleError('not-trusted', { message: 'The edge has another authority than the expected one.' });
}

async function fingerprintsOf(expected: string, subtle: SubtleCrypto): Promise<string[]> {
  const digits = expected.replace(/[:\s]/g, '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(digits)) return [digits];
  const anchors = tryParse(() => parseTrustAnchors(expected));
  if (anchors === undefined) throw new TypeError('authority is neither a certificate in PEM nor a SHA-256 fingerprint');
  return Promise.all(anchors.map(({ certificate }) => fingerprintOf(certificate, subtle)));
}

const fingerprintOf = async (der: Uint8Array<ArrayBuffer>, subtle: SubtleCrypto): Promise<string> =>
  hex(new Uint8Array(await subtle.digest('SHA-256', der)));

/**
 * @param pem certificates of the origin.
 * @param keyid base64url of the SubjectKeyIdentifier that is wanted; undefined for the first one.
 * @param authorities in PEM, that are pinned.
 * @returns the first key for this use that a pinned authority certified.
 */
export async function findOriginKey(
  pem: string,
  use: OriginKeyUse,
  keyid: string | undefined,
  authorities: string,
  subtle: SubtleCrypto,
): Promise<OriginPublicKey | undefined> {
  const anchors = parseTrustAnchors(authorities);
  for (const der of tryParse(() => parsePem('CERTIFICATE', pem)) ?? []) {
    const key = await verifyOriginCertificate(der, use, { anchors, now: Date.now(), subtle });
    if (key !== undefined && (keyid === undefined || encodeBase64Url(key.keyIdentifier) === keyid)) return key;
  }
  return undefined;
}
