/** Administration: the trail of what was done, and the state of what is stored. */

import { Hono } from 'hono';
import type { ShardStatus } from '../../../durable-objects/credential-shard/status.ts';
import { tryParse } from '../../../shared/encoding/error.ts';
import { log, reasonOf } from '../../../shared/log.ts';
import { problemResponse } from '../../../shared/protocol/problem.ts';
import { inGroups } from '../credentials/in-groups.ts';
import type { Shards } from '../credentials/shards.ts';
import { parseShardCursor } from '../recovery/cursor.ts';
import { formatTrailCursor, parseTrailCursor, readTrail, TRAIL_BEGIN } from '../recovery/read-trail.ts';

const NO_STORE = { 'Cache-Control': 'no-store' };
/** Shards that one call asks. */
const SHARDS_AT_ONCE = 128;

export function audit(catalogue: KVNamespace, shards: Shards): Hono {
  return new Hono()
    .get('/audit', async (c) => {
      const cursor = c.req.query('cursor');
      const from = cursor === undefined ? TRAIL_BEGIN : tryParse(() => parseTrailCursor(cursor));
      if (from === undefined) return problemResponse('admin-request-malformed');
      const { entries, cursor: next } = await readTrail(shards, from);
      return c.json({ entries, cursor: next && formatTrailCursor(next) }, 200, NO_STORE);
    })
    .get('/status', async (c) => {
      const first = tryParse(() => parseShardCursor(c.req.query('cursor')));
      if (first === undefined) return problemResponse('admin-request-malformed');
      const members = shards.from(first, SHARDS_AT_ONCE).map((shard, at) => ({ shard, number: first + at }));
      const [found, isReachable] = await Promise.all([
        inGroups(members, async ({ shard, number }) => describe(number, await shard.status())),
        canReach(catalogue),
      ]);
      const next = first + members.length;
      const cursor = next < shards.total ? String(next) : null;
      return c.json({ shards: found, catalogue: isReachable ? 'reachable' : 'failed', cursor }, 200, NO_STORE);
    });
}

const describe = (shard: number, { lastRegisteredAt, ...status }: ShardStatus) => ({
  shard,
  ...status,
  lastRegisteredAt: lastRegisteredAt === null ? null : new Date(lastRegisteredAt).toISOString(),
});

async function canReach(catalogue: KVNamespace): Promise<boolean> {
  try {
    await catalogue.list({ limit: 1 });
    return true;
  } catch (error) {
    log({ event: 'request-failed', reason: `KV: ${reasonOf(error)}` });
    return false;
  }
}
