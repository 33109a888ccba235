/** Trust in an edge: the authorities that certificates are verified under, and the keys of origins that they certify. */

import { encodeBase64Url } from '../shared/encoding/base64.ts';
import { tryParse } from '../shared/encoding/error.ts';
import { parsePem } from '../shared/encoding/pem.ts';
import {
  type OriginKeyUse,
  type OriginPublicKey,
  verifyOriginCertificate,
} from '../shared/protocol/origin-certificate.ts';
import { parseTrustAnchor, parseTrustAnchors, type TrustAnchor } from '../shared/x509/trust-anchor.ts';
import { isSignedBy } from '../shared/x509/verify.ts';
import type { AccountInfo } from './account.ts';
import type { Authorities, Tools } from './authorities.ts';
import { CaleError } from './errors.ts';

const TOOLS: Tools = { CaleError, isSignedBy, parsePem, parseTrustAnchor };

/** Loads the module for authorities, which is rarely needed. */
export const loadAuthorities = async (subtle: SubtleCrypto): Promise<Authorities> =>
  new (await import('./authorities.ts')).Authorities(TOOLS, subtle);

/** The members of an account by which it trusts. */
export type Trusted = Pick<AccountInfo, 'authorities' | 'issuers'>;

/** The pinned authorities, and those that they certified. */
export const anchorsOf = ({ authorities, issuers = '' }: Trusted): readonly TrustAnchor[] =>
  parseTrustAnchors(`${authorities}\n${issuers}`);

/**
 * @param pem certificates of the origin.
 * @param keyid base64url of the SubjectKeyIdentifier that is wanted; undefined for the first one.
 * @returns the first key for this use that a trusted authority certified.
 */
export async function findOriginKey(
  pem: string,
  use: OriginKeyUse,
  keyid: string | undefined,
  trusted: Trusted,
  subtle: SubtleCrypto,
): Promise<OriginPublicKey | undefined> {
  const anchors = anchorsOf(trusted);
  for (const der of tryParse(() => parsePem('CERTIFICATE', pem)) ?? []) {
    const key = await verifyOriginCertificate(der, use, { anchors, now: Date.now(), subtle });
    if (key !== undefined && (keyid === undefined || encodeBase64Url(key.keyIdentifier) === keyid)) return key;
  }
  return undefined;
}
