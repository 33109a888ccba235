/** The daily rest of the work on credentials: successions that failed, and credentials that are on no list. */

import type { CredentialOwner } from '../../../durable-objects/credential-shard/credential.ts';
import { log } from '../../../shared/log.ts';
import { adopt, type Credentials } from './credentials.ts';
import { inGroups } from './in-groups.ts';
import { settleSuccession } from './succession.ts';

/** Credentials of one shard, and owners of all of them, that one sweep deals with: an invocation has bounds on calls. */
const PER_SHARD = 100;
const OWNERS_PER_SWEEP = 100;
/** Shards that one sweep asks. */
const SHARDS_PER_SWEEP = 256;
/** Number of the shard with which the next sweep begins; not there for the first one. */
const CURSOR_KEY = 'settle/cursor';

/**
 * Tells as many credentials from before there were lists to the objects of their owners as fit, and settles successions.
 * Goes on where the last sweep stopped.
 */
export async function settleAll(catalogue: KVNamespace, credentials: Credentials): Promise<void> {
  const { shards } = credentials;
  // With as many shards as one sweep asks, or fewer, there is nothing to remember.
  const first = shards.total <= SHARDS_PER_SWEEP ? 0 : Number(await catalogue.get(CURSOR_KEY)) || 0;
  const unsettled = await inGroups(shards.from(first, SHARDS_PER_SWEEP), (shard) => shard.unsettled(PER_SHARD));
  const byOwner = new Map<string, CredentialOwner[]>();
  for (const each of unsettled.flatMap(({ notOwned }) => notOwned)) {
    byOwner.set(each.owner, [...(byOwner.get(each.owner) ?? []), each]);
  }
  const adopted = [...byOwner.values()].slice(0, OWNERS_PER_SWEEP);
  await inGroups(adopted, (members) => adopt(credentials, members));
  const count = adopted.reduce((sum, { length }) => sum + length, 0);
  if (count > 0) log({ event: 'credentials-adopted', count });
  const superseding = unsettled.flatMap((each) => each.superseding).slice(0, PER_SHARD);
  await inGroups(superseding, ({ guid, supersedes }) => settleSuccession(shards, guid, supersedes));
  if (shards.total <= SHARDS_PER_SWEEP) return;
  const next = first + SHARDS_PER_SWEEP;
  await catalogue.put(CURSOR_KEY, String(next < shards.total ? next : 0));
}
