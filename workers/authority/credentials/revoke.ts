import type { CredentialSummary } from '../../../durable-objects/credential-shard/credential.ts';
import type { Actor } from '../../../durable-objects/credential-shard/trail.ts';
import type { Credentials } from './credentials.ts';

/**
 * Revokes a credential, and with it the one that is to take its place, when it is not settled yet: whoever had the key of
 * the one may have made the other. The next look-up knows.
 * @param actor for the trail.
 * @returns 1, or 0 when it was revoked already or is unknown.
 */
export async function revokeCredential(
  { shards, owners }: Credentials,
  { owner, guid }: Pick<CredentialSummary, 'owner' | 'guid'>,
  actor: Actor,
): Promise<number> {
  const revoked = await shards.revoke({ guid }, actor);
  // The rest also where it was revoked before: that call may have failed here.
  const list = owners.of(owner);
  // After the revocation: a renewal that this list does not have yet looks at the row before it answers.
  const entries = await list.entries();
  const gone = entries.filter((each) => each.guid === guid).map(({ id }) => id);
  for (const successor of entries.filter(({ supersedes }) => supersedes === guid)) {
    if ((await shards.revoke({ guid: successor.guid, supersedes: guid }, actor)) > 0) gone.push(successor.id);
  }
  await list.end(gone);
  return revoked;
}
