/** The commands of an operator, by the administrator's token. */

import { parseDateTime } from '../../shared/encoding/date-time.ts';
import { tryParse } from '../../shared/encoding/error.ts';
import { tryParseJsonObject } from '../../shared/encoding/json.ts';
import { tryParseGuid } from '../../shared/protocol/guid.ts';
import { notSealed, send } from '../exchange/send.ts';
import type { Common } from './accounts.ts';
import { type AdminTokenOptions, readAdminToken } from './credentials.ts';
import { print, writeLine } from './output.ts';
import { edgeForSecrets } from './url.ts';
import { UsageError } from './usage-error.ts';

export interface AdminOptions extends Common, AdminTokenOptions {
  readonly guid?: string;
  readonly owner?: string;
  readonly before?: string;
}

/** @returns the members of the answer. */
async function ask(method: string, edge: string, path: string, options: AdminTokenOptions): Promise<unknown> {
  const origin = edgeForSecrets(edge);
  const request = new Request(`${origin}/admin/credentials${path}`, {
    method,
    headers: { Authorization: `Bearer ${await readAdminToken(options)}` },
  });
  const response = await send({ fetch }, request);
  const answer = tryParseJsonObject(await response.text());
  if (answer === undefined) throw notSealed(response);
  return answer;
}

export async function revoke(edge: string, options: AdminOptions): Promise<void> {
  const { guid, owner, before } = options;
  const query = owner === undefined ? before && { before } : { owner };
  if (guid === undefined && !query) throw new UsageError('Which? --guid GUID, --owner NAME or --before DATE');
  if (guid !== undefined && tryParseGuid(guid) === undefined) throw new UsageError(`${guid} is no GUID.`);
  if (before !== undefined && tryParse(() => parseDateTime(before)) === undefined) {
    throw new UsageError(`${before} is no date and time such as 2027-01-31T12:00:00Z.`);
  }
  const path = guid === undefined ? `?${new URLSearchParams(query || {})}` : `/${encodeURIComponent(guid)}`;
  const { revoked } = (await ask('DELETE', edge, path, options)) as { revoked: number };
  if (options.json) return writeLine(JSON.stringify({ revoked }));
  return print({ revoked: String(revoked) }, {});
}

interface Credential {
  readonly guid: string;
  readonly device: string;
  readonly keyType: string;
  readonly registeredAt: string;
  readonly revokedAt: string | null;
}

export async function credentials(edge: string, options: AdminOptions): Promise<void> {
  const query = new URLSearchParams({ owner: options.owner ?? '' });
  const answer = (await ask('GET', edge, `?${query}`, options)) as { credentials: readonly Credential[] };
  if (options.json) return writeLine(JSON.stringify(answer.credentials));
  for (const { guid, keyType, registeredAt, revokedAt, device } of answer.credentials) {
    const state = revokedAt === null ? 'valid' : `revoked ${revokedAt}`;
    await writeLine([guid, keyType, registeredAt, state, device].join('  '));
  }
  return undefined;
}
