/** The schemas that operations refer to. */

import type { CredentialSummary } from '../../../durable-objects/credential-shard/credential.ts';
import type { ShardStatus } from '../../../durable-objects/credential-shard/status.ts';
import type { TrailEvent } from '../../../durable-objects/credential-shard/trail.ts';
import { SEALED_PROBLEMS } from '../../../origin/problems.ts';
import { CONTENT_ENCRYPTION_NAMES } from '../../../shared/cms/content-encryption.ts';
import { KEY_TYPE_NAMES } from '../../../shared/crypto/keys/key-types.ts';
import { TYPE_PREFIX } from '../../../shared/protocol/problem.ts';
import type { ListedCredential } from '../../../workers/authority/credentials/listing.ts';
import type { Imported } from '../../../workers/authority/recovery/import.ts';
import type { TrailEntry } from '../../../workers/authority/recovery/read-trail.ts';
import type { Reindexed } from '../../../workers/authority/recovery/reindex.ts';
import type { Restored } from '../../../workers/authority/recovery/restore.ts';
import type { TransferredCredential } from '../../../workers/authority/recovery/transferred.ts';
import { GATEWAY_PROBLEMS } from '../../../workers/gateway/problems.ts';
import { count, dateTime, day, listOf, objectOf, oneOf, orNull, type Schema, schemaRef, text } from './schema.ts';

const GUID = text('The GUID of a credential.', { format: 'uuid' });
const ID = text('The name of a credential for its owner. It is always the same, and does not lead to the GUID.', {
  pattern: '^[A-Za-z0-9_-]{16}$',
});
const PEM = text('A certificate in PEM.', { pattern: '^-----BEGIN CERTIFICATE-----\\n' });
const SHA256 = text("SHA-256 of the CSR's DER, in hex.", { pattern: '^[0-9a-f]{64}$' });
const CURSOR = orNull(text('Asks for the next page; null at the end.'));
const DEVICE = text("The CSR's subject, as RFC 4514 writes it.");
const KEY_TYPE = text('`P-256`, `RSA-2048` and the like.');
const SCOPES = listOf(text('A scope (RFC 6749 3.3).'), 'Scopes of the owner.');
const REGISTERED_AT = dateTime('The time of the registration.');
const ENDS_AT = orNull(dateTime('The time at which it ends; null: it never ends.'));
const REVOKED_AT = orNull(dateTime('The time of its revocation; null while it is valid.'));
const LAST_USED_ON = orNull(day('The day of its last use; null when it was not used yet.'));

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

const ADMINISTERED_CREDENTIAL = objectOf<CredentialSummary & { id: string }>(
  {
    id: ID,
    guid: GUID,
    owner: text('The resource owner.'),
    organization: text('Domain of the organisation.'),
    scopes: SCOPES,
    device: DEVICE,
    keyType: KEY_TYPE,
    csrSha256: SHA256,
    registeredAt: REGISTERED_AT,
    endsAt: ENDS_AT,
    lastUsedOn: LAST_USED_ON,
    revokedAt: REVOKED_AT,
  },
  { description: 'A credential as administrators read of it.' },
);

const base64 = (description: string): Schema => text(description, { contentEncoding: 'base64' });

const TRANSFERRED_CREDENTIAL = objectOf<TransferredCredential>(
  {
    guid: GUID,
    owner: text('The resource owner.'),
    organization: text('Domain of the organisation.'),
    scopes: SCOPES,
    device: DEVICE,
    keyType: KEY_TYPE,
    csr: orNull(base64('DER of the CSR; null when it is lost.')),
    csrSha256: SHA256,
    template: base64('DER of the common part of its certificates. It counts only without the CSR.'),
    registeredAt: REGISTERED_AT,
    endsAt: ENDS_AT,
    revokedAt: REVOKED_AT,
    lastUsedOn: LAST_USED_ON,
    supersedes: orNull(text('The GUID of the credential that it renews.', { format: 'uuid' })),
  },
  { description: 'All that the row of a credential is made of. Keep it as you keep secrets.' },
);

const EVENTS: Readonly<Record<TrailEvent, true>> = {
  registered: true,
  renewed: true,
  revoked: true,
  rebuilt: true,
  exported: true,
  imported: true,
  reindexed: true,
  restored: true,
};

const TRAIL_ENTRY = objectOf<TrailEntry>({
  at: dateTime('When it was done.'),
  event: oneOf('What was done.', EVENTS),
  id: orNull(ID),
  by: orNull(
    text('`client`, `owner`, `renewal`, `catalogue`, or `administrator` and a name; null where it is not known.'),
  ),
});

type StatusOfShard = Omit<ShardStatus, 'lastRegisteredAt'> & { shard: number; lastRegisteredAt: string | null };

const SHARD_STATUS = objectOf<StatusOfShard>({
  shard: count('Number of the shard.'),
  live: count('Credentials that are valid.'),
  revoked: count('Credentials that are revoked.'),
  ended: count('Credentials that have ended, and are not revoked.'),
  due: count('States that KV is still to be told of.'),
  lastRegisteredAt: orNull(dateTime('The time of the last registration; null where there is none.')),
  schemaVersion: count('Version of the tables.'),
});

const pageOf = <Name extends string>(name: Name, items: Schema, description: string): Schema =>
  objectOf<Record<Name | 'cursor', unknown>>({ [name]: listOf(items, description), cursor: CURSOR } as never);

const refused = <Place extends string>(place: Place, description: string): Schema =>
  listOf(
    objectOf<Record<Place | 'reason', unknown>>({
      [place]: count('Its number, from 0 on.'),
      reason: text('A sentence for people.'),
    } as never),
    description,
  );

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
  AdministeredCredential: ADMINISTERED_CREDENTIAL,
  AdministeredCredentials: objectOf<{ credentials: unknown; more?: true; cursor?: string }>(
    {
      credentials: listOf(schemaRef('AdministeredCredential'), 'In the order of registration, revoked ones too.'),
      more: { const: true, description: 'There when a shard has more than 1,000 that match.' },
      cursor: text('There when more shards are to be asked, by the same query and this cursor.'),
    },
    { optional: ['more', 'cursor'] },
  ),
  RevokedCount: objectOf<{ revoked: number; cursor?: string }>(
    {
      revoked: count('Credentials that were revoked.'),
      cursor: text('There when the same request has to follow with it.'),
    },
    { optional: ['cursor'] },
  ),
  TransferredCredential: TRANSFERRED_CREDENTIAL,
  Export: pageOf('credentials', schemaRef('TransferredCredential'), 'In no order, revoked ones too.'),
  Import: objectOf<{ credentials: unknown }>({
    credentials: { ...listOf(schemaRef('TransferredCredential'), 'Those of an export.'), maxItems: 100 },
  }),
  Imported: objectOf<Imported>({
    added: count('Credentials that were not there.'),
    revoked: count('Credentials that a revocation was applied to.'),
    refused: refused('at', 'Members of the list that are no credentials, or cannot be put in.'),
  }),
  Reindexed: objectOf<Reindexed>({
    moved: count('Rows that went to another shard.'),
    compared: count('Entries of KV that were compared with their rows.'),
    added: count('Rows that were not there.'),
    revoked: count('Rows that a revocation was applied to.'),
    refused: count('Entries that no row can be made of, and rows that cannot move.'),
    cursor: CURSOR,
  }),
  Restore: objectOf<{ to: string; cursor?: string }>(
    { to: dateTime('A time that has passed.'), cursor: text('Of the page before.') },
    { optional: ['cursor'] },
  ),
  Restored: objectOf<Omit<Restored, 'cursor'> & { cursor: string | null }>({
    restored: count('Shards that went back.'),
    failed: refused('shard', 'Shards that are as they were.'),
    cursor: CURSOR,
  }),
  TrailEntry: TRAIL_ENTRY,
  Trail: pageOf('entries', schemaRef('TrailEntry'), 'What was done, newest last.'),
  ShardStatus: SHARD_STATUS,
  Status: objectOf<{ shards: unknown; catalogue: string; cursor: string | null }>({
    shards: listOf(schemaRef('ShardStatus'), 'By number.'),
    catalogue: oneOf('KV.', { reachable: true, failed: true }),
    cursor: CURSOR,
  }),
};
