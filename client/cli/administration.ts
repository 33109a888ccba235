/** The commands of an operator, by the administrator's token. */

import { parseGuid } from '../../shared/wire/guid.ts';
import { CaleError } from '../errors.ts';
import { send } from '../exchange.ts';
import { type Common, edgeOf, print, UsageError } from './common.ts';

/** Of RFC 3339. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

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
  const response = await send({ fetch, subtle: crypto.subtle }, request);
  return response.json().catch(() => {
    throw new CaleError('not-sealed');
  });
}

export async function revoke(edge: string, options: AdminOptions): Promise<void> {
  const { guid, owner, before, token } = options;
  const query = owner === undefined ? before && { before } : { owner };
  if (guid === undefined && !query) throw new UsageError('Which? --guid GUID, --owner NAME or --before DATE');
  if (guid !== undefined && parseGuid(guid) === undefined) throw new UsageError(`${guid} is no GUID.`);
  if (before !== undefined && !DATE_TIME.test(before)) {
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
