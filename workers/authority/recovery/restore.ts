/** Taking the shards back to an earlier time. Reindexing has to follow, which brings back what came since. */

import type { Preparation } from '../../../durable-objects/credential-shard/restore.ts';
import { inGroups } from '../credentials/in-groups.ts';
import type { ShardStub, Shards } from '../credentials/shards.ts';

/** Shards of one call, each of which is asked three times. */
const SHARDS_AT_ONCE = 64;

/** A page of a restoration. */
export interface Restored {
  readonly restored: number;
  /** Shards that are as they were. */
  readonly failed: readonly { readonly shard: number; readonly reason: string }[];
  /** Number of the next shard; null at the end. */
  readonly cursor: number | null;
}

/**
 * @param time milliseconds since 1970.
 * @param first number of the first shard.
 * @returns undefined when the platform has no point-in-time recovery, and nothing was changed.
 */
export async function restorePage(shards: Shards, time: number, first: number): Promise<Restored | undefined> {
  const members = shards.from(first, SHARDS_AT_ONCE).map((shard, at) => ({ shard, number: first + at }));
  const prepared = await inGroups(members, async ({ shard, number }) => {
    const preparation: Preparation = await shard.prepareRestore(time);
    return { number, preparation };
  });
  if (prepared.some(({ preparation }) => preparation.outcome === 'not-there')) return undefined;
  const ready = prepared.filter(({ preparation }) => preparation.outcome === 'prepared');
  await inGroups(ready, ({ number }) => restart(shards.at(number), () => shards.at(number)));
  const next = first + members.length;
  return {
    restored: ready.length,
    failed: prepared.flatMap(({ number, preparation }) =>
      preparation.outcome === 'failed' ? [{ shard: number, reason: preparation.reason }] : [],
    ),
    cursor: next < shards.total ? next : null,
  };
}

/** @param again gives a stub that has not seen the end of the object. @throws when the object does not start. */
async function restart(shard: ShardStub, again: () => ShardStub): Promise<void> {
  // The call always fails: it ends the object.
  await shard.restart().catch(() => undefined);
  await again().sample(0);
}
