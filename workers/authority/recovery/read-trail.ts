/** Reading the trails of all shards as one. */

import type { TrailRow } from '../../../durable-objects/credential-shard/trail.ts';
import { EncodingError } from '../../../shared/encoding/error.ts';
import { deriveCredentialId } from '../credentials/credential-id.ts';
import { inGroups } from '../credentials/in-groups.ts';
import type { Shards } from '../credentials/shards.ts';

/** Entries of a page, and shards whose trails are read as one. */
const PAGE_SIZE = 100;
const SHARDS_AT_ONCE = 64;

/** An entry as administrators read it. */
export interface TrailEntry {
  /** RFC 3339. */
  readonly at: string;
  readonly event: string;
  /** The name that its owner knows the credential by; null for what is done with all credentials. */
  readonly id: string | null;
  readonly by: string | null;
}

/** The last entry that was read. */
export interface TrailCursor {
  /** Number of the first shard of the group. */
  readonly group: number;
  readonly at: number;
  /** Number of its shard, and of its row there. */
  readonly shard: number;
  readonly id: number;
}

const beginOf = (group: number): TrailCursor => ({ group, at: -1, shard: -1, id: -1 });
export const TRAIL_BEGIN = beginOf(0);

export const formatTrailCursor = ({ group, at, shard, id }: TrailCursor): string => `${group}.${at}.${shard}.${id}`;

/** @throws {EncodingError} when it is none. */
export function parseTrailCursor(text: string): TrailCursor {
  if (!/^\d{1,6}\.(-1|\d{1,15})\.(-1|\d{1,6})\.(-1|\d{1,15})$/.test(text)) throw new EncodingError('no cursor');
  const [group = 0, at = -1, shard = -1, id = -1] = text.split('.').map(Number);
  return { group, at, shard, id };
}

/** @returns a page in the order of time. Where there are more shards than are read as one, group follows on group. */
export async function readTrail(
  shards: Shards,
  from: TrailCursor,
): Promise<{ entries: TrailEntry[]; cursor: TrailCursor | null }> {
  const members = shards.from(from.group, SHARDS_AT_ONCE).map((shard, at) => ({ shard, number: from.group + at }));
  const found = await inGroups(members, async ({ shard, number }) => {
    const rows: TrailRow[] = await shard.trail({ at: from.at, id: firstOf(number, from) }, PAGE_SIZE);
    return rows.map((row) => ({ ...row, shard: number }));
  });
  const page = found.flat().sort(byPlace).slice(0, PAGE_SIZE);
  const entries = await Promise.all(page.map(toEntry));
  const last = page.at(-1);
  if (last !== undefined && page.length === PAGE_SIZE) {
    return { entries, cursor: { group: from.group, at: last.at, shard: last.shard, id: last.id } };
  }
  const next = from.group + SHARDS_AT_ONCE;
  return { entries, cursor: next < shards.total ? beginOf(next) : null };
}

/** Of one time the entries of shards with smaller numbers come first. */
function firstOf(number: number, { shard, id }: TrailCursor): number {
  if (number === shard) return id;
  return number < shard ? Number.MAX_SAFE_INTEGER : -1;
}

type Placed = TrailRow & { readonly shard: number };

const byPlace = (a: Placed, b: Placed): number => a.at - b.at || a.shard - b.shard || a.id - b.id;

const toEntry = async ({ at, event, guid, actor }: TrailRow): Promise<TrailEntry> => ({
  at: new Date(at).toISOString(),
  event,
  id: guid === null ? null : await deriveCredentialId(guid),
  by: actor,
});
