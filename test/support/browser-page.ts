/** A web application that uses the client: one page, served from an origin of its own. */

import { createServer } from 'node:http';
import { build } from 'esbuild';
import { ROOT } from '../../scripts/workers.ts';
import { BROWSER_BUILD } from './browser-build.ts';

const PAGE = '<!doctype html><meta charset="utf-8"><title>page</title><script type="module" src="/main.js"></script>';
const MAIN = "import * as cale from './client/index.ts'; globalThis.cale = cale;";
/** It answers what a page asks for under `/by-worker/` with what the client in it gets from an edge. */
const WORKER = `
import { CaleClient } from './client/index.ts';

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {
  const { pathname, searchParams } = new URL(event.request.url);
  if (pathname.startsWith('/by-worker/')) event.respondWith(answer(event.request, pathname, searchParams.get('edge')));
});

async function answer(request, pathname, edge) {
  const client = await CaleClient.load({ edge });
  if (client === undefined) return new Response('no account', { status: 404 });
  const body = request.method === 'POST' ? await request.text() : undefined;
  return client.fetch(pathname.replace('/by-worker', ''), { method: request.method, body });
}
`;

export interface Served {
  readonly url: URL;
  readonly close: () => Promise<void>;
}

export async function servePage(): Promise<Served> {
  const { outputFiles } = await build({
    ...BROWSER_BUILD,
    stdin: { contents: MAIN, resolveDir: ROOT },
    write: false,
    outdir: '/',
    entryNames: 'main',
  });
  // In one file, because service workers have no import().
  const worker = await build({
    ...BROWSER_BUILD,
    stdin: { contents: WORKER, resolveDir: ROOT },
    splitting: false,
    write: false,
    outdir: '/',
    entryNames: 'worker',
  });
  const files = new Map([...outputFiles, ...worker.outputFiles].map(({ path, contents }) => [path, contents]));
  const server = createServer((request, response) => {
    const script = files.get(request.url ?? '');
    response.setHeader('Content-Type', script === undefined ? 'text/html' : 'text/javascript');
    response.end(script === undefined ? PAGE : Buffer.from(script));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: new URL(`http://127.0.0.1:${address.port}`),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
