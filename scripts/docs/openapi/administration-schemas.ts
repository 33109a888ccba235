/** The schemas of administration. */

import type { CredentialSummary } from '../../../durable-objects/credential-shard/credential.ts';
import type { ShardStatus } from '../../../durable-objects/credential-shard/status.ts';
import type { TrailEvent } from '../../../durable-objects/credential-shard/trail.ts';
import type { Imported } from '../../../workers/authority/recovery/import.ts';
import type { TrailEntry } from '../../../workers/authority/recovery/read-trail.ts';
import type { Reindexed } from '../../../workers/authority/recovery/reindex.ts';
import type { Restored } from '../../../workers/authority/recovery/restore.ts';
import type { TransferredCredential } from '../../../workers/authority/recovery/transferred.ts';
import {
  CURSOR,
  DEVICE,
  ENDS_AT,
  GUID,
  ID,
  KEY_TYPE,
  LAST_USED_ON,
  REGISTERED_AT,
  REVOKED_AT,
  SCOPES,
  SHA256,
} from './credential-members.ts';
import { count, dateTime, listOf, objectOf, oneOf, orNull, type Schema, schemaRef, text } from './schema.ts';

/** Whose credential it is, and of what key. */
const OWNED = {
  guid: GUID,
  owner: text('The resource owner.'),
  organization: text('Domain of the organisation.'),
  scopes: SCOPES,
  device: DEVICE,
  keyType: KEY_TYPE,
};

const ADMINISTERED_CREDENTIAL = objectOf<CredentialSummary & { id: string }>(
  {
    id: ID,
    ...OWNED,
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
    ...OWNED,
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
export const ADMINISTRATION_SCHEMAS: Readonly<Record<string, Schema>> = {
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
