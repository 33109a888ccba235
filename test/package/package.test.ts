/** The package as it is packed: it is installed, imported, bundled, and loaded as it is. */

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';
import { hasChromium, launch } from '../support/chromium.ts';
import { ALICE, type Harness, startHarness } from '../support/harness.ts';

const run = promisify(execFile);
const bin = (name: string): string => join(ROOT, 'node_modules/.bin', name);

let folder: string;
let tarball: string;
/** An empty project that has installed the package, and nothing else. */
let project: string;
let harness: Harness;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cale-package-'));
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: ROOT });
  tarball = join(folder, stdout.trim().split('\n').at(-1) ?? '');
  project = join(folder, 'project');
  await mkdir(project);
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module' }));
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], { cwd: project });
  const vars = { ALLOWED_ORIGINS: '*', TLS_CIPHER: 'ECDHE-RSA-AES256-GCM-SHA384' };
  harness = await startHarness({ vars: { edge: vars } });
});
afterAll(async () => {
  await harness.server.close();
  await rm(folder, { recursive: true });
});

/** An application: what comes of it is in `document.title`, or is printed. */
const application = (from: string, tell: string): string => `
  import { CaleClient, MemoryKeyStore } from ${JSON.stringify(from)};
  const edge = ${JSON.stringify(harness.url)};
  const client = await CaleClient.register({ edge, authorization: ${JSON.stringify(ALICE)}, store: new MemoryKeyStore() });
  const response = await client.fetch('/resource');
  ${tell}((await response.json()).owner);
`;
const TITLE = '((text) => { document.title = text; })';

test('publint finds nothing to say, and attw the types of every entry', async () => {
  expect((await run(bin('publint'), ['--strict', tarball])).stdout).toContain('All good!');
  const { stdout } = await run(bin('attw'), [tarball, '--profile', 'esm-only', '--format', 'json']);
  const { analysis } = JSON.parse(stdout) as { analysis: { types: unknown; entrypoints: Record<string, unknown> } };
  expect(Object.keys(analysis.entrypoints)).toEqual(['./client', './client/node']);
});

test('it needs no other package, and Node imports it', async () => {
  const { packages } = JSON.parse(await readFile(join(project, 'package-lock.json'), 'utf8')) as { packages: object };
  expect(Object.keys(packages)).toEqual(['', 'node_modules/cale-workers']);
  await writeFile(join(project, 'app.js'), application('cale-workers/client/node', 'console.log'));
  expect((await run(process.execPath, ['app.js'], { cwd: project })).stdout).toBe('alice\n');
});

test('npx finds the command', async () => {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const { stdout } = await run('npx', ['--no-install', 'cale', '--version'], { cwd: project });
  expect(stdout).toBe(`${version}\n`);
});

describe.skipIf(!hasChromium)('in Chromium', () => {
  let served: Server | undefined;

  /** The title that the page gets. */
  async function titleOf(root: string): Promise<string> {
    served = createServer(async (request, response) => {
      const path = request.url === '/' ? '/index.html' : (request.url ?? '');
      response.setHeader('Content-Type', extname(path) === '.js' ? 'text/javascript' : 'text/html');
      response.end(await readFile(join(root, path)).catch(() => ''));
    });
    await new Promise<void>((resolve) => served?.listen(0, '127.0.0.1', resolve));
    const browser = await launch(join(folder, 'profile'));
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${(served.address() as AddressInfo).port}/`);
      await page.waitForFunction("document.title !== ''");
      return await page.title();
    } finally {
      await browser.close();
      served.close();
    }
  }

  test('a project that Vite has built reads an answer', async () => {
    await writeFile(join(project, 'index.html'), '<!doctype html><script type="module" src="/main.js"></script>');
    await writeFile(join(project, 'main.js'), application('cale-workers/client', TITLE));
    await run(bin('vite'), ['build', '--logLevel', 'error'], { cwd: project });
    expect(await titleOf(join(project, 'dist'))).toBe('alice');
  });

  test('a page reads one that loads the module as it is', async () => {
    const script = application('/node_modules/cale-workers/dist/client/index.js', TITLE);
    await writeFile(join(project, 'index.html'), `<!doctype html><script type="module">${script}</script>`);
    expect(await titleOf(project)).toBe('alice');
  });
});
