/** Letting a request in (draft 4.2): by the certificate in `CALE-PEM`, and for an answer as its `Cipher` says. */

import type { ContentEncryptionName } from '../shared/cms/content-encryption.ts';
import { LruCache } from '../shared/crypto/lru-cache.ts';
import { tryParse } from '../shared/encoding/error.ts';
import { parseCalePem } from '../shared/protocol/cale-pem.ts';
import {
  type ClientCertificate,
  type ClientCertificateFault,
  type Subject,
  verifyClientCertificate,
} from '../shared/protocol/client-certificate.ts';
import { CALE_PEM, CIPHER } from '../shared/protocol/headers.ts';
import { contentEncryptionFor } from '../shared/protocol/tls-ciphers.ts';
import { failure, type Result, success } from '../shared/result.ts';
import { parseTrustAnchors, type TrustAnchor } from '../shared/x509/trust-anchor.ts';

/** The authorities that a party trusts, and the clients of theirs that it met. */
export interface Trust {
  readonly anchors: readonly TrustAnchor[];
  readonly subjects: LruCache<Subject>;
}

/** Number of clients that are remembered, so that only the new fields of their certificates are read. */
const REMEMBERED_CLIENTS = 1000;

/**
 * @param authorities certificates in PEM of the authorities that are trusted; more than one while keys are rotated.
 * @throws {EncodingError} when it is not a list of certificates of authorities.
 */
export const createTrust = (authorities: string): Trust => ({
  anchors: parseTrustAnchors(authorities),
  subjects: new LruCache<Subject>(REMEMBERED_CLIENTS),
});

/** A request that was let in. */
export interface Admission {
  readonly client: ClientCertificate;
  /** The encryption of the answer; undefined for one in the clear, because the request names no cipher (B.2.5). */
  readonly encryption: ContentEncryptionName | undefined;
}

/** The reason for which a request is not let in; for operators. */
export type Refusal = ClientCertificateFault | 'certificate-missing' | 'cipher-not-accepted';

/** Verifies the certificate of a request. No other party is called. */
export async function admit(request: Request, { anchors, subjects }: Trust): Promise<Result<Admission, Refusal>> {
  const field = request.headers.get(CALE_PEM);
  const der = field === null ? undefined : tryParse(() => parseCalePem(field));
  if (der === undefined) return failure('certificate-missing');
  const verified = await verifyClientCertificate(der, { anchors, now: Date.now(), subjects });
  if (!verified.ok) return verified;
  const cipher = request.headers.get(CIPHER);
  const encryption = cipher === null ? undefined : contentEncryptionFor(cipher);
  if (cipher !== null && encryption === undefined) return failure('cipher-not-accepted');
  return success({ client: verified.value, encryption });
}
