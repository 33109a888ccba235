/** Administration, as the edge passes it on: the credentials that match, and revocation (draft 4.4). */

import { Hono } from 'hono';
import type { CredentialQuery, CredentialSummary } from '../../../durable-objects/credential-shard/credential.ts';
import { parseDateTime } from '../../../shared/encoding/date-time.ts';
import { EncodingError, tryParse } from '../../../shared/encoding/error.ts';
import { log } from '../../../shared/log.ts';
import { tryParseGuid } from '../../../shared/protocol/guid.ts';
import { problemResponse } from '../../../shared/protocol/problem.ts';
import { deriveCredentialId } from '../credentials/credential-id.ts';
import type { Credentials } from '../credentials/credentials.ts';
import { inGroups } from '../credentials/in-groups.ts';
import { revokeCredential } from '../credentials/revoke.ts';
import { parseShardCursor } from '../recovery/cursor.ts';
import { administratorOf } from './administrator.ts';
import { audit } from './audit.ts';
import { recovery } from './recovery.ts';

const NO_STORE = { 'Cache-Control': 'no-store' };

/** Credentials of one shard that are listed. */
const MAX_LISTED = 1000;
/** Shards that one call asks: an invocation has bounds on calls and on memory. */
const LISTED_SHARDS = 128;
const REVOKED_SHARDS = 256;

export function admin(catalogue: KVNamespace, stored: Credentials): Hono {
  const { shards } = stored;
  return new Hono()
    .get('/credentials', async (c) => {
      const asked = tryParse(() => parsePagedQuery(c.req.queries()));
      if (asked === undefined) return problemResponse('query-malformed');
      const { query, first } = asked;
      const found = await inGroups(shards.from(first, LISTED_SHARDS), (shard) => shard.list(query, MAX_LISTED));
      // One that moves is in two shards for a moment.
      const byGuid = new Map(found.flat().map((each) => [each.guid, each] as const));
      const credentials = await Promise.all([...byGuid.values()].sort(byRegistration).map(withId));
      const isAll = found.every(({ length }) => length < MAX_LISTED);
      const next = first + LISTED_SHARDS;
      const cursor = next < shards.total ? String(next) : undefined;
      return c.json({ credentials, ...(!isAll && { more: true }), ...(cursor && { cursor }) }, 200, NO_STORE);
    })
    .delete('/credentials/:guid', async (c) => {
      const guid = tryParseGuid(c.req.param('guid'));
      const summary = guid && (await shards.summaries([guid])).get(guid);
      const revoked = summary === undefined ? 0 : await revokeCredential(stored, summary, administratorOf(c));
      return c.json(told(revoked), 200, NO_STORE);
    })
    .delete('/credentials', async (c) => {
      const asked = tryParse(() => parsePagedQuery(c.req.queries()));
      if (asked === undefined) return problemResponse('query-malformed');
      const { query, first } = asked;
      // Twice all of them: a renewal that was under way may have written to a shard after that one was asked, and before the
      // shard of the credential that it renews was. A row that moves may have gone to a shard that was asked before.
      const end = Math.min(first + REVOKED_SHARDS, 2 * shards.total);
      const counts: number[] = [];
      for (let from = first; from < end; from = from < shards.total ? Math.min(end, shards.total) : end) {
        const members = shards.from(from % shards.total, end - from);
        counts.push(...(await inGroups(members, (shard) => shard.revoke(query, administratorOf(c)))));
      }
      const revoked = counts.reduce((sum, count) => sum + count, 0);
      return c.json({ ...told(revoked), ...(end < 2 * shards.total && { cursor: String(end) }) }, 200, NO_STORE);
    })
    .route('/', recovery(catalogue, stored))
    .route('/', audit(catalogue, shards));
}

function told(revoked: number): { revoked: number } {
  log({ event: 'revoked', by: 'administrator', count: revoked });
  return { revoked };
}

const byRegistration = (a: CredentialSummary, b: CredentialSummary): number =>
  a.registeredAt.localeCompare(b.registeredAt);

const withId = async (summary: CredentialSummary) => ({ id: await deriveCredentialId(summary.guid), ...summary });

type Parsers = { readonly [Name in keyof CredentialQuery]-?: (value: string) => NonNullable<CredentialQuery[Name]> };

const PARSERS: Parsers = {
  owner: (text) => text,
  device: (text) => text,
  before: parseDateTime,
  unusedSince: parseDateTime,
};

const isName = (name: string): name is keyof CredentialQuery => Object.hasOwn(PARSERS, name);

/** @throws {EncodingError} unless the query is good, and the cursor is one or not there. */
function parsePagedQuery({ cursor, ...parameters }: Record<string, string[]>): {
  query: CredentialQuery;
  first: number;
} {
  if (cursor !== undefined && cursor.length > 1) throw new EncodingError('several cursors');
  return { query: parseQuery(parameters), first: parseShardCursor(cursor?.[0]) };
}

/**
 * Each parameter is known, and there once: a slip must not revoke more than was meant.
 * @throws {EncodingError} unless there is at least one, and all are good.
 */
function parseQuery(parameters: Record<string, string[]>): CredentialQuery {
  const entries = Object.entries(parameters).map(([name, [value = '', ...more]]) => {
    if (!isName(name) || value === '' || more.length > 0) throw new EncodingError(`the parameter ${name}`);
    return [name, PARSERS[name](value)] as const;
  });
  if (entries.length === 0) throw new EncodingError('no parameter');
  return Object.fromEntries(entries);
}
