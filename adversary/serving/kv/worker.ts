/** A KV namespace that is kept on disk, as workerd's binding calls it: a service that speaks HTTP. */

import { DurableObject } from 'cloudflare:workers';

interface KvEnv {
  readonly STORE: DurableObjectNamespace<KvStore>;
}

type Entry = { value: ArrayBuffer; metadata: string | null };

const METADATA = 'CF-KV-Metadata';
const MAX_LISTED = 1000;

export class KvStore extends DurableObject<KvEnv> {
  readonly #sql = this.ctx.storage.sql;

  constructor(ctx: DurableObjectState, env: KvEnv) {
    super(ctx, env);
    this.#sql.exec('CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value BLOB, metadata TEXT)');
  }

  get(key: string): Entry | undefined {
    return this.#sql.exec<Entry>('SELECT value, metadata FROM entries WHERE key = ?', key).toArray()[0];
  }

  put(key: string, value: ArrayBuffer, metadata: string | null): void {
    this.#sql.exec('INSERT OR REPLACE INTO entries VALUES (?, ?, ?)', key, value, metadata);
  }

  delete(key: string): void {
    this.#sql.exec('DELETE FROM entries WHERE key = ?', key);
  }

  /** @returns the keys that begin with the prefix, behind the cursor, which is the last key of the page before. */
  list(prefix: string, cursor: string): { name: string; metadata: string | null }[] {
    const query = `SELECT key AS name, metadata FROM entries WHERE substr(key, 1, ?) = ? AND key > ? ORDER BY key LIMIT ?`;
    return this.#sql
      .exec<{ name: string; metadata: string | null }>(query, prefix.length, prefix, cursor, MAX_LISTED)
      .toArray();
  }
}

export default {
  async fetch(request, { STORE }) {
    const store = STORE.getByName('store');
    const { pathname, searchParams } = new URL(request.url);
    const key = decodeURIComponent(pathname.slice(1));
    if (request.method === 'PUT') {
      await store.put(key, await request.arrayBuffer(), request.headers.get(METADATA));
      return new Response(null);
    }
    if (request.method === 'DELETE') {
      await store.delete(key);
      return new Response(null);
    }
    if (key === '') {
      const listed = await store.list(searchParams.get('prefix') ?? '', searchParams.get('cursor') ?? '');
      const isComplete = listed.length < MAX_LISTED;
      const keys = listed.map(({ name, metadata }) => ({ name, ...(metadata && { metadata: JSON.parse(metadata) }) }));
      return Response.json({ keys, list_complete: isComplete, cursor: isComplete ? undefined : listed.at(-1)?.name });
    }
    const entry = await store.get(key);
    if (entry === undefined) return new Response(null, { status: 404 });
    return new Response(entry.value, { headers: entry.metadata === null ? {} : { [METADATA]: entry.metadata } });
  },
} satisfies ExportedHandler<KvEnv>;
