/** An API on loopback that knows nothing of this protocol, and keeps what it was asked. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A request as it came in. */
export interface Received {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** By lower-case name, each line. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
}

export type Reply = (response: ServerResponse, received: Received, request: IncomingMessage) => void;

export interface UpstreamServer {
  readonly url: string;
  /** The requests since the last call. */
  take(): Received[];
  /** Is told of each part of a body when it comes. */
  onChunk(listener: (chunk: string) => void): void;
  close(): Promise<void>;
}

/**
 * @param replies by path, without the query; others are told what was received.
 * @param at port; by default any.
 */
export async function startUpstream(replies: Readonly<Record<string, Reply>> = {}, at = 0): Promise<UpstreamServer> {
  let all: Received[] = [];
  let onChunk: (chunk: string) => void = () => undefined;
  const server = createServer(async (request, response) => {
    const { method = '', url: target = '', headersDistinct } = request;
    request.on('data', (chunk: Buffer) => onChunk(chunk.toString()));
    const body = (await buffer(request)).toString();
    const received: Received = { method, target, fields: headersDistinct as Received['fields'], body };
    all.push(received);
    const reply = replies[target.split('?')[0] ?? ''] ?? echo;
    reply(response, received, request);
  });
  await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    take() {
      const taken = all;
      all = [];
      return taken;
    },
    onChunk(listener) {
      onChunk = listener;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const echo: Reply = (response, received) => {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(received));
};
