/** The schemas that operations refer to. */

import { SEALED_PROBLEMS } from '../../../origin/problems.ts';
import { CONTENT_ENCRYPTION_NAMES } from '../../../shared/cms/content-encryption.ts';
import { KEY_TYPE_NAMES } from '../../../shared/crypto/keys/key-types.ts';
import { TYPE_PREFIX } from '../../../shared/protocol/problem.ts';
import type { ListedCredential } from '../../../workers/authority/credentials/listing.ts';
import { GATEWAY_PROBLEMS } from '../../../workers/gateway/problems.ts';
import { ADMINISTRATION_SCHEMAS } from './administration-schemas.ts';
import {
  DEVICE,
  ENDS_AT,
  GUID,
  ID,
  KEY_TYPE,
  LAST_USED_ON,
  PEM,
  REGISTERED_AT,
  REVOKED_AT,
} from './credential-members.ts';
import { count, listOf, objectOf, orNull, type Schema, schemaRef, text } from './schema.ts';

interface WellKnown {
  organization: string;
  endpoints: { registration: string; whoami: string; credentials?: string; sealed?: string };
  keyTypes: readonly string[];
  ciphers: readonly string[];
  identityMethods: readonly string[];
  bearerIssuer?: string;
  authorityCertificates: readonly string[];
  credentialLifetimeDays?: number;
  originCertificates?: readonly string[];
  originEncryptionCertificate?: string;
}

const path = (description: string): Schema => text(description, { pattern: '^/' });

const WELL_KNOWN = objectOf<WellKnown>(
  {
    organization: text('Domain of the organisation; the DC of every certificate.'),
    endpoints: objectOf<WellKnown['endpoints']>(
      {
        registration: path('Registration.'),
        whoami: path('whoami.'),
        credentials: path('Credentials of an owner.'),
        sealed: path('Sealed requests; only where the origin has a key for them.'),
      },
      { description: 'Paths.', optional: ['credentials', 'sealed'] },
    ),
    keyTypes: listOf({ enum: [...KEY_TYPE_NAMES] }, 'Types of keys that clients generate.'),
    ciphers: listOf({ enum: [...CONTENT_ENCRYPTION_NAMES] }, 'Content encryptions of CMS.'),
    identityMethods: listOf({ enum: ['basic', 'bearer'] }, 'Methods of proving an identity.'),
    bearerIssuer: text('The issuer of tokens; only where `bearer` is among the methods.'),
    authorityCertificates: listOf(PEM, 'Certificates of the authority: the issuing one first, roots last.'),
    credentialLifetimeDays: count('Days that a credential lasts; 0: it never ends.'),
    originCertificates: listOf(PEM, 'Those of keys that sign answers; only where they are signed.'),
    originEncryptionCertificate: PEM,
  },
  {
    description: 'The facts that a client needs before it registers.',
    optional: ['bearerIssuer', 'credentialLifetimeDays', 'originCertificates', 'originEncryptionCertificate'],
  },
);

interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  requestId: string;
}

/** A problem of one of the names. By allOf, because not every tool reads members beside a reference. */
export const problemOf = (names: readonly string[]): Schema => ({
  allOf: [schemaRef('Problem')],
  properties: { type: { enum: names.map((name) => TYPE_PREFIX + name) } },
});

const PROBLEM = objectOf<Problem>(
  {
    type: text('Names the reason. Programs go by it.', { pattern: `^${TYPE_PREFIX}[a-z0-9-]+$` }),
    title: text('A sentence for people, the same for each request.'),
    status: { type: 'integer', minimum: 400, maximum: 599, description: 'The status of the answer.' },
    detail: text('What was found, or the way out, for people.'),
    requestId: text('Names the request in the logs of all parties.', { pattern: '^[A-Za-z0-9_-]{22}$' }),
  },
  { description: 'A refusal (RFC 9457).', optional: ['detail'] },
);

const LISTED_CREDENTIAL = objectOf<ListedCredential>(
  {
    id: ID,
    device: DEVICE,
    keyType: KEY_TYPE,
    registeredAt: REGISTERED_AT,
    endsAt: ENDS_AT,
    lastUsedOn: LAST_USED_ON,
    revokedAt: REVOKED_AT,
    current: { type: 'boolean', description: 'True for the credential of this request.' },
  },
  { description: 'A credential as its owner reads of it.' },
);

const NONCE = orNull(text('The `CALE-Nonce` of the request; null where it had none.'));

interface CredentialPage {
  credentials: readonly ListedCredential[];
  next: string | null;
  nonce: string | null;
}

/** Named as the document has them. */
export const SCHEMAS: Readonly<Record<string, Schema>> = {
  WellKnown: WELL_KNOWN,
  Problem: PROBLEM,
  TooManyCredentials: {
    allOf: [problemOf(['too-many-credentials'])],
    required: ['credentials'],
    properties: {
      credentials: listOf(schemaRef('ListedCredential'), 'The valid credentials of the owner, at most a hundred.'),
    },
  },
  OriginProblem: {
    ...problemOf(Object.keys({ ...SEALED_PROBLEMS, ...GATEWAY_PROBLEMS, unavailable: true })),
    description: 'A refusal or failure that only the client reads, inside of the sealed answer.',
  },
  Guid: { ...GUID, description: 'The GUID of the credential, and nothing around it.' },
  Certificate: PEM,
  ListedCredential: LISTED_CREDENTIAL,
  CredentialPage: objectOf<CredentialPage>(
    {
      credentials: listOf(schemaRef('ListedCredential'), 'The latest first.'),
      next: orNull(text('The `cursor` of the next page; null for none.')),
      nonce: NONCE,
    },
    { description: 'JSON, padded with spaces to 8,192 bytes.' },
  ),
  Revocation: objectOf<{ revoked: number; nonce: string | null }>(
    { revoked: { enum: [0, 1], description: '0: it was revoked already, or there is none.' }, nonce: NONCE },
    { description: 'JSON, padded with spaces to 8,192 bytes.' },
  ),
  ...ADMINISTRATION_SCHEMAS,
};
