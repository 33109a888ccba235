/** The commands of an operator on what was done and how things are: `cale admin audit` and `cale admin status`. */

import { AdminClient } from './admin-client.ts';
import type { AdminTokenOptions } from './credentials.ts';
import { write, writeLine } from './output.ts';

interface TrailEntry {
  readonly at: string;
  readonly event: string;
  readonly id: string | null;
  readonly by: string | null;
}

/** Prints the trail, newest last: a line an entry, with `--json` a line of JSON. */
export async function audit(edge: string, options: AdminTokenOptions): Promise<void> {
  const client = await AdminClient.open(edge, options);
  for await (const page of client.pages('GET', 'audit')) {
    for (const entry of page['entries'] as readonly TrailEntry[]) {
      if (options.json) await write(`${JSON.stringify(entry)}\n`);
      else await writeLine([entry.at, entry.event, entry.id ?? 'all', entry.by ?? 'not known'].join('  '));
    }
  }
}

interface ShardStatus {
  readonly shard: number;
  readonly live: number;
  readonly revoked: number;
  readonly ended: number;
  readonly due: number;
  readonly schemaVersion: number;
  readonly lastRegisteredAt: string | null;
}

/** Prints a line a shard, and whether KV can be reached. Ends with a failure when it cannot. */
export async function status(edge: string, options: AdminTokenOptions): Promise<void> {
  const client = await AdminClient.open(edge, options);
  const shards: ShardStatus[] = [];
  let catalogue = 'reachable';
  for await (const page of client.pages('GET', 'status')) {
    shards.push(...(page['shards'] as readonly ShardStatus[]));
    if (page['catalogue'] !== 'reachable') catalogue = 'failed';
  }
  if (catalogue !== 'reachable') process.exitCode = 1;
  if (options.json) return write(`${JSON.stringify({ shards, catalogue })}\n`);
  for (const { shard, live, revoked, ended, due, schemaVersion, lastRegisteredAt } of shards) {
    const counts = `live ${live}  revoked ${revoked}  ended ${ended}  not in KV yet ${due}`;
    const last = lastRegisteredAt === null ? 'no registration' : `last registration ${lastRegisteredAt}`;
    await writeLine(`shard ${shard}  ${counts}  ${last}  tables ${schemaVersion}`);
  }
  return writeLine(`KV: ${catalogue}`);
}
