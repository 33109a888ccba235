/** A page of the folder `examples`, with the client of this repository, served from an origin of its own. */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { ROOT } from '../../scripts/workers.ts';
import { BROWSER_BUILD } from './browser-build.ts';

export interface ExamplePage {
  readonly origin: string;
  /** @param replaced texts of the example, such as addresses, with those that stand in their place. */
  load(name: string, replaced: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

/** The origin is there before the page, because edge and issuer have to be told it. */
export async function serveExamplePage(): Promise<ExamplePage> {
  let files = new Map<string, string>();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const text = files.get(pathname);
    response.writeHead(text === undefined ? 404 : 200, {
      'Content-Type': pathname.endsWith('.js') ? 'text/javascript' : 'text/html',
    });
    response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async load(name, replaced) {
      const folder = join(ROOT, 'examples', name);
      const { outputFiles } = await build({
        ...BROWSER_BUILD,
        entryPoints: [join(folder, 'main.ts')],
        write: false,
        outdir: '/',
        alias: { 'cale-workers/client': join(ROOT, 'client/index.ts') },
        plugins: [replacing(folder, replaced)],
      });
      const page = await readFile(join(folder, 'index.html'), 'utf8');
      files = new Map(outputFiles.map(({ path, text }) => [path, text]));
      files.set('/', page.replace('/main.ts', '/main.js'));
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function replacing(folder: string, replaced: Readonly<Record<string, string>>): Plugin {
  return {
    name: 'replacing',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (!path.startsWith(folder)) return undefined;
        const text = await readFile(path, 'utf8');
        const contents = Object.entries(replaced).reduce((all, [from, to]) => all.replaceAll(from, to), text);
        return { contents, loader: 'ts' };
      });
    },
  };
}
