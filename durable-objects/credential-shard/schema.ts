/**
 * The tables of a shard: a row a credential, which decides lookup and revocation; and a row a nonce that was admitted and
 * could come again. A nonce begins with its time, so that the old ones are first in their table.
 */

import type { Guid } from '../../shared/protocol/guid.ts';

export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS credentials (
    id INTEGER PRIMARY KEY,           -- see idOf
    guid TEXT NOT NULL,
    owner TEXT NOT NULL,
    organization TEXT NOT NULL,
    scopes TEXT NOT NULL,             -- separated by spaces
    device TEXT NOT NULL,             -- the CSR's subject as RFC 4514 writes it
    key_type TEXT NOT NULL,           -- RSA-2048, P-256, ...
    csr_sha256 TEXT NOT NULL,         -- hex; digest of the CSR's DER
    catalogue_key TEXT NOT NULL,      -- where the CSR is in KV
    profile BLOB NOT NULL,            -- what certificates of the credential are made of, in DER
    registered_at INTEGER NOT NULL,   -- milliseconds since 1970
    revoked_at INTEGER,               -- milliseconds since 1970; NULL while valid
    catalogue_due INTEGER             -- when the revocation is next carried to KV, in ms; NULL: it need not be
  );
  CREATE TABLE IF NOT EXISTS nonces (
    nonce TEXT PRIMARY KEY            -- as the client sent it, with the number of the credential's row behind a dot
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS placement (
    key BLOB NOT NULL                 -- in one shard for all: the key of the hash that gives a GUID its shard
  );
  CREATE INDEX IF NOT EXISTS credentials_by_owner ON credentials (owner);
  CREATE INDEX IF NOT EXISTS credentials_by_catalogue_key ON credentials (catalogue_key);
  CREATE INDEX IF NOT EXISTS credentials_due ON credentials (catalogue_due) WHERE catalogue_due IS NOT NULL;
`;

/**
 * The number of a GUID's row: its first 48 bits, all of them random. SQLite finds a row by its number in one tree, by a
 * text in two, and once there are many rows no tree fits into its cache. Should two GUIDs ever have the same number, the
 * second is not registered.
 */
export const idOf = (guid: Guid): number => Number.parseInt(guid.slice(0, 8) + guid.slice(9, 13), 16);

/** All numbers of rows are below this one. */
export const ID_LIMIT = 2 ** 48;
