/** The certificate of a client: verified as any certificate is, and then as one that names a resource owner (draft 4.2). */

import { recipientTypeOf } from '../cms/recipients/recipients.ts';
import { type PublicKey, parsePublicKey } from '../crypto/keys/public-key.ts';
import type { LruCache } from '../crypto/lru-cache.ts';
import { equal } from '../encoding/bytes.ts';
import { parseSequence } from '../encoding/der/reader.ts';
import { tryParse } from '../encoding/error.ts';
import { failure, type Result, success } from '../result.ts';
import { parseIssuedFields, parseSubjectFields, type SubjectFields } from '../x509/certificate.ts';
import {
  AUTHORITY_KEY_IDENTIFIER,
  BASIC_CONSTRAINTS,
  EXT_KEY_USAGE,
  KEY_USAGE,
  NO_REV_AVAIL,
  SUBJECT_ALT_NAME,
  SUBJECT_KEY_IDENTIFIER,
} from '../x509/extensions.ts';
import { encodeKeyUsage } from '../x509/key-usage.ts';
import { type Name, parseName } from '../x509/name.ts';
import {
  type CertificateFault,
  faultOfIssue,
  parseAuthorityKeyIdentifier,
  type VerifyOptions,
} from '../x509/verify.ts';
import type { Identity } from './identity.ts';
import { parseSubjectAltName } from './subject-alt-name.ts';

/** A client certificate that was verified. */
export interface ClientCertificate extends Identity {
  /** The CSR's subject: properties of the client's device. */
  readonly device: Name;
  readonly publicKey: PublicKey;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
  /** DER of the certificate. */
  readonly der: Uint8Array<ArrayBuffer>;
}

/** The rule that a client's certificate breaks; for operators. */
export type ClientCertificateFault = CertificateFault | 'not-a-client-certificate' | 'identity-malformed';

/** The subject fields of a certificate, read and judged: the same in all certificates of a credential. */
export interface Subject {
  readonly authorityKeyIdentifier: Uint8Array | undefined;
  readonly client: Result<Client, ClientCertificateFault>;
}

type Client = Pick<ClientCertificate, keyof Identity | 'device' | 'publicKey'>;

export interface VerifyClientOptions extends VerifyOptions {
  /** Subjects of certificates that were verified before, by the DER of their fields. */
  readonly subjects?: LruCache<Subject>;
}

/** @param der of what should be one certificate of a client. */
export async function verifyClientCertificate(
  der: Uint8Array<ArrayBuffer>,
  options: VerifyClientOptions,
): Promise<Result<ClientCertificate, ClientCertificateFault>> {
  const issued = tryParse(() => parseIssuedFields(der));
  if (issued === undefined) return failure('malformed');
  const { subjectFields, notBefore, notAfter } = issued;
  const known = options.subjects?.get(subjectFields);
  const subject = known ?? tryParse(() => parseSubject(subjectFields));
  if (subject === undefined) return failure('malformed');
  const fault = await faultOfIssue(issued, subject.authorityKeyIdentifier, options);
  if (fault !== undefined) return failure(fault);
  // Cache only after the signature is verified, so that forged certificates cannot evict real ones.
  if (known === undefined) options.subjects?.set(subjectFields, subject);
  const { client } = subject;
  return client.ok ? success({ ...client.value, notBefore, notAfter, der }) : client;
}

/** @throws {EncodingError} when it is not that of a certificate. */
function parseSubject(subjectFields: Uint8Array<ArrayBuffer>): Subject {
  // A copy, because it is kept for longer than the certificate that it came in.
  const fields = parseSubjectFields(subjectFields.slice());
  return {
    authorityKeyIdentifier: tryParse(() => parseAuthorityKeyIdentifier(fields.extensions)),
    client: verifyClient(fields),
  };
}

function verifyClient(fields: SubjectFields): Result<Client, ClientCertificateFault> {
  const publicKey = tryParse(() => parsePublicKey(fields.spki));
  if (publicKey === undefined || !hasClientProfile(fields, publicKey)) return failure('not-a-client-certificate');
  const altName = fields.extensions.get(SUBJECT_ALT_NAME)?.value;
  const identity = altName && tryParse(() => parseSubjectAltName(altName));
  const device = tryParse(() => parseName(fields.subject));
  if (identity === undefined || device === undefined) return failure('identity-malformed');
  // Shared by all requests of the client.
  for (const shared of [identity.scopes, device, ...device]) Object.freeze(shared);
  return success({ ...identity, device, publicKey });
}

const CLIENT_EXTENSIONS = new Set([
  AUTHORITY_KEY_IDENTIFIER,
  BASIC_CONSTRAINTS,
  EXT_KEY_USAGE,
  KEY_USAGE,
  NO_REV_AVAIL,
  SUBJECT_ALT_NAME,
  SUBJECT_KEY_IDENTIFIER,
]);

/** CA:FALSE, keyUsage as the type of the key has it, and no critical extension beyond those of the profile. */
function hasClientProfile({ extensions }: SubjectFields, publicKey: PublicKey): boolean {
  for (const [oid, { critical }] of extensions) if (critical && !CLIENT_EXTENSIONS.has(oid)) return false;
  const basicConstraints = extensions.get(BASIC_CONSTRAINTS)?.value;
  const keyUsage = extensions.get(KEY_USAGE)?.value;
  if (basicConstraints === undefined || keyUsage === undefined) return false;
  const isEndEntity = tryParse(() => parseSequence(basicConstraints).done) === true;
  return isEndEntity && equal(keyUsage, encodeKeyUsage(recipientTypeOf(publicKey).keyUsage));
}
