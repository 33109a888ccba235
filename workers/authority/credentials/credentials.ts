/** The credentials of the authority: their shards, and the objects of their owners. */

import type { CredentialOwner, CredentialSummary } from '../../../durable-objects/credential-shard/credential.ts';
import type { OwnerEntry } from '../../../durable-objects/resource-owner/entry.ts';
import { deriveCredentialId } from './credential-id.ts';
import type { Owners } from './owners.ts';
import type { Shards } from './shards.ts';

/** Where credentials are. */
export interface Credentials {
  readonly shards: Shards;
  readonly owners: Owners;
}

/** @param now milliseconds since 1970. */
export const isValid = ({ revokedAt, endsAt }: CredentialSummary, now: number): boolean =>
  revokedAt === null && (endsAt === null || Date.parse(endsAt) > now);

/** The entry of a credential from before there were lists, or whose row was rebuilt: it is not looked for by its CSR any more. */
export const entryOf = async ({ guid, registeredAt, supersedes }: CredentialOwner): Promise<OwnerEntry> => ({
  id: await deriveCredentialId(guid),
  guid,
  fingerprint: '',
  supersedes: supersedes ?? null,
  registeredAt,
});

/** Puts credentials of one owner on its list, and notes it in their rows. */
export async function adopt({ shards, owners }: Credentials, members: readonly CredentialOwner[]): Promise<void> {
  const [first] = members;
  if (first === undefined) return;
  await owners.of(first.owner).adopt(await Promise.all(members.map(entryOf)));
  await shards.markOwned(members.map(({ guid }) => guid));
}
