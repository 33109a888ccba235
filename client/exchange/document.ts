/** The document of an edge, `/.well-known/cale`. */

import { tryParse } from '../../shared/encoding/error.ts';
import { WELL_KNOWN_PATH } from '../../shared/protocol/endpoints.ts';
import { parseTrustAnchors } from '../../shared/x509/trust-anchor.ts';
import type { OriginCertificates } from '../account.ts';
import { CaleError } from '../errors.ts';
import { type Platform, send } from './send.ts';

export interface EdgeDocument {
  /** Certificates in PEM, one behind the other. */
  readonly authorities: string;
  readonly origin: OriginCertificates;
}

/** @throws {CaleError} `not-sealed` when it is no such document; `network`, `refused`. */
export async function fetchDocument(platform: Pick<Platform, 'fetch' | 'clock'>, edge: string): Promise<EdgeDocument> {
  const response = await send(platform, new Request(edge + WELL_KNOWN_PATH));
  const document: unknown = await response.json().catch(() => undefined);
  const { authorityCertificates, originCertificates, originEncryptionCertificate } = (document ?? {}) as Record<
    string,
    unknown
  >;
  const authorities = joinPem(authorityCertificates);
  if (tryParse(() => parseTrustAnchors(authorities)) === undefined) throw new CaleError('not-sealed');
  const origin = { signing: joinPem(originCertificates), encryption: joinPem([originEncryptionCertificate]) };
  return { authorities, origin };
}

const joinPem = (list: unknown): string =>
  Array.isArray(list) ? list.filter((each) => typeof each === 'string').join('') : '';
