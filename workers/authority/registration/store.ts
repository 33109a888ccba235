/** Storing a credential: its place on the list of its owner, its CSR in KV, its row in a shard, in this order. */

import type { CredentialSummary } from '../../../durable-objects/credential-shard/credential.ts';
import { type OwnerEntry, SETTLING_MS } from '../../../durable-objects/resource-owner/entry.ts';
import { utf8 } from '../../../shared/encoding/bytes.ts';
import { type Guid, newGuid } from '../../../shared/protocol/guid.ts';
import type { Identity } from '../../../shared/protocol/identity.ts';
import type { RequestTrace } from '../../../shared/protocol/request-trace.ts';
import type { AuthorityConfig } from '../config.ts';
import { addToCatalogue, pendingMetadata } from '../credentials/catalogue.ts';
import { deriveCredentialId } from '../credentials/credential-id.ts';
import { type Credentials, isValid } from '../credentials/credentials.ts';
import type { OwnerStub } from '../credentials/owners.ts';
import type { VerifiedCsr } from './csr-policy.ts';
import { describeCredential, sha256 } from './describe-credential.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Looks at a list that changes meanwhile. */
const MAX_ATTEMPTS = 5;
/** Looks for a row that another request is about to write, and the time between them. */
const MAX_LOOKS = 10;
const LOOK_AGAIN_MS = 200;

/** The credential that is to be stored. */
export interface CredentialRequest {
  readonly csr: VerifiedCsr;
  readonly identity: Identity;
  /** The credential that it renews; null for none. */
  readonly supersedes: Guid | null;
  readonly trace: RequestTrace;
}

/** The outcome of storing a credential. */
export type Stored =
  /** CSR and row are stored, both. */
  | { readonly outcome: 'stored'; readonly guid: Guid }
  /** The owner has as many valid credentials as there may be: these. */
  | { readonly outcome: 'too-many'; readonly credentials: readonly CredentialSummary[] }
  /** The credential that it was to renew is not valid any more. */
  | { readonly outcome: 'superseded' };

/** The same CSR with the same identity, which comes again within ten minutes, gets the same credential. */
export async function storeCredential(
  config: AuthorityConfig,
  credentials: Credentials,
  request: CredentialRequest,
): Promise<Stored> {
  const owner = credentials.owners.of(request.identity.owner);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const entry = await newEntry(request);
    const admission = await owner.admit(entry, config.credentialsPerOwner);
    if (admission.outcome === 'admitted') {
      if (!(await withdraw(credentials, admission.replaced))) {
        await owner.drop([entry.id]);
        await owner.restore(admission.replaced.map(({ id }) => id));
        return { outcome: 'superseded' };
      }
      await write(config, credentials, request, entry);
      return confirm(credentials, owner, entry);
    }
    if (admission.outcome === 'known') {
      const found = await awaitRow(credentials, admission.entry.guid);
      if (found === undefined) await write(config, credentials, request, admission.entry);
      if (found === undefined || isValid(found, Date.now())) return confirm(credentials, owner, admission.entry);
      await owner.end([admission.entry.id]);
      continue;
    }
    const { valid, isChanged } = await weedOut(credentials, owner, admission.live);
    if (!isChanged) return { outcome: 'too-many', credentials: valid };
  }
  throw new Error('the list of the owner did not come to rest');
}

async function newEntry({ csr, identity, supersedes }: CredentialRequest): Promise<OwnerEntry> {
  const guid = newGuid();
  return {
    id: await deriveCredentialId(guid),
    guid,
    fingerprint: await fingerprintOf(csr, identity, supersedes),
    supersedes,
    registeredAt: Date.now(),
  };
}

/** With the identity, because an owner may come back for the same key with other scopes. */
const fingerprintOf = async (
  { der }: VerifiedCsr,
  { organization, scopes }: Identity,
  supersedes: Guid | null,
): Promise<string> => sha256(utf8(JSON.stringify([await sha256(der), organization, scopes, supersedes])));

/**
 * KV first, then the row: a crash between the two leaves a CSR that is pending, never a GUID without one. The shard tells KV
 * soon after that the row is there. The place on the list is free again after ten minutes.
 */
async function write(
  { catalogue, credentialLifetimeDays }: AuthorityConfig,
  { shards }: Credentials,
  { csr, identity, supersedes, trace }: CredentialRequest,
  { guid, registeredAt }: OwnerEntry,
): Promise<void> {
  const endsAt = credentialLifetimeDays === null ? null : registeredAt + credentialLifetimeDays * DAY_MS;
  const credential = await describeCredential(csr, identity, { guid, registeredAt, endsAt, supersedes });
  const shard = await shards.numberOf(guid);
  trace.shard = shard;
  const metadata = pendingMetadata({ guid, identity, shard, registeredAt, endsAt, supersedes });
  await trace.time('kv', () => addToCatalogue(catalogue, credential.catalogueKey, csr.der, metadata));
  await trace.time('shard', () => shards.register({ ...credential, isOwned: true }));
}

/** @returns the row of a registration that is known to its owner's object; undefined when none comes. */
async function awaitRow({ shards }: Credentials, guid: Guid): Promise<CredentialSummary | undefined> {
  for (let look = 0; look < MAX_LOOKS; look++) {
    const found = (await shards.summaries([guid])).get(guid);
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  return undefined;
}

/**
 * Looks once more before the answer: a revocation of the old credential, or another renewal of it, may have come between,
 * and was answered then.
 */
async function confirm(
  { shards }: Credentials,
  owner: OwnerStub,
  { id, guid, supersedes }: OwnerEntry,
): Promise<Stored> {
  const guids = supersedes === null ? [guid] : [guid, supersedes];
  const [rows, isLive] = await Promise.all([shards.summaries(guids), supersedes === null || owner.isLive(id)]);
  const now = Date.now();
  const isStored = rows.has(guid);
  // Another GUID with the same number of its row: one in 2^48.
  if (!isStored) throw new Error('a random GUID was in use already');
  const old = supersedes === null ? undefined : rows.get(supersedes);
  if (supersedes === null || (isLive && old !== undefined && isValid(old, now))) return { outcome: 'stored', guid };
  await shards.revoke({ guid }, 'renewal');
  await owner.end([id]);
  return { outcome: 'superseded' };
}

/** @returns false when one of the earlier renewals was used, so that the old credential is no more. */
async function withdraw({ shards }: Credentials, replaced: readonly OwnerEntry[]): Promise<boolean> {
  for (const { guid, supersedes } of replaced) {
    if (supersedes !== null && !(await shards.withdraw(guid, supersedes))) return false;
  }
  return true;
}

/** Asks the rows of live entries, and tells the owner's object which of them are so no more. */
async function weedOut(
  { shards }: Credentials,
  owner: OwnerStub,
  live: readonly OwnerEntry[],
): Promise<{ valid: CredentialSummary[]; isChanged: boolean }> {
  const rows = await shards.summaries(live.map(({ guid }) => guid));
  const now = Date.now();
  const ended: string[] = [];
  const lost: string[] = [];
  const valid: CredentialSummary[] = [];
  for (const { id, guid, registeredAt } of live) {
    const row = rows.get(guid);
    if (row === undefined) {
      if (registeredAt < now - SETTLING_MS) lost.push(id);
    } else if (isValid(row, now)) valid.push(row);
    else ended.push(id);
  }
  await owner.end(ended);
  await owner.drop(lost);
  return { valid, isChanged: ended.length + lost.length > 0 };
}
