/** The document of an edge, `/.well-known/cale`. */

import { tryParse } from '../../shared/encoding/error.ts';
import { tryParseJsonObject } from '../../shared/encoding/json.ts';
import { WELL_KNOWN_PATH } from '../../shared/protocol/endpoints.ts';
import { parseTrustAnchors } from '../../shared/x509/trust-anchor.ts';
import type { OriginCertificates } from '../account.ts';
import { CaleError } from '../errors.ts';
import { networkError, type Platform, send } from './send.ts';

export interface EdgeDocument {
  /** Certificates in PEM, one behind the other. */
  readonly authorities: string;
  readonly origin: OriginCertificates;
  /** Life of a credential that is registered now, in days; 0 where it does not end. */
  readonly credentialLifetimeDays: number;
}

/** @throws {CaleError} `not-sealed` when it is no such document; `network`, `refused`. */
export async function fetchDocument(platform: Pick<Platform, 'fetch' | 'clock'>, edge: string): Promise<EdgeDocument> {
  const response = await send(platform, new Request(edge + WELL_KNOWN_PATH));
  const text = await response.text().catch((cause: unknown) => {
    throw networkError(edge, cause);
  });
  const document = tryParseJsonObject(text) ?? {};
  const { authorityCertificates, originCertificates, originEncryptionCertificate, credentialLifetimeDays } = document;
  const authorities = joinPem(authorityCertificates);
  if (tryParse(() => parseTrustAnchors(authorities)) === undefined) {
    throw new CaleError('not-sealed', { message: `What answers at ${edge} is no edge: it names no authority.` });
  }
  const origin = { signing: joinPem(originCertificates), encryption: joinPem([originEncryptionCertificate]) };
  return { authorities, origin, credentialLifetimeDays: Number(credentialLifetimeDays) || 0 };
}

const DAY_MS = 86_400_000;

/**
 * @param registeredAt milliseconds since 1970.
 * @returns the member `endsAt` of an account; none where its credential does not end.
 */
export const endOf = ({ credentialLifetimeDays: days }: EdgeDocument, registeredAt: number): { endsAt?: number } =>
  days > 0 ? { endsAt: registeredAt + days * DAY_MS } : {};

const joinPem = (list: unknown): string =>
  Array.isArray(list) ? list.filter((each) => typeof each === 'string').join('') : '';
