/**
 * The tables of a shard: a row a credential, which decides lookup and revocation; and a row a nonce that was admitted and
 * could come again. A nonce begins with its time, so that the old ones are first in their table.
 */

import type { Guid } from '../../shared/protocol/guid.ts';
import { TRAIL_SCHEMA } from './trail.ts';

const SCHEMA = `
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
    catalogue_due INTEGER,            -- when the state is next carried to KV, in ms; NULL: it need not be
    ends_at INTEGER,                  -- milliseconds since 1970; NULL: never
    last_used INTEGER,                -- day, in ms at 00:00 UTC; NULL: not yet
    supersedes TEXT,                  -- GUID of the credential that this one renews, until this one was used; NULL
    owned INTEGER NOT NULL DEFAULT 0  -- 1: the object of the owner knows it
  );
  CREATE TABLE IF NOT EXISTS nonces (
    nonce TEXT PRIMARY KEY            -- as the client sent it, with the number of the credential's row behind a dot
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS placement (
    key BLOB NOT NULL                 -- in one shard for all: the key of the hash that gives a GUID its shard
  );
  CREATE TABLE IF NOT EXISTS scratch (
    value INTEGER NOT NULL            -- one row, which is written where no use of a credential is
  );
  CREATE INDEX IF NOT EXISTS credentials_by_owner ON credentials (owner);
  CREATE INDEX IF NOT EXISTS credentials_by_catalogue_key ON credentials (catalogue_key);
  CREATE INDEX IF NOT EXISTS credentials_due ON credentials (catalogue_due) WHERE catalogue_due IS NOT NULL;
`;

/** Columns of `credentials` that tables of version 0.1 lack. */
const ADDED_COLUMNS = [
  'ends_at INTEGER',
  'last_used INTEGER',
  'supersedes TEXT',
  'owned INTEGER NOT NULL DEFAULT 0',
] as const;

/** Indexes over added columns, which are small: of few rows for a short time. */
const ADDED_INDEXES = `
  CREATE INDEX IF NOT EXISTS credentials_not_owned ON credentials (owned) WHERE owned = 0;
  CREATE INDEX IF NOT EXISTS credentials_superseding ON credentials (supersedes) WHERE supersedes IS NOT NULL;
`;

/** Makes the tables, and adds to those from before there were versions what they lack. */
function createTables(sql: SqlStorage): void {
  sql.exec(SCHEMA);
  const there = new Set(
    sql
      .exec<{ name: string }>('PRAGMA table_info(credentials)')
      .toArray()
      .map(({ name }) => name),
  );
  for (const column of ADDED_COLUMNS) {
    const [name = ''] = column.split(' ');
    if (!there.has(name)) sql.exec(`ALTER TABLE credentials ADD COLUMN ${column}`);
  }
  sql.exec(ADDED_INDEXES);
}

/**
 * The steps from each version to the next; a version is the number of steps that were done. Steps are only added, at the
 * end, and only add to the tables: the code of before, which may still run or come back, has to read them.
 */
const MIGRATIONS: readonly ((sql: SqlStorage) => void)[] = [createTables, (sql) => sql.exec(TRAIL_SCHEMA)];

/** The version of what shards store: the number of steps. CHANGELOG.md says what each release has. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Does the steps that the tables of a shard lack. Those of a later version stay as they are. */
export function migrate(storage: DurableObjectStorage): void {
  const { sql } = storage;
  const version = versionOf(sql);
  if (version >= SCHEMA_VERSION) return;
  storage.transactionSync(() => {
    for (const step of MIGRATIONS.slice(version)) step(sql);
    sql.exec('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)');
    sql.exec('DELETE FROM schema_version');
    sql.exec('INSERT INTO schema_version (version) VALUES (?)', SCHEMA_VERSION);
  });
}

/** @returns the version of a shard's tables; 0 where there are none, and for those from before there were versions. */
export function versionOf(sql: SqlStorage): number {
  const isThere = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'").toArray().length > 0;
  const [row] = isThere ? sql.exec<{ version: number }>('SELECT version FROM schema_version') : [];
  return row?.version ?? 0;
}

/**
 * The number of a GUID's row: its first 48 bits, all of them random. SQLite finds a row by its number in one tree, by a
 * text in two, and once there are many rows no tree fits into its cache. Should two GUIDs ever have the same number, the
 * second is not registered.
 */
export const idOf = (guid: Guid): number => Number.parseInt(guid.slice(0, 8) + guid.slice(9, 13), 16);

/** All numbers of rows are below this one. */
export const ID_LIMIT = 2 ** 48;
