/** A web application that uses the client: one page, served from an origin of its own. */

import { createServer } from 'node:http';
import { build } from 'esbuild';
import { ROOT } from '../../scripts/workers.ts';
import { BROWSER_BUILD } from './browser-build.ts';

const PAGE = '<!doctype html><meta charset="utf-8"><title>page</title><script type="module" src="/main.js"></script>';
const MAIN = "import * as cale from './client/index.ts'; globalThis.cale = cale;";

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
  const files = new Map(outputFiles.map(({ path, contents }) => [path, contents]));
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
