/** The row of a credential, and what is read from it. */

import type { Guid } from '../../shared/protocol/guid.ts';
import type { CredentialOwner, CredentialRefusal, CredentialSummary } from './credential.ts';

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
  profile: ArrayBuffer;
  registered_at: number;
  revoked_at: number | null;
  ends_at: number | null;
  last_used: number | null;
  supersedes: Guid | null;
  owned: number;
};

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
