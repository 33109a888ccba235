/** The daily sweep of the catalogue. */

import type { CatalogueState } from '../../../durable-objects/credential-shard/credential.ts';
import { CATALOGUE_PREFIX, type EntryMetadata, tryParseState } from './catalogue.ts';
import type { Shards } from './shards.ts';

/** Entries younger than this may belong to a registration that is still under way. */
const MIN_AGE_MS = 60 * 60 * 1000;
/** Bounds of one sweep. A page is begun as long as none is reached. */
interface Bounds {
  /** Entries of a page, each of which may take a call of a shard, or two while credentials move. */
  readonly pageSize: number;
  readonly pages: number;
  readonly calls: number;
  readonly removed: number;
}

/** An invocation has 1,000 operations of KV and 1,000 calls. */
const BOUNDS: Bounds = { pageSize: 250, pages: 40, calls: 500, removed: 500 };
const CURSOR_KEY = 'sweep/cursor';

/** The numbers of entries that a sweep dealt with. */
export interface Swept {
  /** Entries of registrations that were given up. */
  readonly removed: number;
  /** Credentials whose revocation the row did not have. */
  readonly revoked: number;
  /** Entries of credentials whose row is lost: reindexing rebuilds them. */
  readonly missing: number;
}

/**
 * Compares entries with their rows. Removes only what a crash between the two writes of a registration leaves: an entry that
 * is pending, older than an hour and without a row. Goes on where the last sweep stopped.
 * @param now milliseconds since 1970.
 */
export async function sweepCatalogue(
  catalogue: KVNamespace,
  shards: Shards,
  now: number,
  bounds = BOUNDS,
): Promise<Swept> {
  let [removed, revoked, missing, calls] = [0, 0, 0, 0];
  let cursor = await catalogue.get(CURSOR_KEY);
  for (let page = 0; page < bounds.pages && calls < bounds.calls && removed < bounds.removed; page++) {
    const listed = await catalogue.list<EntryMetadata>({ prefix: CATALOGUE_PREFIX, cursor, limit: bounds.pageSize });
    const entries = listed.keys.flatMap(({ name, metadata }) => {
      const state = tryParseState(metadata);
      return state === undefined || isYoung(metadata, now) ? [] : [{ name, state }];
    });
    const states = entries.map(({ state }) => state);
    const outcomes = await shards.reconcile(states);
    calls += Math.min(states.length, shards.total) * (shards.isMoving ? 2 : 1);
    revoked += states.filter(({ guid }) => outcomes.get(guid) === 'revoked').length;
    const lost = entries.filter(({ state }) => outcomes.get(state.guid) === 'missing');
    const givenUp = lost.filter(({ state }) => isPending(state));
    await Promise.all(givenUp.map(({ name }) => catalogue.delete(name)));
    removed += givenUp.length;
    missing += lost.length - givenUp.length;
    cursor = listed.list_complete ? null : listed.cursor;
    if (cursor === null) break;
  }
  await (cursor === null ? catalogue.delete(CURSOR_KEY) : catalogue.put(CURSOR_KEY, cursor));
  return { removed, revoked, missing };
}

const isPending = ({ state }: CatalogueState): boolean => state === 'pending';

/** Also when the time cannot be read. */
const isYoung = (metadata: EntryMetadata | undefined, now: number): boolean =>
  !(Date.parse(metadata?.registeredAt ?? '') <= now - MIN_AGE_MS);
