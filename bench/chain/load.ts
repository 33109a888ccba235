/** Load on loopback: a number of connections, each with one request under way. */

import { Agent, request } from 'node:http';

const CONNECTIONS = 16;

/** One request; its body in full. */
function exchange({ agent, url, body }: Target, headers: Headers): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const outgoing = request(url.href, { agent, method, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

type Headers = Record<string, string>;

export interface Target {
  readonly url: URL;
  readonly agent: Agent;
  /** Body of a POST; undefined for a GET. */
  readonly body: string | undefined;
  /** Gives the header fields of so many requests; made ready before the time is taken. */
  readonly prepare: (count: number) => Promise<readonly Headers[]>;
}

export const target = (url: URL, prepare: Target['prepare'], body?: string): Target => ({
  url,
  prepare,
  body,
  agent: new Agent({ keepAlive: true, maxSockets: CONNECTIONS }),
});

/** The same header fields for every request. */
export const constant =
  (headers: Headers): Target['prepare'] =>
  async (count) =>
    Array<Headers>(count).fill(headers);

/** @returns microseconds for each of `count` requests, when the connections share them. */
export async function load(to: Target, count: number): Promise<number> {
  const prepared = [...(await to.prepare(count))];
  const start = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (let headers = prepared.pop(); headers !== undefined; headers = prepared.pop()) {
        const { status, body } = await exchange(to, headers);
        if (status !== 200 || body === '') throw new Error(`${to.url.pathname} was answered with ${status}`);
      }
    }),
  );
  return ((performance.now() - start) * 1000) / count;
}
