/** Load on loopback: a number of connections, each with one request under way. */

import { Agent, request } from 'node:http';

const CONNECTIONS = 16;

/** One request; its body in full. */
function get(agent: Agent, url: URL, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url.href, { agent, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

export interface Target {
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly agent: Agent;
}

export const target = (url: URL, headers: Record<string, string> = {}): Target => ({
  url,
  headers,
  agent: new Agent({ keepAlive: true, maxSockets: CONNECTIONS }),
});

/** @returns microseconds for each of `count` requests, when the connections share them. */
export async function load({ url, headers, agent }: Target, count: number): Promise<number> {
  let left = count;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (left-- > 0) {
        const { status, body } = await get(agent, url, headers);
        if (status !== 200 || body === '') throw new Error(`${url.pathname} was answered with ${status}`);
      }
    }),
  );
  return ((performance.now() - start) * 1000) / count;
}
