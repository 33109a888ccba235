/** Reindexing: all rows are where they are looked for, and say what the catalogue in KV says. */

import { EncodingError } from '../../../shared/encoding/error.ts';
import type { Credentials } from '../credentials/credentials.ts';
import { FIRST_ROW, formatRowCursor, parseRowCursor, type RowCursor } from './cursor.ts';
import { movePage } from './move.ts';
import { type Rebuilt, rebuildPage } from './rebuild.ts';

/** A page of reindexing. */
export interface Reindexed extends Omit<Rebuilt, 'cursor'> {
  /** Rows that went to another shard. */
  readonly moved: number;
  /** Of the next page; null at the end. */
  readonly cursor: string | null;
}

type ReindexCursor = { readonly rows: RowCursor } | { readonly catalogue: string | null };

/** Cursors of KV have any characters. */
const [ROWS, CATALOGUE] = ['rows:', 'catalogue:'];

/** @throws {EncodingError} when it is none. */
export function parseReindexCursor(text: string | undefined): ReindexCursor {
  if (text === undefined) return { rows: FIRST_ROW };
  if (text.startsWith(ROWS)) return { rows: parseRowCursor(text.slice(ROWS.length)) };
  if (!text.startsWith(CATALOGUE)) throw new EncodingError('no cursor');
  return { catalogue: text.slice(CATALOGUE.length) || null };
}

/** Does one page: first of rows that have to move, then of entries whose rows are compared and rebuilt. */
export async function reindexPage(
  catalogue: KVNamespace,
  stored: Credentials,
  cursor: ReindexCursor,
): Promise<Reindexed> {
  if ('rows' in cursor && stored.shards.isMoving) {
    const { moved, refused, cursor: next } = await movePage(stored.shards, cursor.rows);
    const nothing = { compared: 0, added: 0, revoked: 0 };
    return { moved, ...nothing, refused, cursor: next === null ? CATALOGUE : ROWS + formatRowCursor(next) };
  }
  const from = 'rows' in cursor ? null : cursor.catalogue;
  const { cursor: next, ...rebuilt } = await rebuildPage(catalogue, stored, from);
  return { moved: 0, ...rebuilt, cursor: next === null ? null : CATALOGUE + next };
}
