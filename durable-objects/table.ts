/** The shard's one table: a row a credential. It is the truth for lookup and revocation. */

export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS credentials (
    guid TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    organization TEXT NOT NULL,
    scopes TEXT NOT NULL,             -- separated by spaces
    device TEXT NOT NULL,             -- the CSR's subject as RFC 4514 writes it
    key_type TEXT NOT NULL,           -- RSA-2048, P-256, ...
    csr_sha256 TEXT NOT NULL,         -- hex; digest of the CSR's DER
    catalogue_key TEXT NOT NULL,      -- where the CSR is in KV
    subject_and_key BLOB NOT NULL,    -- DER, for certificates
    extensions BLOB NOT NULL,         -- DER, for certificates
    registered_at INTEGER NOT NULL,   -- milliseconds since 1970
    revoked_at INTEGER,               -- milliseconds since 1970; NULL while valid
    catalogue_due INTEGER             -- when the revocation is next carried to KV, in ms; NULL: it need not be
  );
  CREATE INDEX IF NOT EXISTS credentials_by_owner ON credentials (owner);
  CREATE INDEX IF NOT EXISTS credentials_by_catalogue_key ON credentials (catalogue_key);
  CREATE INDEX IF NOT EXISTS credentials_due ON credentials (catalogue_due) WHERE catalogue_due IS NOT NULL;
`;

/** A credential as it is registered. */
export interface NewCredential {
  readonly guid: string;
  readonly owner: string;
  readonly organization: string;
  readonly scopes: readonly string[];
  readonly device: string;
  readonly keyType: string;
  readonly csrSha256: string;
  readonly catalogueKey: string;
  readonly subjectAndKey: Uint8Array<ArrayBuffer>;
  readonly extensions: Uint8Array<ArrayBuffer>;
  /** Milliseconds since 1970. */
  readonly registeredAt: number;
}

/** A credential as administrators see it. */
export interface CredentialSummary {
  readonly guid: string;
  readonly owner: string;
  readonly organization: string;
  readonly scopes: readonly string[];
  readonly device: string;
  readonly keyType: string;
  readonly csrSha256: string;
  /** RFC 3339. */
  readonly registeredAt: string;
  /** RFC 3339; null while it is valid. */
  readonly revokedAt: string | null;
}
