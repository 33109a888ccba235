/** Sending requests on connections that stay open. */

import { Agent, type ClientRequest, request } from 'node:http';
import type { Answer } from './answer.ts';

export interface Message {
  readonly method: string;
  /** Path and query, sent as it is. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Uint8Array | undefined;
  /** Size of the content that is asked for, where the request says one, in bytes. */
  readonly askedLength?: number | undefined;
}

/** One connection, for one request at a time. */
export class Connection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #url: URL;

  constructor(url: URL) {
    this.#url = url;
  }

  /** @throws what Node throws when the connection ends without an answer. */
  send(message: Message): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const start = performance.now();
      const outgoing = this.#begin(message);
      outgoing.on('response', (incoming) => {
        const firstByte = (performance.now() - start) * 1000;
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const time = (performance.now() - start) * 1000;
          const { statusCode: status = 0, rawHeaders } = incoming;
          resolve({ status, rawHeaders, body: new Uint8Array(Buffer.concat(chunks)), firstByte, time });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(message.body);
    });
  }

  #begin({ method, path, headers, body }: Message): ClientRequest {
    const { hostname, port } = this.#url;
    const length = body === undefined ? {} : { 'Content-Length': String(body.length) };
    const fields = { ...length, ...headers } as Record<string, string | string[]>;
    return request({ hostname, port, method, path, headers: fields, agent: this.#agent });
  }

  close(): void {
    this.#agent.destroy();
  }
}
