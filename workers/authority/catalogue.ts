/**
 * The catalogue of CSRs in KV: for audit, and what the shards' rows could be rebuilt from. An entry's key is `csr/` and
 * the SHA-256 of the GUID, its value the CSR's DER, its metadata who registered it and what became of it.
 */

import { hex, utf8 } from '../../shared/bytes.ts';
import type { Identity } from '../../shared/identity.ts';
import type { Guid } from '../../shared/wire/guid.ts';
import type { Shards } from './shards.ts';

/** Metadata of an entry: at most 1,024 octets of JSON, which the bounds of an identity see to. */
interface EntryMetadata {
  readonly guid: string;
  readonly owner: string;
  readonly organization: string;
  /** Separated by spaces. */
  readonly scopes: string;
  readonly shard: number;
  /** RFC 3339. */
  readonly registeredAt: string;
  readonly state: 'valid' | 'revoked';
  /** RFC 3339; there when revoked. */
  readonly revokedAt?: string;
}

const PREFIX = 'csr/';

export async function catalogueKey(guid: Guid): Promise<string> {
  return PREFIX + hex(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(guid))));
}

/** What an entry says of its CSR while the credential is valid. */
export const entryMetadata = (
  guid: Guid,
  { owner, organization, scopes }: Identity,
  shard: number,
  registeredAt: number,
): EntryMetadata => ({
  guid,
  owner,
  organization,
  scopes: scopes.join(' '),
  shard,
  registeredAt: new Date(registeredAt).toISOString(),
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

/** Entries younger than this may belong to a registration that is still under way. */
const MIN_AGE_MS = 60 * 60 * 1000;
/** Pages of 1,000 entries that one sweep looks at. */
const PAGES_PER_SWEEP = 10;
const CURSOR_KEY = 'sweep/cursor';

/**
 * Removes entries that no credential points to, which a crash between the two writes of a registration leaves. Goes on
 * where the last sweep stopped.
 * @returns how many were removed.
 */
export async function sweepCatalogue(catalogue: KVNamespace, shards: Shards, now: number): Promise<number> {
  let removed = 0;
  let cursor = await catalogue.get(CURSOR_KEY);
  for (let page = 0; page < PAGES_PER_SWEEP; page++) {
    const listed = await catalogue.list<EntryMetadata>({ prefix: PREFIX, cursor });
    const byShard = new Map<number, string[]>();
    for (const { name, metadata } of listed.keys) {
      if (metadata === undefined || Date.parse(metadata.registeredAt) > now - MIN_AGE_MS) continue;
      byShard.set(metadata.shard, [...(byShard.get(metadata.shard) ?? []), name]);
    }
    for (const [shard, keys] of byShard) {
      const orphans = await shards.at(shard).withoutCredential(keys);
      await Promise.all(orphans.map((key) => catalogue.delete(key)));
      removed += orphans.length;
    }
    cursor = listed.list_complete ? null : listed.cursor;
    if (cursor === null) break;
  }
  await (cursor === null ? catalogue.delete(CURSOR_KEY) : catalogue.put(CURSOR_KEY, cursor));
  return removed;
}
