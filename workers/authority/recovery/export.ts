/** Exporting credentials, with everything that their rows are rebuilt from. */

import type { Row } from '../../../durable-objects/credential-shard/row.ts';
import { encodeBase64 } from '../../../shared/encoding/base64.ts';
import { inGroups } from '../credentials/in-groups.ts';
import type { Shards } from '../credentials/shards.ts';
import type { RowCursor } from './cursor.ts';
import type { TransferredCredential } from './transferred.ts';

/** Credentials of a page, each a read of KV, and shards that are asked for it. */
const PAGE_SIZE = 100;
const MAX_CALLS = 250;

/** A page of an export. */
export interface Exported {
  readonly credentials: readonly TransferredCredential[];
  /** Null at the end. */
  readonly cursor: RowCursor | null;
}

export async function exportPage(catalogue: KVNamespace, shards: Shards, from: RowCursor): Promise<Exported> {
  let { shard, after } = from;
  const found: Row[] = [];
  for (let calls = 0; shard < shards.total && found.length < PAGE_SIZE && calls < MAX_CALLS; calls++) {
    const wanted = PAGE_SIZE - found.length;
    const rows: Row[] = await shards.at(shard).rows(after, wanted);
    found.push(...rows);
    const last = rows.at(-1);
    [shard, after] = last === undefined || rows.length < wanted ? [shard + 1, -1] : [shard, last.id];
  }
  const credentials = await inGroups(found, (row) => describeRow(catalogue, row));
  return { credentials, cursor: shard < shards.total ? { shard, after } : null };
}

async function describeRow(catalogue: KVNamespace, row: Row): Promise<TransferredCredential> {
  const csr = await catalogue.get(row.catalogue_key, 'arrayBuffer');
  return {
    guid: row.guid,
    owner: row.owner,
    organization: row.organization,
    scopes: row.scopes === '' ? [] : row.scopes.split(' '),
    device: row.device,
    keyType: row.key_type,
    csr: csr === null ? null : encodeBase64(new Uint8Array(csr)),
    csrSha256: row.csr_sha256,
    template: encodeBase64(new Uint8Array(row.profile)),
    registeredAt: dateTime(row.registered_at) ?? '',
    endsAt: dateTime(row.ends_at),
    revokedAt: dateTime(row.revoked_at),
    lastUsedOn: dateTime(row.last_used)?.slice(0, 'yyyy-mm-dd'.length) ?? null,
    supersedes: row.supersedes,
  };
}

const dateTime = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());
