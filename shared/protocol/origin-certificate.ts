/** Certificates of an origin, by which clients believe its keys: one to sign answers, one to seal requests to. */

import { type PublicKey, parsePublicKey } from '../crypto/keys/public-key.ts';
import { DerReader } from '../encoding/der/reader.ts';
import { tryParse } from '../encoding/error.ts';
import {
  AUTHORITY_KEY_IDENTIFIER,
  BASIC_CONSTRAINTS,
  EXT_KEY_USAGE,
  hasOnlyKnownCritical,
  ID_KP_SERVER_AUTH,
  isEndEntity,
  isOnlyFor,
  KEY_USAGE,
  SUBJECT_KEY_IDENTIFIER,
} from '../x509/extensions.ts';
import { hasKeyUsage } from '../x509/key-usage.ts';
import { type VerifyOptions, verifyCertificate } from '../x509/verify.ts';

/** The uses of an origin's keys, by the keyUsage of their certificates. */
const USES = { signing: 'digitalSignature', encryption: 'keyAgreement' } as const;
export type OriginKeyUse = keyof typeof USES;

const ORIGIN_EXTENSIONS = new Set([
  AUTHORITY_KEY_IDENTIFIER,
  BASIC_CONSTRAINTS,
  EXT_KEY_USAGE,
  KEY_USAGE,
  SUBJECT_KEY_IDENTIFIER,
]);

/** The key of an origin's certificate. */
export interface OriginPublicKey {
  readonly publicKey: PublicKey;
  /** SubjectKeyIdentifier. */
  readonly keyIdentifier: Uint8Array<ArrayBuffer>;
}

/**
 * @param der of what should be one certificate.
 * @returns its key; undefined unless it is an origin's for this use, by a trusted authority. A client's never passes.
 */
export async function verifyOriginCertificate(
  der: Uint8Array<ArrayBuffer>,
  use: OriginKeyUse,
  options: VerifyOptions,
): Promise<OriginPublicKey | undefined> {
  const verified = await verifyCertificate(der, options);
  if (!verified.ok) return undefined;
  const { extensions, spki } = verified.value;
  if (!hasOnlyKnownCritical(extensions, ORIGIN_EXTENSIONS)) return undefined;
  const isOrigins = tryParse(() => isOnlyFor(extensions, ID_KP_SERVER_AUTH)) === true;
  if (!isOrigins || !isEndEntity(extensions) || !hasKeyUsage(extensions, USES[use])) return undefined;
  const identifier = extensions.get(SUBJECT_KEY_IDENTIFIER)?.value;
  return tryParse(() => ({
    publicKey: parsePublicKey(spki),
    keyIdentifier: new DerReader(identifier ?? new Uint8Array(0)).octetString(),
  }));
}
