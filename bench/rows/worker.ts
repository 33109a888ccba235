/**
 * A shard with many rows: GET /fill/{rows} makes one of that many, GET /find/{rows}/{times} looks up a credential of it
 * that many times, each drawn at random, as a validation does.
 */

import { CredentialShard } from '../../durable-objects/credential-shard/shard.ts';
import type { Guid } from '../../shared/protocol/guid.ts';

interface RowsEnv {
  readonly SHARDS: DurableObjectNamespace<RowsShard>;
  readonly CATALOGUE: KVNamespace;
}

const ROWS_PER_CALL = 50_000;

/** Size of a certificate template for a P-256 key. */
const TEMPLATE_BYTES = 350;

/** The product's shard, and a way to fill it at once. */
export class RowsShard extends CredentialShard {
  fill(from: number, to: number): void {
    this.ctx.storage.sql.exec(
      `WITH RECURSIVE numbers (n) AS (SELECT ? UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?)
       INSERT INTO credentials (id, guid, owner, organization, scopes, device, key_type, csr_sha256, catalogue_key,
         profile, registered_at)
       SELECT ((n * 2654435761) & 4294967295) << 16,
         printf('%08x-0000-4000-8000-%012x', (n * 2654435761) & 4294967295, n),
         'owner ' || n, 'example.com', 'read write', 'CN=phone', 'P-256',
         hex(randomblob(32)), 'csr/' || hex(randomblob(32)), randomblob(${TEMPLATE_BYTES}), n FROM numbers`,
      from,
      to,
    );
  }
}

function guidOf(row: number): Guid {
  const scattered = Number((BigInt(row) * 2654435761n) & 0xffffffffn);
  return `${scattered.toString(16).padStart(8, '0')}-0000-4000-8000-${row.toString(16).padStart(12, '0')}` as Guid;
}

export default {
  async fetch(request, { SHARDS }) {
    const [, action, rows = '', times = ''] = new URL(request.url).pathname.split('/');
    const count = Number(rows);
    const shard = SHARDS.getByName(rows);
    if (action === 'fill') {
      for (let from = 0; from < count; from += ROWS_PER_CALL) {
        await shard.fill(from, Math.min(from + ROWS_PER_CALL, count));
      }
      return new Response('filled');
    }
    for (let time = 0; time < Number(times); time++) {
      const found = await shard.find(guidOf(Math.floor(Math.random() * count)));
      if (found === null) return new Response('a row is missing', { status: 500 });
    }
    return new Response('found');
  },
} satisfies ExportedHandler<RowsEnv>;
