/** Importing credentials that were exported: into any number of shards, and as often as one likes. */

import type { CatalogueState, NewCredential } from '../../../durable-objects/credential-shard/credential.ts';
import { EncodingError } from '../../../shared/encoding/error.ts';
import type { Guid } from '../../../shared/protocol/guid.ts';
import { addToCatalogue, catalogueKey, pendingMetadata } from '../credentials/catalogue.ts';
import type { Credentials } from '../credentials/credentials.ts';
import { inGroups } from '../credentials/in-groups.ts';
import { keyOf } from '../holders.ts';
import { verifyCsr } from '../registration/csr-policy.ts';
import { describeCredential } from '../registration/describe-credential.ts';
import { putBackOwned } from './rebuild.ts';
import { type ParsedCredential, parseTransferred } from './transferred.ts';

/** Credentials of one call: each takes two operations of KV, a call of a shard, and one of an owner's object. */
export const MAX_IMPORTED = 100;

export interface Imported {
  /** Rows that were not there. */
  readonly added: number;
  /** Rows that were there, and that a revocation was applied to. */
  readonly revoked: number;
  /** Those that are no credentials, by their place in the list. */
  readonly refused: readonly { readonly at: number; readonly reason: string }[];
}

/** Puts credentials back. A row that is there is never overwritten, and never loses its revocation. */
export async function importCredentials(
  catalogue: KVNamespace,
  stored: Credentials,
  values: readonly unknown[],
): Promise<Imported> {
  const refused: { at: number; reason: string }[] = [];
  const credentials: NewCredential[] = [];
  const pending: CatalogueState[] = [];
  const places = new Map<Guid, number>();
  await inGroups([...values.entries()], async ([at, value]) => {
    try {
      const parsed = parseTransferred(value);
      const credential = await credentialOf(parsed);
      if (await addIfMissing(catalogue, stored, parsed)) {
        pending.push({ guid: credential.guid, state: 'pending', revokedAt: null });
      }
      credentials.push(credential);
      places.set(credential.guid, at);
    } catch (error) {
      if (!(error instanceof EncodingError)) throw error;
      refused.push({ at, reason: error.message });
    }
  });
  // Where the entry was lost and the row was not, KV is told what the row says. The shard does so itself for new rows.
  await stored.shards.reconcile(pending);
  const put = await putBackOwned(stored, credentials);
  for (const guid of put.refused) {
    const at = places.get(guid) ?? 0;
    refused.push({ at, reason: 'another credential has the number of its row' });
  }
  return { added: put.added, revoked: put.revoked, refused };
}

/** @throws {EncodingError} when the CSR breaks a rule; without one, when the template has no key. */
async function credentialOf({ identity, facts, csr, kept }: ParsedCredential): Promise<NewCredential> {
  if (csr === null) {
    keyOf(kept.template);
    return { ...facts, ...identity, ...kept, catalogueKey: await catalogueKey(facts.guid) };
  }
  const verified = await verifyCsr(csr);
  if (!verified.ok) throw new EncodingError(`${verified.fault}: ${verified.detail}`);
  return describeCredential(verified.value, identity, facts);
}

/** @returns true when KV did not have the CSR. */
async function addIfMissing(
  catalogue: KVNamespace,
  { shards }: Credentials,
  { identity, facts, csr }: ParsedCredential,
): Promise<boolean> {
  const key = await catalogueKey(facts.guid);
  if (csr === null || (await catalogue.get(key, 'arrayBuffer')) !== null) return false;
  const shard = await shards.numberOf(facts.guid);
  await addToCatalogue(catalogue, key, csr, pendingMetadata({ ...facts, identity, shard }));
  return true;
}
