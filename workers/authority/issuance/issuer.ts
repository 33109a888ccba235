/** The authority as it signs: its certificate and its private key. */

import { utf8 } from '../../../shared/encoding/bytes.ts';
import { encodeAuthorityKeyIdentifier } from '../../../shared/x509/extensions.ts';
import type { TrustAnchor } from '../../../shared/x509/trust-anchor.ts';

export interface Issuer {
  readonly anchor: TrustAnchor;
  /** Private key for `sign`, of the anchor's scheme. */
  readonly key: CryptoKey;
  /** DER of the authorityKeyIdentifier extension. */
  readonly authorityKeyIdentifier: Uint8Array;
}

/**
 * @param pkcs8 DER of the PrivateKeyInfo that belongs to the authority's certificate.
 * @throws {TypeError} when it is not that key.
 */
export async function importIssuer(anchor: TrustAnchor, pkcs8: Uint8Array<ArrayBuffer>): Promise<Issuer> {
  const key = await importMatchingKey(anchor, pkcs8).catch(() => undefined);
  if (key === undefined) throw new TypeError('AUTHORITY_KEY is not the key of the first certificate');
  return { anchor, key, authorityKeyIdentifier: encodeAuthorityKeyIdentifier(anchor.keyIdentifier) };
}

async function importMatchingKey(
  { scheme, publicKey }: TrustAnchor,
  pkcs8: Uint8Array<ArrayBuffer>,
): Promise<CryptoKey | undefined> {
  const { algorithm, keyAlgorithm } = scheme;
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, keyAlgorithm, false, ['sign']);
  const verifier = await crypto.subtle.importKey('spki', publicKey.spki, keyAlgorithm, false, ['verify']);
  const probe = utf8('does the key belong to the certificate?');
  const signature = await crypto.subtle.sign(algorithm, key, probe);
  return (await crypto.subtle.verify(algorithm, verifier, signature, probe)) ? key : undefined;
}
