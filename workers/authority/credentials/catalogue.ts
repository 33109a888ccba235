/**
 * The catalogue of CSRs in KV: for audit, and for rebuilding the rows of shards. The key of an entry is `csr/` and the
 * SHA-256 of the GUID, its value is the CSR's DER, its metadata the identity and the state.
 */

import { hex, utf8 } from '../../../shared/encoding/bytes.ts';
import type { Guid } from '../../../shared/protocol/guid.ts';
import type { Identity } from '../../../shared/protocol/identity.ts';

/** Metadata of an entry: at most 1,024 bytes of JSON, which the bounds of an identity make sure of. */
export interface EntryMetadata {
  readonly guid: string;
  readonly owner: string;
  readonly organization: string;
  /** Separated by spaces. */
  readonly scopes: string;
  readonly shard: number;
  /** RFC 3339. */
  readonly registeredAt: string;
  /** RFC 3339; left out where it never ends. */
  readonly endsAt?: string;
  readonly state: 'valid' | 'revoked';
  /** RFC 3339; there when revoked. */
  readonly revokedAt?: string;
}

/** Beginning of the keys of all entries. */
export const CATALOGUE_PREFIX = 'csr/';

export async function catalogueKey(guid: Guid): Promise<string> {
  return CATALOGUE_PREFIX + hex(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(guid))));
}

/** The metadata of an entry while the credential is valid. */
export const entryMetadata = (
  guid: Guid,
  { owner, organization, scopes }: Identity,
  shard: number,
  registeredAt: number,
  endsAt: number | null = null,
): EntryMetadata => ({
  guid,
  owner,
  organization,
  scopes: scopes.join(' '),
  shard,
  registeredAt: new Date(registeredAt).toISOString(),
  ...(endsAt !== null && { endsAt: new Date(endsAt).toISOString() }),
  state: 'valid',
});

/** Stores a CSR in association with the identity (draft 4.1). */
export async function addToCatalogue(
  catalogue: KVNamespace,
  key: string,
  csr: Uint8Array,
  metadata: EntryMetadata,
): Promise<void> {
  await catalogue.put(key, csr, { metadata });
}
