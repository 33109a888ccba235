/** Moving rows to the shards that they belong to, after the number of shards or the placement was changed. */

import type { PutBack } from '../../../durable-objects/credential-shard/credential.ts';
import type { Row } from '../../../durable-objects/credential-shard/row.ts';
import type { TrailRow } from '../../../durable-objects/credential-shard/trail.ts';
import { inGroups } from '../credentials/in-groups.ts';
import type { Shards } from '../credentials/shards.ts';
import { FIRST_ROW, type RowCursor } from './cursor.ts';

/** Rows that are read at once, and calls of shards after which a page ends. */
const ROWS_AT_ONCE = 100;
const MAX_CALLS = 250;
const TRAIL_AT_ONCE = 1000;

/** A page of a move. */
export interface Moved {
  readonly moved: number;
  /** Rows that cannot move, because another GUID has their number in the new shard. */
  readonly refused: number;
  /** Null at the end. */
  readonly cursor: RowCursor | null;
}

/**
 * Moves the rows of a page. Each row is in its new shard before it leaves the old one, which lets it go only when it was not
 * revoked meanwhile: else the next round takes the revocation along.
 */
export async function movePage(shards: Shards, from: RowCursor): Promise<Moved> {
  let { shard, after } = from;
  let [moved, refused, calls] = [0, 0, 0];
  while (shard < shards.total && calls < MAX_CALLS) {
    const rows: Row[] = await shards.at(shard).rows(after, ROWS_AT_ONCE);
    calls++;
    const done = await moveRows(shards, shard, rows);
    moved += done.moved;
    calls += done.calls;
    const last = rows.at(-1);
    const isEnd = last === undefined || rows.length < ROWS_AT_ONCE;
    // Those that were revoked in between are still there.
    if (done.left > 0) continue;
    refused += done.refused;
    if (isEnd && shard >= shards.count) calls += await moveTrail(shards, shard);
    [shard, after] = isEnd ? [shard + 1, FIRST_ROW.after] : [shard, last.id];
  }
  return { moved, refused, cursor: shard < shards.total ? { shard, after } : null };
}

async function moveRows(
  shards: Shards,
  shard: number,
  rows: readonly Row[],
): Promise<{ moved: number; refused: number; left: number; calls: number }> {
  const byTarget = new Map<number, Row[]>();
  for (const row of rows) {
    const target = await shards.numberOf(row.guid);
    if (target !== shard) byTarget.set(target, [...(byTarget.get(target) ?? []), row]);
  }
  const results = await inGroups([...byTarget], async ([target, members]) => {
    const { refused }: PutBack = await shards.at(target).putBackRows(members);
    return members.filter(({ guid }) => !refused.includes(guid));
  });
  const copied = results.flat();
  const refused = [...byTarget.values()].flat().length - copied.length;
  if (copied.length === 0) return { moved: 0, refused, left: 0, calls: byTarget.size };
  const states = copied.map(({ id, guid, revoked_at }) => ({ id, guid, revoked_at }));
  const moved = await shards.at(shard).removeMoved(states);
  return { moved, refused, left: copied.length - moved, calls: byTarget.size + 1 };
}

/** Moves the trail of a shard that is no more asked once credentials have moved. @returns the number of calls. */
async function moveTrail(shards: Shards, shard: number): Promise<number> {
  const target = shards.at(shard % shards.count);
  for (let calls = 1; ; calls += 3) {
    const entries: TrailRow[] = await shards.at(shard).trail({ at: -1, id: -1 }, TRAIL_AT_ONCE);
    if (entries.length === 0) return calls;
    await target.putTrail(entries);
    await shards.at(shard).removeMovedTrail(entries.map(({ id }) => id));
  }
}
