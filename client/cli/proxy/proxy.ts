/** `cale proxy`: an opened view of an API on loopback, for tools that know nothing of CALE. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CaleClient } from '../../client.ts';
import { type Common, findAccount, loadClient } from '../accounts.ts';
import { note, writeLine } from '../output.ts';
import { parseUrl } from '../url.ts';
import { UsageError } from '../usage-error.ts';
import { answer, sendProblem } from './exchange.ts';
import { Guard, newToken } from './guard.ts';

const PARENT_CHECKED_EVERY_MS = 500;

export interface ProxyOptions extends Common {
  readonly port: number;
  readonly seal?: boolean;
}

/** Runs until it is interrupted. */
export async function proxy(text: string, options: ProxyOptions): Promise<void> {
  const url = parseUrl(text);
  if (url.pathname + url.search + url.hash !== '/') {
    throw new UsageError(`The whole API is served, with its own paths: cale proxy ${url.origin}`);
  }
  const parent = process.ppid;
  const account = await findAccount(url.origin, options.account);
  const client = await loadClient(account, { sealRequests: options.seal ?? false });
  const ended = interrupted(parent);
  const token = newToken();
  const server = createServer();
  const address = await listen(server, options.port);
  serve(server, client, new Guard(address.port, token));
  await tell({ url: `http://127.0.0.1:${address.port}`, edge: client.edge, owner: client.owner ?? '', token }, options);
  await ended;
  // Requests that are under way are broken off.
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

/** @throws {UsageError} when the port cannot be had. */
function listen(server: Server, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      const reason = code === 'EADDRINUSE' ? 'it is taken' : code === 'EACCES' ? 'this user may not' : message;
      reject(new UsageError(`Port ${port} cannot be listened on: ${reason}. --port says another one.`));
    });
    server.listen(port, '127.0.0.1', () => resolve(server.address() as AddressInfo));
  });
}

function serve(server: Server, client: CaleClient, guard: Guard): void {
  server.on('request', async (incoming, outgoing) => {
    const refused = guard.refusalOf(incoming);
    if (refused !== undefined) {
      const challenge = { 'WWW-Authenticate': ['Bearer', 'Basic realm="cale proxy", charset="UTF-8"'] };
      return sendProblem(outgoing, { ...refused, ...(refused.status === 401 && { headers: challenge }) });
    }
    const controller = new AbortController();
    outgoing.on('close', () => controller.abort());
    const problem = await answer(client, incoming, outgoing, controller.signal);
    // A tool may not show what it was answered with. A query can hold secrets.
    if (problem !== undefined && !controller.signal.aborted) {
      note(`${incoming.method} ${incoming.url?.replace(/\?.*/, '')}: ${problem.title}`);
    }
  });
}

async function tell(view: Record<'url' | 'edge' | 'owner' | 'token', string>, { json }: Common): Promise<void> {
  if (json) return writeLine(JSON.stringify(view));
  await writeLine(`${view.url} is ${view.edge}, opened for ${view.owner || 'its owner'}. Ctrl-C ends it.`);
  await writeLine(`token: ${view.token}`);
  await writeLine('Send it with each request: Authorization: Bearer TOKEN, or as the password of any user by Basic.');
}

/**
 * Waits for Ctrl-C, for a signal to end, or for the end of npm where that started it: npm does not pass that on.
 * @param parent process as it was at the start.
 */
const interrupted = (parent: number): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    if (process.env['npm_lifecycle_event'] === undefined) return;
    setInterval(() => process.ppid !== parent && resolve(), PARENT_CHECKED_EVERY_MS).unref();
  });
