/** The table of an owner: a row a credential. */

import type { Guid } from '../../shared/protocol/guid.ts';
import type { OwnerEntry } from './entry.ts';

export const SCHEMA = `
  CREATE TABLE entries (
    id TEXT PRIMARY KEY,              -- names the credential to its owner
    guid TEXT NOT NULL,
    fingerprint TEXT NOT NULL,        -- the same for registrations of one CSR with one identity; empty: not known
    supersedes TEXT,                  -- GUID of the credential that this one renews; NULL
    registered_at INTEGER NOT NULL,   -- milliseconds since 1970
    live INTEGER NOT NULL             -- 0: known to be revoked or ended
  ) WITHOUT ROWID;
`;

export type EntryRow = {
  id: string;
  guid: Guid;
  fingerprint: string;
  supersedes: Guid | null;
  registered_at: number;
  live: number;
};

export const toEntry = ({ id, guid, fingerprint, supersedes, registered_at }: EntryRow): OwnerEntry => ({
  id,
  guid,
  fingerprint,
  supersedes,
  registeredAt: registered_at,
});
