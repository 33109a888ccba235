/** Administration of what is stored: export, import, reindexing, and going back to an earlier time. Each call does a page. */

import { type Context, Hono } from 'hono';
import { parseDateTime } from '../../../shared/encoding/date-time.ts';
import { EncodingError, tryParse } from '../../../shared/encoding/error.ts';
import { tryParseJsonObject } from '../../../shared/encoding/json.ts';
import { problemResponse } from '../../../shared/protocol/problem.ts';
import type { Credentials } from '../credentials/credentials.ts';
import { FIRST_ROW, formatRowCursor, parseRowCursor, parseShardCursor } from '../recovery/cursor.ts';
import { exportPage } from '../recovery/export.ts';
import { importCredentials, MAX_IMPORTED } from '../recovery/import.ts';
import { parseReindexCursor, reindexPage } from '../recovery/reindex.ts';
import { restorePage } from '../recovery/restore.ts';
import { administratorOf } from './administrator.ts';

const NO_STORE = { 'Cache-Control': 'no-store' };

export function recovery(catalogue: KVNamespace, stored: Credentials): Hono {
  const { shards } = stored;
  return new Hono()
    .get('/export', async (c) => {
      const cursor = c.req.query('cursor');
      const from = cursor === undefined ? FIRST_ROW : tryParse(() => parseRowCursor(cursor));
      if (from === undefined) return problemResponse('admin-request-malformed');
      // One entry for all pages.
      if (cursor === undefined) await shards.at(0).note('exported', administratorOf(c));
      const { cursor: next, ...page } = await exportPage(catalogue, shards, from);
      return c.json({ ...page, cursor: next && formatRowCursor(next) }, 200, NO_STORE);
    })
    .post('/import', async (c) => {
      const credentials = (await bodyOf(c))?.['credentials'];
      if (!Array.isArray(credentials) || credentials.length > MAX_IMPORTED) {
        return problemResponse('admin-request-malformed');
      }
      await shards.at(0).note('imported', administratorOf(c));
      return c.json(await importCredentials(catalogue, stored, credentials), 200, NO_STORE);
    })
    .post('/reindex', async (c) => {
      const cursor = tryParse(() => parseReindexCursor(c.req.query('cursor')));
      if (cursor === undefined) return problemResponse('admin-request-malformed');
      if (c.req.query('cursor') === undefined) await shards.at(0).note('reindexed', administratorOf(c));
      return c.json(await reindexPage(catalogue, stored, cursor), 200, NO_STORE);
    })
    .post('/restore', async (c) => {
      const body = await bodyOf(c);
      const asked = body && tryParse(() => parseRestore(body));
      if (asked === undefined) return problemResponse('admin-request-malformed');
      const page = await restorePage(shards, asked.time, asked.first);
      if (page === undefined) return problemResponse('restore-not-available');
      // After it: the shard that notes it has gone back too.
      await shards.at(0).note('restored', administratorOf(c));
      const { cursor, ...outcome } = page;
      return c.json({ ...outcome, cursor: cursor === null ? null : String(cursor) }, 200, NO_STORE);
    });
}

const bodyOf = async (c: Context): Promise<Readonly<Record<string, unknown>> | undefined> =>
  tryParseJsonObject(await c.req.text());

/** @throws {EncodingError} unless `to` is a time that has passed, and `cursor` is one or not there. */
function parseRestore({ to, cursor }: Readonly<Record<string, unknown>>): { time: number; first: number } {
  if (typeof to !== 'string' || (cursor !== undefined && typeof cursor !== 'string'))
    throw new EncodingError('no text');
  const time = parseDateTime(to);
  if (time > Date.now()) throw new EncodingError('a time to come');
  return { time, first: parseShardCursor(cursor) };
}
