/**
 * A KV namespace outside of workerd, as its binding calls it: a server that speaks HTTP. What it stores outlives workerd,
 * and a test can have it refuse, or hold a call.
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Entry {
  readonly value: Buffer;
  readonly metadata: string | undefined;
}

/** The calls of a namespace. The key of a list is its prefix. */
export type KvCall = 'get' | 'put' | 'delete' | 'list';

/** A call that is held. */
export interface HeldCall {
  readonly key: string;
  /** Goes on with it, and answers it. */
  release(): void;
}

interface Hold {
  readonly call: KvCall;
  readonly prefix: string;
  readonly moment: 'before' | 'after';
  readonly tell: (held: HeldCall) => void;
}

export interface KvServer {
  readonly port: number;
  readonly entries: ReadonlyMap<string, Entry>;
  /** Answers all calls with 500 from now on, or no more. */
  refuse(isRefusing: boolean): void;
  /** Changes members of the metadata of an entry. @throws {TypeError} when there is no such entry. */
  change(key: string, members: Readonly<Record<string, string>>): void;
  /**
   * Holds the next call with a key that begins so.
   * @param moment before it is done, or after.
   */
  holdNext(prefix: string, moment: 'before' | 'after', call?: KvCall): Promise<HeldCall>;
  close(): Promise<void>;
}

const METADATA = 'cf-kv-metadata';

export async function startKvServer(): Promise<KvServer> {
  const entries = new Map<string, Entry>();
  let isRefusing = false;
  let hold: Hold | undefined;

  /** Does a call, and waits before it or after it when it is the one to be held. */
  async function perform<T>(call: KvCall, key: string, action: () => T): Promise<T> {
    const held = hold?.call === call && key.startsWith(hold.prefix) ? hold : undefined;
    if (held === undefined) return action();
    hold = undefined;
    const pause = () => new Promise<void>((release) => held.tell({ key, release }));
    if (held.moment === 'before') await pause();
    const outcome = action();
    if (held.moment === 'after') await pause();
    return outcome;
  }

  async function put(key: string, request: IncomingMessage): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const metadata = request.headers[METADATA] as string | undefined;
    await perform('put', key, () => entries.set(key, { value: Buffer.concat(chunks), metadata }));
  }

  function list(prefix: string, cursor: string): string {
    const keys = [...entries]
      .filter(([key]) => key.startsWith(prefix) && key > cursor)
      .map(([name, { metadata }]) => ({ name, ...(metadata !== undefined && { metadata: JSON.parse(metadata) }) }));
    return JSON.stringify({ keys, list_complete: true });
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
      await perform('delete', key, () => entries.delete(key));
      return void response.end();
    }
    if (key === '') {
      const [prefix, cursor] = [url.searchParams.get('prefix') ?? '', url.searchParams.get('cursor') ?? ''];
      return void response.end(await perform('list', prefix, () => list(prefix, cursor)));
    }
    const entry = await perform('get', key, () => entries.get(key));
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
    change(key, members) {
      const entry = entries.get(key);
      if (entry === undefined) throw new TypeError(`no entry ${key}`);
      entries.set(key, { ...entry, metadata: JSON.stringify({ ...JSON.parse(entry.metadata ?? '{}'), ...members }) });
    },
    holdNext: (prefix, moment, call = 'put') =>
      new Promise((tell) => {
        hold = { call, prefix, moment, tell };
      }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
