/** Taking a shard back to an earlier time (point-in-time recovery), which Cloudflare offers for the last 30 days. */

import { reasonOf } from '../../shared/log.ts';

/** The outcome of preparing to go back. */
export type Preparation =
  /** The shard goes back when it starts the next time. The bookmark of before leads to the state that it has now. */
  | { readonly outcome: 'prepared'; readonly before: string }
  /** The platform has no point-in-time recovery: nothing was changed. */
  | { readonly outcome: 'not-there' }
  /** Nothing was changed: KV did not take all revocations, or the platform has no state of that time. */
  | { readonly outcome: 'failed'; readonly reason: string };

type History = Pick<DurableObjectStorage, 'getBookmarkForTime' | 'onNextSessionRestoreBookmark'>;

/** The sentence with which workerd says that its storage has no history. */
const NOT_THERE = /does not implement point-in-time recovery/;

/**
 * @param time milliseconds since 1970.
 * @param carry tells KV all that is taken from there again afterwards; false: it did not take all.
 */
export async function prepareRestore(
  history: History,
  time: number,
  carry: () => Promise<boolean>,
): Promise<Preparation> {
  const found = await findBookmark(history, time);
  if (!('bookmark' in found)) return found;
  try {
    if (!(await carry())) return { outcome: 'failed', reason: 'KV did not take all states of credentials: try again' };
    return { outcome: 'prepared', before: await history.onNextSessionRestoreBookmark(found.bookmark) };
  } catch (error) {
    return { outcome: 'failed', reason: reasonOf(error) };
  }
}

/** @returns the bookmark of a time in milliseconds since 1970, or the reason why there is none. */
async function findBookmark(
  history: History,
  time: number,
): Promise<{ readonly bookmark: string } | Exclude<Preparation, { outcome: 'prepared' }>> {
  try {
    return { bookmark: await history.getBookmarkForTime(time) };
  } catch (error) {
    const reason = reasonOf(error);
    return NOT_THERE.test(reason) ? { outcome: 'not-there' } : { outcome: 'failed', reason };
  }
}
