/** The commands of an operator, by the administrator's token. */

import { parseDateTime } from '../../shared/encoding/date-time.ts';
import { tryParse } from '../../shared/encoding/error.ts';
import { tryParseGuid } from '../../shared/protocol/guid.ts';
import { CaleError } from '../errors.ts';
import { send } from '../exchange/send.ts';
import { type Common, edgeOf, print, UsageError } from './common.ts';

export interface AdminOptions extends Common {
  readonly token: string;
  readonly guid?: string;
  readonly owner?: string;
  readonly before?: string;
}

async function ask(method: string, edge: string, path: string, token: string): Promise<unknown> {
  const request = new Request(`${edgeOf(edge)}/admin/credentials${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}` },
  });
  const response = await send({ fetch }, request);
  return response.json().catch(() => {
    throw new CaleError('not-sealed');
  });
}

export async function revoke(edge: string, options: AdminOptions): Promise<void> {
  const { guid, owner, before, token } = options;
  const query = owner === undefined ? before && { before } : { owner };
  if (guid === undefined && !query) throw new UsageError('Which? --guid GUID, --owner NAME or --before DATE');
  if (guid !== undefined && tryParseGuid(guid) === undefined) throw new UsageError(`${guid} is no GUID.`);
  if (before !== undefined && tryParse(() => parseDateTime(before)) === undefined) {
    throw new UsageError(`${before} is no date and time such as 2027-01-31T12:00:00Z.`);
  }
  const path = guid === undefined ? `?${new URLSearchParams(query || {})}` : `/${encodeURIComponent(guid)}`;
  const { revoked } = (await ask('DELETE', edge, path, token)) as { revoked: number };
  if (options.json) console.log(JSON.stringify({ revoked }));
  else print({ revoked: String(revoked) }, {});
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
  const answer = (await ask('GET', edge, `?${query}`, options.token)) as { credentials: readonly Credential[] };
  if (options.json) console.log(JSON.stringify(answer.credentials));
  else {
    for (const { guid, keyType, registeredAt, revokedAt, device } of answer.credentials) {
      console.log(
        [guid, keyType, registeredAt, revokedAt === null ? 'valid' : `revoked ${revokedAt}`, device].join('  '),
      );
    }
  }
}
