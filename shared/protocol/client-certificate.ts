/** The certificate of a client: verified as any certificate is, and then as one that names a resource owner (draft 4.2). */

import { recipientTypeOf } from '../cms/recipients/recipients.ts';
import { type PublicKey, parsePublicKey } from '../crypto/keys/public-key.ts';
import type { LruCache } from '../crypto/lru-cache.ts';
import { DerReader } from '../encoding/der/reader.ts';
import { tryParse } from '../encoding/error.ts';
import { failure, type Result, success } from '../result.ts';
import { type IssuedFields, parseIssuedFields, parseSubjectFields, type SubjectFields } from '../x509/certificate.ts';
import {
  AUTHORITY_KEY_IDENTIFIER,
  BASIC_CONSTRAINTS,
  EXT_KEY_USAGE,
  type Extensions,
  hasOnlyKnownCritical,
  ID_KP_CLIENT_AUTH,
  isEndEntity,
  isOnlyFor,
  KEY_USAGE,
  NO_REV_AVAIL,
  parseSubjectKeyIdentifier,
  SUBJECT_ALT_NAME,
  SUBJECT_KEY_IDENTIFIER,
} from '../x509/extensions.ts';
import { hasKeyUsage } from '../x509/key-usage.ts';
import { type Name, parseName } from '../x509/name.ts';
import {
  type CertificateFault,
  faultOfIssuer,
  faultOfValidity,
  parseAuthorityKeyIdentifier,
  type VerifyOptions,
} from '../x509/verify.ts';
import type { Identity } from './identity.ts';
import { ID_KP_DECOY, ID_KP_WHOAMI, ID_PE_NONCE } from './oids.ts';
import { parseSubjectAltName } from './subject-alt-name.ts';

/** A client certificate that was verified. */
export interface ClientCertificate extends Identity {
  /** The CSR's subject: properties of the client's device. */
  readonly device: Name;
  readonly publicKey: PublicKey;
  /** SubjectKeyIdentifier. */
  readonly keyIdentifier: Uint8Array<ArrayBuffer>;
  /** True when there is no such client: it is answered as if there were, and nothing is done for it. */
  readonly isDecoy: boolean;
  /** The nonce of the one request that the certificate is for; undefined when it is not tied to one. */
  readonly nonce: string | undefined;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
  /** DER of the certificate. */
  readonly der: Uint8Array<ArrayBuffer>;
}

/** The rule that a client's certificate breaks; for operators. */
export type ClientCertificateFault =
  | CertificateFault
  | 'not-a-client-certificate'
  | 'wrong-purpose'
  | 'lifetime-too-long'
  | 'identity-malformed';

/** The purposes of a client's certificate, by their extended key usages: one is never taken for another. */
const PURPOSES = {
  request: [ID_KP_CLIENT_AUTH],
  requestOrDecoy: [ID_KP_CLIENT_AUTH, ID_KP_DECOY],
  whoami: [ID_KP_WHOAMI],
} as const;
export type ClientCertificatePurpose = keyof typeof PURPOSES;

/** Maximum time from notBefore to notAfter of a certificate for a request. */
const MAX_LIFETIME_MS = 300_000;

/** The subject fields of a certificate, read and judged: the same in all certificates of a credential for a purpose. */
export interface Subject {
  readonly authorityKeyIdentifier: Uint8Array | undefined;
  readonly client: Result<Client, ClientCertificateFault>;
}

type Client = Pick<ClientCertificate, keyof Identity | 'device' | 'publicKey' | 'keyIdentifier' | 'isDecoy' | 'nonce'>;

export interface VerifyClientOptions extends VerifyOptions {
  readonly purpose: ClientCertificatePurpose;
  /** Subjects of certificates for the same purpose that were verified before, by the DER of their fields. */
  readonly subjects?: LruCache<Subject>;
}

/**
 * @param der of what should be one certificate of a client. The dates of one for a request are verified; one for whoami
 *   has ended before it was issued.
 */
export async function verifyClientCertificate(
  der: Uint8Array<ArrayBuffer>,
  options: VerifyClientOptions,
): Promise<Result<ClientCertificate, ClientCertificateFault>> {
  const issued = tryParse(() => parseIssuedFields(der));
  if (issued === undefined) return failure('malformed');
  const { subjectFields, notBefore, notAfter } = issued;
  const known = options.subjects?.get(subjectFields);
  const subject = known ?? tryParse(() => parseSubject(subjectFields, options.purpose));
  if (subject === undefined) return failure('malformed');
  const fault =
    (await faultOfIssuer(issued, subject.authorityKeyIdentifier, options)) ??
    (options.purpose === 'whoami' ? undefined : faultOfRequestValidity(issued, options.now));
  if (fault !== undefined) return failure(fault);
  const { client } = subject;
  if (!client.ok) return client;
  // Cache only after the signature is verified, so that forged certificates cannot evict real ones, and only what comes
  // again: a certificate that is tied to a nonce does not.
  if (known === undefined && client.value.nonce === undefined) options.subjects?.set(subjectFields, subject);
  return success({ ...client.value, notBefore, notAfter, der });
}

function faultOfRequestValidity(issued: IssuedFields, now: number): ClientCertificateFault | undefined {
  const isTooLong = issued.notAfter - issued.notBefore > MAX_LIFETIME_MS;
  return isTooLong ? 'lifetime-too-long' : faultOfValidity(issued, now);
}

/** @throws {EncodingError} when it is not that of a certificate. */
function parseSubject(subjectFields: Uint8Array<ArrayBuffer>, purpose: ClientCertificatePurpose): Subject {
  // A copy, because it is kept for longer than the certificate that it came in.
  const fields = parseSubjectFields(subjectFields.slice());
  return {
    authorityKeyIdentifier: tryParse(() => parseAuthorityKeyIdentifier(fields.extensions)),
    client: verifyClient(fields, purpose),
  };
}

function verifyClient(
  { subject, spki, extensions }: SubjectFields,
  purpose: ClientCertificatePurpose,
): Result<Client, ClientCertificateFault> {
  const publicKey = tryParse(() => parsePublicKey(spki));
  if (publicKey === undefined || !hasClientProfile(extensions, publicKey)) return failure('not-a-client-certificate');
  const usage = PURPOSES[purpose].find((each) => tryParse(() => isOnlyFor(extensions, each)));
  if (usage === undefined) return failure('wrong-purpose');
  const read = tryParse(() => ({
    // Nothing stands for an extension that is not there, and parses as none.
    ...parseSubjectAltName(extensions.get(SUBJECT_ALT_NAME)?.value ?? new Uint8Array(0)),
    device: parseName(subject),
    keyIdentifier: parseSubjectKeyIdentifier(extensions),
    nonce: parseNonce(extensions),
  }));
  if (read === undefined) return failure('identity-malformed');
  // Shared by all requests of the client.
  for (const shared of [read.scopes, read.device, ...read.device]) Object.freeze(shared);
  return success({ ...read, publicKey, isDecoy: usage === ID_KP_DECOY });
}

function parseNonce(extensions: Extensions): string | undefined {
  const extension = extensions.get(ID_PE_NONCE);
  return extension && new DerReader(extension.value).ia5String();
}

const CLIENT_EXTENSIONS = new Set([
  AUTHORITY_KEY_IDENTIFIER,
  BASIC_CONSTRAINTS,
  EXT_KEY_USAGE,
  ID_PE_NONCE,
  KEY_USAGE,
  NO_REV_AVAIL,
  SUBJECT_ALT_NAME,
  SUBJECT_KEY_IDENTIFIER,
]);

/** CA:FALSE, keyUsage as the type of the key has it, and no critical extension beyond those of the profile. */
function hasClientProfile(extensions: Extensions, publicKey: PublicKey): boolean {
  return (
    hasOnlyKnownCritical(extensions, CLIENT_EXTENSIONS) &&
    isEndEntity(extensions) &&
    hasKeyUsage(extensions, recipientTypeOf(publicKey).keyUsage)
  );
}
