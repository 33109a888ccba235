/**
 * A KV namespace outside of workerd, as its binding calls it: a server that speaks HTTP. What it stores outlives workerd,
 * and a test can have it refuse, or hold a write.
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Entry {
  readonly value: Buffer;
  readonly metadata: string | undefined;
}

/** A write that is held. */
export interface HeldWrite {
  readonly key: string;
  /** Does the write, and answers it. */
  release(): void;
}

export interface KvServer {
  readonly port: number;
  readonly entries: ReadonlyMap<string, Entry>;
  /** Answers all calls with 500 from now on, or no more. */
  refuse(isRefusing: boolean): void;
  /**
   * Holds the next write of a key that begins so.
   * @param moment before it is stored, or after.
   */
  holdNext(prefix: string, moment: 'before' | 'after'): Promise<HeldWrite>;
  close(): Promise<void>;
}

const METADATA = 'cf-kv-metadata';

export async function startKvServer(): Promise<KvServer> {
  const entries = new Map<string, Entry>();
  let isRefusing = false;
  let held: { prefix: string; moment: 'before' | 'after'; tell: (write: HeldWrite) => void } | undefined;

  async function put(key: string, request: IncomingMessage): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const metadata = request.headers[METADATA] as string | undefined;
    const store = () => entries.set(key, { value: Buffer.concat(chunks), metadata });
    const hold = held !== undefined && key.startsWith(held.prefix) ? held : undefined;
    if (hold === undefined) return void store();
    held = undefined;
    if (hold.moment === 'after') store();
    await new Promise<void>((release) => hold.tell({ key, release }));
    store();
  }

  function list(url: URL, response: ServerResponse): void {
    const [prefix, cursor] = [url.searchParams.get('prefix') ?? '', url.searchParams.get('cursor') ?? ''];
    const keys = [...entries]
      .filter(([key]) => key.startsWith(prefix) && key > cursor)
      .map(([name, { metadata }]) => ({ name, ...(metadata !== undefined && { metadata: JSON.parse(metadata) }) }));
    response.end(JSON.stringify({ keys, list_complete: true }));
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://kv');
    const key = decodeURIComponent(url.pathname.slice(1));
    if (isRefusing) return void response.writeHead(500).end();
    if (request.method === 'PUT') {
      // The connection of a workerd that was killed breaks.
      await put(key, request).catch(() => undefined);
      return void response.end();
    }
    if (request.method === 'DELETE') {
      entries.delete(key);
      return void response.end();
    }
    if (key === '') return list(url, response);
    const entry = entries.get(key);
    if (entry === undefined) return void response.writeHead(404).end();
    return void response
      .writeHead(200, entry.metadata === undefined ? {} : { [METADATA]: entry.metadata })
      .end(entry.value);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    entries,
    refuse(value) {
      isRefusing = value;
    },
    holdNext: (prefix, moment) =>
      new Promise((tell) => {
        held = { prefix, moment, tell };
      }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
