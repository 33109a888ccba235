/** The daily sweep of the catalogue. */

import { CATALOGUE_PREFIX, type EntryMetadata } from './catalogue.ts';
import type { Shards } from './shards.ts';

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
    const listed = await catalogue.list<EntryMetadata>({ prefix: CATALOGUE_PREFIX, cursor });
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
