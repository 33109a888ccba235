/** The row of a credential, and what is read from it. */

import type { Guid } from '../../shared/protocol/guid.ts';
import type { CredentialOwner, CredentialRefusal, CredentialSummary, NewCredential } from './credential.ts';
import { idOf } from './schema.ts';

/** See schema.ts. */
export type Row = {
  id: number;
  guid: Guid;
  owner: string;
  organization: string;
  scopes: string;
  device: string;
  key_type: string;
  csr_sha256: string;
  catalogue_key: string;
  profile: ArrayBuffer;
  registered_at: number;
  revoked_at: number | null;
  catalogue_due: number | null;
  ends_at: number | null;
  last_used: number | null;
  supersedes: Guid | null;
  owned: number;
};

/** The columns, in no order that matters. */
const COLUMNS = [
  'id',
  'guid',
  'owner',
  'organization',
  'scopes',
  'device',
  'key_type',
  'csr_sha256',
  'catalogue_key',
  'profile',
  'registered_at',
  'revoked_at',
  'catalogue_due',
  'ends_at',
  'last_used',
  'supersedes',
  'owned',
] as const satisfies readonly (keyof Row)[];

const INSERT = `INSERT INTO credentials (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})
  ON CONFLICT (id) DO NOTHING`;

/** @returns false when a row of that number is there already, which is then left as it is. */
export const insertRow = (sql: SqlStorage, row: Row): boolean =>
  sql.exec(INSERT, ...COLUMNS.map((column) => row[column])).rowsWritten > 0;

/**
 * The row of a credential that is registered.
 * @param catalogueDue when KV is to be told its state, in milliseconds since 1970.
 */
export const rowOf = (credential: NewCredential, catalogueDue: number | null): Row => ({
  id: idOf(credential.guid),
  guid: credential.guid,
  owner: credential.owner,
  organization: credential.organization,
  scopes: credential.scopes.join(' '),
  device: credential.device,
  key_type: credential.keyType,
  csr_sha256: credential.csrSha256,
  catalogue_key: credential.catalogueKey,
  profile: bufferOf(credential.template),
  registered_at: credential.registeredAt,
  revoked_at: credential.revokedAt ?? null,
  catalogue_due: catalogueDue,
  ends_at: credential.endsAt ?? null,
  last_used: credential.lastUsedAt ?? null,
  supersedes: credential.supersedes ?? null,
  owned: credential.isOwned ? 1 : 0,
});

/** The bytes by themselves: a view may be a part of a larger buffer. */
const bufferOf = (bytes: Uint8Array<ArrayBuffer>): ArrayBuffer => bytes.slice().buffer;

/**
 * @param now milliseconds since 1970.
 * @returns the reason for which the credential is not valid; null when it is.
 */
export function refusalOf(
  { revoked_at, ends_at }: Pick<Row, 'revoked_at' | 'ends_at'>,
  now: number,
): Extract<CredentialRefusal, 'revoked' | 'ended'> | null {
  if (revoked_at !== null) return 'revoked';
  return ends_at !== null && ends_at <= now ? 'ended' : null;
}

export function summary(row: Row): CredentialSummary {
  return {
    guid: row.guid,
    owner: row.owner,
    organization: row.organization,
    scopes: scopesOf(row),
    device: row.device,
    keyType: row.key_type,
    csrSha256: row.csr_sha256,
    registeredAt: dateTime(row.registered_at),
    endsAt: row.ends_at === null ? null : dateTime(row.ends_at),
    lastUsedOn: row.last_used === null ? null : dateTime(row.last_used).slice(0, 'yyyy-mm-dd'.length),
    revokedAt: row.revoked_at === null ? null : dateTime(row.revoked_at),
  };
}

/** Columns of {@link ownerOf}. */
export const OWNER_COLUMNS = 'guid, owner, organization, scopes, registered_at, owned';
export type OwnerRow = Pick<Row, 'guid' | 'owner' | 'organization' | 'scopes' | 'registered_at' | 'owned'>;

export const ownerOf = (row: OwnerRow): CredentialOwner => ({
  guid: row.guid,
  owner: row.owner,
  organization: row.organization,
  scopes: scopesOf(row),
  registeredAt: row.registered_at,
  isOwned: row.owned === 1,
});

const scopesOf = ({ scopes }: Pick<Row, 'scopes'>): string[] => (scopes === '' ? [] : scopes.split(' '));

const dateTime = (time: number): string => new Date(time).toISOString();
