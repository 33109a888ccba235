/** The port that the edge listens at. */

import http from 'node:http';
import https from 'node:https';
import { createServer } from 'node:net';
import { DevError } from './options.ts';

/** @throws {DevError} when nothing can listen there. */
export function assertPortIsFree(ip: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      const reason = code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${code ?? message})`;
      reject(
        new DevError(
          `Port ${port} of ${ip} ${reason}: choose another one, as by --port ${port === 65535 ? 8787 : port + 1}.`,
        ),
      );
    });
    server.listen(port, ip, () => server.close(() => resolve()));
  });
}

/** Waits for an answer of any kind, of a server that has begun to listen. Its certificate may be its own. */
export function firstAnswer(url: string): Promise<void> {
  const { request } = url.startsWith('https:') ? https : http;
  return new Promise((resolve) => {
    const head = request(url, { method: 'HEAD', rejectUnauthorized: false }, (response) => {
      response.resume();
      resolve();
    });
    head.on('error', () => setTimeout(() => resolve(firstAnswer(url)), 200));
    head.end();
  });
}
