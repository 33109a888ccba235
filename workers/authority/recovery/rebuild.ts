/** Rebuilding rows of credentials from the catalogue in KV. */

import type { CredentialOwner, NewCredential, PutBack } from '../../../durable-objects/credential-shard/credential.ts';
import { tryParseGuid } from '../../../shared/protocol/guid.ts';
import { isValidIdentity } from '../../../shared/protocol/identity.ts';
import { CATALOGUE_PREFIX, type EntryMetadata, tryParseState } from '../credentials/catalogue.ts';
import { adopt, type Credentials } from '../credentials/credentials.ts';
import { inGroups } from '../credentials/in-groups.ts';
import { verifyCsr } from '../registration/csr-policy.ts';
import { describeCredential } from '../registration/describe-credential.ts';

/** Entries of one page: each may take a read of KV, a call of a shard, and one of an owner's object. */
const PAGE_SIZE = 100;

/** A page of a rebuild. */
export interface Rebuilt {
  /** Entries that were compared with their rows. */
  readonly compared: number;
  /** Rows that were not there, and are now. */
  readonly added: number;
  /** Rows that a revocation was applied to. */
  readonly revoked: number;
  /** Rows that are not there, and cannot be made of what KV has; or that cannot move. */
  readonly refused: number;
  /** Null at the end. */
  readonly cursor: string | null;
}

/**
 * Compares a page of entries with their rows, and makes the rows that are not there. Of a row's content only the days of use
 * are not in KV.
 * @param cursor of KV.
 */
export async function rebuildPage(
  catalogue: KVNamespace,
  stored: Credentials,
  cursor: string | null,
): Promise<Rebuilt> {
  const listed = await catalogue.list<EntryMetadata>({ prefix: CATALOGUE_PREFIX, cursor, limit: PAGE_SIZE });
  const states = listed.keys.flatMap(({ metadata }) => tryParseState(metadata) ?? []);
  const outcomes = await stored.shards.reconcile(states);
  // Also those that are pending: the shard may have been lost before it told KV of the row. A row of a registration that
  // came to no answer harms none, because no client has its GUID.
  const missing = listed.keys.filter(({ metadata }) => {
    const state = tryParseState(metadata);
    return state !== undefined && outcomes.get(state.guid) === 'missing';
  });
  const read = await inGroups(missing, ({ name, metadata }) => readCredential(catalogue, name, metadata));
  const credentials = read.flatMap((each) => each ?? []);
  const put = await putBackOwned(stored, credentials);
  return {
    compared: states.length,
    added: put.added,
    revoked: [...outcomes.values()].filter((outcome) => outcome === 'revoked').length + put.revoked,
    refused: read.length - credentials.length + put.refused.length,
    cursor: listed.list_complete ? null : listed.cursor,
  };
}

/** Puts credentials back, and tells the objects of their owners. */
export async function putBackOwned(stored: Credentials, credentials: readonly NewCredential[]): Promise<PutBack> {
  if (credentials.length === 0) return { added: 0, revoked: 0, refused: [] };
  const put = await stored.shards.putBack(credentials);
  const byOwner = new Map<string, CredentialOwner[]>();
  for (const credential of credentials) {
    if (put.refused.includes(credential.guid)) continue;
    byOwner.set(credential.owner, [...(byOwner.get(credential.owner) ?? []), { ...credential, isOwned: false }]);
  }
  await inGroups([...byOwner.values()], (members) => adopt(stored, members));
  return put;
}

/** @returns undefined when the entry is none of a credential. */
async function readCredential(
  catalogue: KVNamespace,
  key: string,
  metadata: EntryMetadata | undefined,
): Promise<NewCredential | undefined> {
  const guid = tryParseGuid(metadata?.guid ?? '');
  const csr = await catalogue.get(key, 'arrayBuffer');
  if (guid === undefined || metadata === undefined || csr === null) return undefined;
  const { owner, organization, scopes, registeredAt, endsAt, supersedes, state, revokedAt } = metadata;
  const identity = { owner, organization, scopes: scopes === '' ? [] : scopes.split(' ') };
  const verified = await verifyCsr(new Uint8Array(csr));
  const time = Date.parse(registeredAt);
  if (!verified.ok || !isValidIdentity(identity) || Number.isNaN(time)) return undefined;
  return describeCredential(verified.value, identity, {
    guid,
    registeredAt: time,
    endsAt: endsAt === undefined ? null : Date.parse(endsAt),
    supersedes: tryParseGuid(supersedes ?? '') ?? null,
    revokedAt: state === 'revoked' ? Date.parse(revokedAt ?? registeredAt) : null,
  });
}
