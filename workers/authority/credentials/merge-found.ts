import type { FoundOwner, MovingOwner } from '../../../durable-objects/credential-shard/credential.ts';

/**
 * A credential as the shard from which it moves found it, and after that the one to which it moves. It is valid when no row
 * of it is refused.
 *
 * A nonce is admitted once. Each request asks both shards, the previous one first, and what admits it notes it: a shard that
 * has the row. The note stays where the row has left. Take two requests with one nonce. When one of them finds the row in
 * the previous shard, the other finds it there too, or comes later and finds the note. When both find it in the current
 * shard only, they meet there.
 */
export function mergeFound({ isNonceUsed, ...before }: MovingOwner, now: FoundOwner): FoundOwner {
  const found = now.found ?? before.found;
  const owner = (now.found === null && before.found !== null ? before.owner : now.owner) ?? before.owner;
  if (found === null) return { found, owner };
  const refusal = now.found?.refusal ?? before.found?.refusal ?? (isNonceUsed ? 'nonce-not-admitted' : null);
  return { found: { ...found, refusal }, owner };
}
