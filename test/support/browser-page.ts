/** Web applications that use the client, each served from an origin of its own. */

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, parse } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { ROOT } from '../../scripts/workers.ts';
import { BROWSER_BUILD } from './browser-build.ts';

const PAGE = '<!doctype html><meta charset="utf-8"><title>page</title><script type="module" src="/main.js"></script>';
const MAIN = "import * as cale from './client/index.ts'; globalThis.cale = cale;";
const EXAMPLE = join(ROOT, 'examples/service-worker');
const EXAMPLE_EDGE = 'http://127.0.0.1:8787';

export interface Served {
  readonly url: URL;
  readonly close: () => Promise<void>;
}

export async function servePage(): Promise<Served> {
  return serveFiles(PAGE, await bundle('main', MAIN));
}

export interface ServedExample extends Served {
  /** Builds the example for an edge, which has to let this page's origin in. */
  build(edge: string): Promise<void>;
}

/** Serves the example with a service worker. */
export async function serveExample(): Promise<ServedExample> {
  const files: Files = new Map();
  const served = await serveFiles(readFileSync(join(EXAMPLE, 'index.html'), 'utf8'), files);
  const build = async (edge: string) => {
    for (const file of ['main.ts', 'worker.js']) {
      const text = readFileSync(join(EXAMPLE, file), 'utf8').replaceAll(EXAMPLE_EDGE, edge);
      // In one file, because service workers have no import().
      for (const [path, script] of await bundle(parse(file).name, text, { splitting: false })) files.set(path, script);
    }
    // As the development server of Vite has it.
    files.set('/main.ts', files.get('/main.js') ?? new Uint8Array(0));
  };
  return { ...served, build };
}

/** Scripts by their paths. */
type Files = Map<string, Uint8Array>;

async function bundle(name: string, contents: string, options: BuildOptions = {}): Promise<Files> {
  const { outputFiles } = await build({
    ...BROWSER_BUILD,
    ...options,
    alias: { 'cale-workers/client': './client/index.ts' },
    stdin: { contents, loader: 'ts', resolveDir: ROOT },
    write: false,
    outdir: '/',
    entryNames: name,
  });
  return new Map(outputFiles.map(({ path, contents }) => [path, contents]));
}

async function serveFiles(page: string, files: Files): Promise<Served> {
  const server = createServer((request, response) => {
    const script = files.get(request.url ?? '');
    response.setHeader('Content-Type', script === undefined ? 'text/html' : 'text/javascript');
    response.end(script === undefined ? page : Buffer.from(script));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: new URL(`http://127.0.0.1:${address.port}`),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
