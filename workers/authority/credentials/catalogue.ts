/**
 * The catalogue of CSRs in KV: for audit, and for rebuilding the rows of shards. The key of an entry is `csr/` and the
 * SHA-256 of the GUID, its value is the CSR's DER, its metadata the identity and the state.
 */

import type { CatalogueState } from '../../../durable-objects/credential-shard/credential.ts';
import { hex, utf8 } from '../../../shared/encoding/bytes.ts';
import { type Guid, tryParseGuid } from '../../../shared/protocol/guid.ts';
import type { Identity } from '../../../shared/protocol/identity.ts';

/** Metadata of an entry: at most 1,024 bytes of JSON, which the bounds of an identity make sure of. */
export interface EntryMetadata {
  readonly guid: string;
  readonly owner: string;
  readonly organization: string;
  /** Separated by spaces. */
  readonly scopes: string;
  /** Number of its first shard. The GUID says where it is now. */
  readonly shard: number;
  /** RFC 3339. */
  readonly registeredAt: string;
  /** RFC 3339; left out where it never ends. */
  readonly endsAt?: string;
  /** The credential that this one renews. */
  readonly supersedes?: string;
  /** `pending` from before the row is written until after. Entries of before were `valid` from the beginning. */
  readonly state: 'pending' | 'valid' | 'revoked';
  /** RFC 3339; there when revoked. */
  readonly revokedAt?: string;
}

/** Beginning of the keys of all entries. */
export const CATALOGUE_PREFIX = 'csr/';

export async function catalogueKey(guid: Guid): Promise<string> {
  return CATALOGUE_PREFIX + hex(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(guid))));
}

/** A credential as its entry says it. Times are milliseconds since 1970. */
export interface EntryFacts {
  readonly guid: Guid;
  readonly identity: Identity;
  readonly shard: number;
  readonly registeredAt: number;
  /** Null: it never ends. */
  readonly endsAt: number | null;
  /** Null: it renews none. */
  readonly supersedes: Guid | null;
}

/** The metadata of an entry whose row is about to be written. */
export function pendingMetadata({
  guid,
  identity,
  shard,
  registeredAt,
  endsAt,
  supersedes,
}: EntryFacts): EntryMetadata {
  const { owner, organization, scopes } = identity;
  return {
    guid,
    owner,
    organization,
    scopes: scopes.join(' '),
    shard,
    registeredAt: new Date(registeredAt).toISOString(),
    ...(endsAt !== null && { endsAt: new Date(endsAt).toISOString() }),
    ...(supersedes !== null && { supersedes }),
    state: 'pending',
  };
}

/** @returns the state of an entry, to be compared with its row; undefined when the metadata is none. */
export function tryParseState(metadata: EntryMetadata | undefined | null): CatalogueState | undefined {
  const guid = tryParseGuid(metadata?.guid ?? '');
  if (guid === undefined || !metadata) return undefined;
  const { state, revokedAt } = metadata;
  const time = state === 'revoked' && revokedAt !== undefined ? Date.parse(revokedAt) : Number.NaN;
  return { guid, state, revokedAt: Number.isNaN(time) ? null : time };
}

/** Stores a CSR in association with the identity (draft 4.1). */
export async function addToCatalogue(
  catalogue: KVNamespace,
  key: string,
  csr: Uint8Array,
  metadata: EntryMetadata,
): Promise<void> {
  await catalogue.put(key, csr, { metadata });
}
