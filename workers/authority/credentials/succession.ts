/** Succession: the credential that another one renews is revoked once that one was used. */

import { log, reasonOf } from '../../../shared/log.ts';
import type { Guid } from '../../../shared/protocol/guid.ts';
import type { Shards } from './shards.ts';

/**
 * Revokes the superseded credential, and notes that it is done. Never throws: the note stays away then, so that it is done
 * with the next request or by the daily sweep.
 * @returns false when it failed.
 */
export async function settleSuccession(shards: Shards, guid: Guid, supersedes: Guid): Promise<boolean> {
  try {
    await shards.revoke({ guid: supersedes }, 'renewal');
    await shards.settle(guid);
    return true;
  } catch (error) {
    log({ event: 'succession-not-settled', reason: reasonOf(error) });
    return false;
  }
}
