/** The list of an owner's credentials, as the owner reads it: in pages of one length, so that it does not tell how many. */

import type { CredentialOwner, CredentialSummary } from '../../../durable-objects/credential-shard/credential.ts';
import { type OwnerEntry, SETTLING_MS } from '../../../durable-objects/resource-owner/entry.ts';
import { utf8 } from '../../../shared/encoding/bytes.ts';
import type { Guid } from '../../../shared/protocol/guid.ts';
import type { Nonce } from '../../../shared/protocol/nonce.ts';
import { deriveCredentialId } from './credential-id.ts';
import { type Credentials, entryOf } from './credentials.ts';

/** Size of the content of every answer on this route. */
export const PAGE_BYTES = 8 * 1024;
/** Entries of one page, as far as they fit. The longest subject of a CSR fits once. */
const MAX_ENTRIES = 20;
/** Bytes of a page that are not of its entries. */
const FRAME_BYTES = 256;

/** A credential as its owner reads of it. */
export interface ListedCredential {
  readonly id: string;
  readonly device: string;
  readonly keyType: string;
  readonly registeredAt: string;
  readonly endsAt: string | null;
  readonly lastUsedOn: string | null;
  readonly revokedAt: string | null;
  /** True for the one that the request is made with. */
  readonly current: boolean;
}

export async function listedCredential(
  { guid, device, keyType, registeredAt, endsAt, lastUsedOn, revokedAt }: CredentialSummary,
  current?: Guid,
): Promise<ListedCredential> {
  const id = await deriveCredentialId(guid);
  return { id, device, keyType, registeredAt, endsAt, lastUsedOn, revokedAt, current: guid === current };
}

export interface Page {
  readonly credentials: readonly ListedCredential[];
  /** Of the page behind this one; null for none. */
  readonly next: string | null;
}

export interface ReadPage extends Page {
  /** Ids of entries whose credentials were never stored. */
  readonly lost: readonly string[];
}

/**
 * @param current the credential that asks; null where no list is shown.
 * @param cursor `next` of the page before.
 */
export async function readPage(
  { shards, owners }: Credentials,
  owner: string,
  current: CredentialOwner | null,
  cursor: string | undefined,
): Promise<ReadPage> {
  const listed: OwnerEntry[] = await owners.of(owner).entries();
  // One from before there were lists may not be on it yet.
  const isMissing = current !== null && !listed.some(({ guid }) => guid === current.guid);
  const all = isMissing ? [...listed, await entryOf(current)].sort(byAge) : listed;
  const behind = cursor === undefined ? all : all.filter((entry) => isBehind(entry, cursor));
  const candidates = behind.slice(0, MAX_ENTRIES);
  const rows = await shards.summaries(candidates.map(({ guid }) => guid));
  const before = Date.now() - SETTLING_MS;
  const lost = candidates.filter(({ guid, registeredAt }) => !rows.has(guid) && registeredAt < before);
  const credentials: ListedCredential[] = [];
  let last: OwnerEntry | undefined;
  let length = 0;
  for (const entry of candidates) {
    const row = rows.get(entry.guid);
    if (row !== undefined) {
      const credential = await listedCredential(row, current?.guid);
      length += utf8(JSON.stringify(credential)).length + 1;
      if (length > PAGE_BYTES - FRAME_BYTES && credentials.length > 0) break;
      credentials.push(credential);
    }
    last = entry;
  }
  const next = last === undefined || last === behind.at(-1) ? null : cursorOf(last);
  return { credentials, next, lost: lost.map(({ id }) => id) };
}

/** @returns a content of the one length. */
export function encodePage(members: object, nonce: Nonce | undefined): Uint8Array<ArrayBuffer> {
  const json = utf8(JSON.stringify({ ...members, nonce: nonce ?? null }));
  const page = new Uint8Array(PAGE_BYTES).fill(' '.charCodeAt(0));
  page.set(json);
  return page;
}

/** The latest first, as the owner's object has them. */
const byAge = (a: OwnerEntry, b: OwnerEntry): number => b.registeredAt - a.registeredAt || (a.id < b.id ? -1 : 1);

const cursorOf = ({ registeredAt, id }: OwnerEntry): string => `${registeredAt}.${id}`;

/** False for all entries where the cursor is none. */
function isBehind({ registeredAt, id }: OwnerEntry, cursor: string): boolean {
  const [, time, after = ''] = /^(\d{1,15})\.([A-Za-z0-9_-]{16})$/.exec(cursor) ?? [];
  if (time === undefined) return false;
  return registeredAt < Number(time) || (registeredAt === Number(time) && id > after);
}
