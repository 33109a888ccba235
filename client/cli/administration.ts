/** The commands of an operator, by the administrator's token. */

import { parseDateTime } from '../../shared/encoding/date-time.ts';
import { tryParse } from '../../shared/encoding/error.ts';
import { tryParseGuid } from '../../shared/protocol/guid.ts';
import type { Common } from './accounts.ts';
import { AdminClient, addCounts } from './admin-client.ts';
import type { AdminTokenOptions } from './credentials.ts';
import { print, writeLine } from './output.ts';
import { UsageError } from './usage-error.ts';

export interface AdminOptions extends Common, AdminTokenOptions {
  readonly guid?: string;
  readonly owner?: string;
  readonly device?: string;
  readonly before?: string;
  readonly unusedSince?: string;
}

const DATES = ['before', 'unusedSince'] as const;

/**
 * @returns the query of all conditions.
 * @throws {UsageError} when there is none, or a date is none.
 */
function queryOf(options: AdminOptions): URLSearchParams {
  const { owner, device, before, unusedSince } = options;
  const given = Object.entries({ owner, device, before, unusedSince }).filter(([, value]) => value !== undefined);
  if (given.length === 0) throw new UsageError('Which? --owner NAME, --device NAME, --before or --unused-since DATE');
  for (const name of DATES) {
    const text = options[name];
    if (text !== undefined && tryParse(() => parseDateTime(text)) === undefined) {
      throw new UsageError(`${text} is no date and time such as 2027-01-31T12:00:00Z.`);
    }
  }
  return new URLSearchParams(given as [string, string][]);
}

export async function revoke(edge: string, options: AdminOptions): Promise<void> {
  const { guid } = options;
  if (guid !== undefined && tryParseGuid(guid) === undefined) throw new UsageError(`${guid} is no GUID.`);
  const path = guid === undefined ? `?${queryOf(options)}` : `/${encodeURIComponent(guid)}`;
  const client = await AdminClient.open(edge, options);
  const counts = { revoked: 0 };
  for await (const page of client.pages('DELETE', `credentials${path}`)) addCounts(counts, page);
  const { revoked } = counts;
  if (options.json) return writeLine(JSON.stringify({ revoked }));
  return print({ revoked: String(revoked) }, {});
}

interface Credential {
  readonly guid: string;
  readonly device: string;
  readonly keyType: string;
  readonly registeredAt: string;
  readonly endsAt: string | null;
  readonly lastUsedOn: string | null;
  readonly revokedAt: string | null;
}

export async function credentials(edge: string, options: AdminOptions): Promise<void> {
  const path = `credentials?${queryOf(options)}`;
  const client = await AdminClient.open(edge, options);
  const found: Credential[] = [];
  for await (const page of client.pages('GET', path)) found.push(...(page['credentials'] as readonly Credential[]));
  found.sort((a, b) => a.registeredAt.localeCompare(b.registeredAt));
  if (options.json) return writeLine(JSON.stringify(found));
  for (const { guid, keyType, registeredAt, lastUsedOn, device, ...ends } of found) {
    const used = lastUsedOn === null ? 'not used' : `used ${lastUsedOn}`;
    await writeLine([guid, keyType, registeredAt, used, stateOf(ends), device].join('  '));
  }
  return undefined;
}

function stateOf({ endsAt, revokedAt }: Pick<Credential, 'endsAt' | 'revokedAt'>): string {
  if (revokedAt !== null) return `revoked ${revokedAt}`;
  return endsAt !== null && Date.parse(endsAt) < Date.now() ? `ended ${endsAt}` : 'valid';
}
