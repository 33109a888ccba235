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

const NO_STORE = { 'Cache-Control': 'no-store' };

/** Credentials of one shard that are listed. */
const MAX_LISTED = 1000;

export function admin(stored: Credentials): Hono {
  const { shards } = stored;
  return new Hono()
    .get('/credentials', async (c) => {
      const query = tryParse(() => parseQuery(c.req.queries()));
      if (query === undefined) return problemResponse('query-malformed');
      const found = await inGroups(shards.all(), (shard) => shard.list(query, MAX_LISTED));
      const credentials = await Promise.all(found.flat().sort(byRegistration).map(withId));
      const isAll = found.every(({ length }) => length < MAX_LISTED);
      return c.json({ credentials, ...(!isAll && { more: true }) }, 200, NO_STORE);
    })
    .delete('/credentials/:guid', async (c) => {
      const guid = tryParseGuid(c.req.param('guid'));
      const summary = guid && (await shards.summaries([guid])).get(guid);
      const revoked = summary === undefined ? 0 : await revokeCredential(stored, summary.owner, summary.guid);
      return c.json(told(revoked), 200, NO_STORE);
    })
    .delete('/credentials', async (c) => {
      const query = tryParse(() => parseQuery(c.req.queries()));
      if (query === undefined) return problemResponse('query-malformed');
      let revoked = 0;
      // Twice: a renewal that was under way may have written to a shard after that one was asked, and before the shard of
      // the credential that it renews was.
      for (let round = 0; round < 2; round++) {
        const counts = await inGroups(shards.all(), (shard) => shard.revoke(query));
        revoked += counts.reduce((sum, count) => sum + count, 0);
      }
      return c.json(told(revoked), 200, NO_STORE);
    });
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
