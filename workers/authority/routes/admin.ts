/** Administration, as the edge passes it on: the credentials of an owner, and revocation (draft 4.4). */

import { Hono } from 'hono';
import type { RevocationScope } from '../../../durable-objects/credential-shard/credential.ts';
import { parseDateTime } from '../../../shared/encoding/date-time.ts';
import { tryParse } from '../../../shared/encoding/error.ts';
import { tryParseGuid } from '../../../shared/protocol/guid.ts';
import { problemResponse } from '../../../shared/protocol/problem.ts';
import type { Shards } from '../credentials/shards.ts';

export function admin(shards: Shards): Hono {
  return new Hono()
    .get('/credentials', async (c) => {
      const owner = c.req.query('owner');
      if (owner === undefined || owner === '') return problemResponse('query-malformed');
      const found = await Promise.all(shards.all().map((shard) => shard.list(owner)));
      const credentials = found.flat().sort((a, b) => a.registeredAt.localeCompare(b.registeredAt));
      return c.json({ credentials }, 200, { 'Cache-Control': 'no-store' });
    })
    .delete('/credentials/:guid', async (c) => {
      const guid = tryParseGuid(c.req.param('guid'));
      const revoked = guid === undefined ? 0 : await shards.at(await shards.numberOf(guid)).revoke({ guid });
      return c.json({ revoked }, 200, { 'Cache-Control': 'no-store' });
    })
    .delete('/credentials', async (c) => {
      const scope = scopeOf(c.req.queries());
      if (scope === undefined) return problemResponse('query-malformed');
      const counts = await Promise.all(shards.all().map((shard) => shard.revoke(scope)));
      const revoked = counts.reduce((sum, count) => sum + count, 0);
      return c.json({ revoked }, 200, { 'Cache-Control': 'no-store' });
    });
}

/** Exactly one of `owner` and `before`: a slip must not revoke more than was meant. */
function scopeOf(query: Record<string, string[]>): RevocationScope | undefined {
  const [[name, values] = [], ...others] = Object.entries(query);
  const [value, ...more] = values ?? [];
  if (value === undefined || value === '' || more.length > 0 || others.length > 0) return undefined;
  if (name === 'owner') return { owner: value };
  const before = name === 'before' ? tryParse(() => parseDateTime(value)) : undefined;
  return before === undefined ? undefined : { before };
}
