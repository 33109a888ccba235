/** The package as it is packed: what is in it, what it needs, its types, and the client in a browser. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';
import { hasChromium, launch } from '../support/chromium.ts';
import { ALICE, type Harness, startHarness } from '../support/harness.ts';
import { bin, copyExample, createProject, linked, run } from '../support/projects.ts';

const tarball = inject('tarball');

const ENTRIES = [
  'client',
  'client/node',
  'origin',
  'origin/hono',
  'origin/express',
  'edge',
  'authority',
  'authority/openapi',
];

let folder: string;
/** An empty project that has installed the package, and nothing else. */
let project: string;
let harness: Harness;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cale-package-'));
  project = await createProject(join(folder, 'project'), { 'cale-workers': `file:${tarball}` });
  const vars = { ALLOWED_ORIGINS: '*', TLS_CIPHER: 'ECDHE-RSA-AES256-GCM-SHA384' };
  harness = await startHarness({ vars: { edge: vars } });
});
afterAll(async () => {
  await harness.server.close();
  await rm(folder, { recursive: true });
});

test('publint finds nothing to say, and attw the types of every entry', async () => {
  expect((await run(folder, [bin('publint'), '--strict', tarball])).stdout).toContain('All good!');
  const { stdout } = await run(folder, [bin('attw'), tarball, '--profile', 'esm-only', '--format', 'json']);
  const { analysis } = JSON.parse(stdout) as { analysis: { types: unknown; entrypoints: Record<string, unknown> } };
  const entries = [...ENTRIES, 'package.json'].map((entry) => `./${entry}`);
  expect(Object.keys(analysis.entrypoints).toSorted()).toEqual(entries.toSorted());
});

test('it needs no other package, and can be published', async () => {
  const { packages } = JSON.parse(await readFile(join(project, 'package-lock.json'), 'utf8')) as { packages: object };
  expect(Object.keys(packages)).toEqual(['', 'node_modules/cale-workers']);
  const manifest = JSON.parse(await readFile(join(project, 'node_modules/cale-workers/package.json'), 'utf8'));
  expect(manifest).not.toHaveProperty('private');
  expect(manifest).not.toHaveProperty('dependencies');
  expect(manifest).toMatchObject({ license: 'MIT', peerDependencies: { hono: expect.any(String) } });
});

test('nothing of tests, demo and page is in it, and each module has its source map and each library its licence', async () => {
  const { stdout } = await run(folder, ['tar', '-tzf', tarball]);
  const files = stdout
    .trim()
    .split('\n')
    .map((file) => file.replace(/^package\//, ''));
  const others = files.filter((file) => !/^(dist|template)\//.test(file));
  expect(others.toSorted()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
  expect(files).toContain('dist/THIRD-PARTY-LICENSES.txt');
  const modules = files.filter((file) => /^dist\/.*\.js$/.test(file));
  expect(modules.length).toBeGreaterThan(ENTRIES.length);
  const licences = await readFile(join(project, 'node_modules/cale-workers/dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
  for (const module of modules) {
    expect(files).toContain(`${module}.map`);
    const map = await readFile(join(project, 'node_modules/cale-workers', `${module}.map`), 'utf8');
    const { sources } = JSON.parse(map) as { sources: string[] };
    const own = sources.filter((source) => !source.includes('node_modules/'));
    expect(own.filter((source) => /(^|\/)(test|demo|bench|adversary|build|workers\/origin)\//.test(source))).toEqual(
      [],
    );
    for (const source of sources) {
      const [, library] = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(source) ?? [];
      if (library === undefined) continue;
      const { name } = JSON.parse(await readFile(join(ROOT, 'node_modules', library, 'package.json'), 'utf8'));
      expect(licences).toMatch(new RegExp(`^${name} \\S+ \\(`, 'm'));
    }
  }
});

/** Modules that are loaded when this one is, itself among them. */
async function loadedWith(folder: string, module: string): Promise<string[]> {
  const loaded = new Set([module]);
  for (const name of loaded) {
    const text = await readFile(join(folder, name), 'utf8');
    for (const [, imported = ''] of text.matchAll(/\b(?:from|import) ?"\.\/([\w-]+\.js)"/g)) loaded.add(imported);
  }
  return [...loaded];
}

test('the libraries of X.509 are in one module, which the command loads only to make keys', async () => {
  const { stdout } = await run(project, [
    'grep',
    '-rlE',
    'tsyringe|@peculiar',
    'node_modules/cale-workers/dist',
    '--include=*.js',
  ]);
  const [file = '', ...others] = stdout.trim().split('\n');
  expect([dirname(file), others]).toEqual(['node_modules/cale-workers/dist/cli', []]);
  const loaded = await loadedWith(join(project, dirname(file)), 'main.js');
  expect(loaded.length).toBeGreaterThan(3);
  expect(loaded).not.toContain(basename(file));
});

test('npx finds the command', async () => {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const { stdout } = await run(project, ['npx', '--no-install', 'cale', '--version']);
  expect(stdout).toBe(`${version}\n`);
});

test.each([
  ['a project of cale init', 'template'],
  ['examples/one-worker', 'examples/one-worker'],
])('%s has the versions that this repository is tested with', async (_, project) => {
  const read = async (file: string) => JSON.parse(await readFile(join(ROOT, file), 'utf8'));
  const [own, theirs] = [await read('package.json'), await read(`${project}/package.json`)];
  expect(theirs.dependencies['cale-workers']).toBe(own.version);
  for (const [name, version] of Object.entries({ ...theirs.dependencies, ...theirs.devDependencies })) {
    if (name !== 'cale-workers') expect([name, version]).toEqual([name, own.devDependencies[name]]);
  }
});

describe('the types compile, their own declarations included,', () => {
  let typed: string;
  beforeAll(async () => {
    typed = await createProject(join(folder, 'typed'), {
      'cale-workers': `file:${tarball}`,
      hono: linked('hono'),
      '@cloudflare/workers-types': linked('@cloudflare/workers-types'),
      '@types/node': linked('@types/node'),
      '@types/express': linked('@types/express'),
    });
  });

  /** Compiles a program that uses what each entry exports. */
  async function compile(lib: string[], types: string[], program: string): Promise<void> {
    const compilerOptions = {
      target: 'ES2022',
      lib,
      types,
      module: 'ESNext',
      moduleResolution: 'Bundler',
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    };
    await writeFile(join(typed, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts'] }));
    await writeFile(join(typed, 'app.ts'), program);
    await run(typed, [bin('tsc')]);
  }

  const EVERYWHERE = `
    import { CaleClient, MemoryKeyStore } from 'cale-workers/client';
    import { createEdge, edgeFromSettings, type IdentityMethod, upstreamAt } from 'cale-workers/edge';
    import { authorityFromSettings, createAuthority, CredentialShard, ResourceOwner } from 'cale-workers/authority';
    import { openApi } from 'cale-workers/authority/openapi';
    import { createOrigin, originOptionsFromSettings, withEdgeUrl } from 'cale-workers/origin';
    import { type CaleEnv, cale, seal } from 'cale-workers/origin/hono';
    import { Hono } from 'hono';

    const env: object = {};
    const never: IdentityMethod = {
      name: 'never', scheme: 'never', members: {}, challenge: () => 'Never', prove: async () => ({ ok: false, detail: 'Never.' }),
    };
    const authority = createAuthority({ ...authorityFromSettings(env), openApi });
    const edge = createEdge({
      organization: 'example.com', identityMethods: [never],
      authority, origin: upstreamAt('https://origin.example.com'),
    });
    const options = originOptionsFromSettings(env);
    const app = new Hono<CaleEnv>();
    app.use(cale({ ...options, app }));
    app.get('/', (c) => c.text(c.var.client.owner.toUpperCase()));
    const withFailures = { ...options, onFailure: (problem: string, error: unknown) => console.error(problem, error) };
    const whole = seal(new Hono<CaleEnv & { Bindings: { GREETING: string } }>(), withFailures);
    whole.get('/', (c) => c.text(c.env.GREETING + c.var.client.owner));
    const origin = createOrigin(options);
    export const answers: (Response | Promise<Response>)[] = [
      edge.fetch(new Request('https://edge.example.com')),
      origin.handle(withEdgeUrl(new Request('https://a.example.com'), 'https://b.example.com'), (request, client) =>
        new Response(client.owner + client.scopes.join() + request.url)),
    ];
    const client = await CaleClient.load({ edge: 'https://edge.example.com', store: new MemoryKeyStore() });
    export const owner: string | undefined = client?.owner;
    export { CredentialShard, ResourceOwner };
  `;

  test("with TypeScript's library of web workers, without that of Cloudflare", async () => {
    await compile(['ES2022', 'WebWorker'], [], EVERYWHERE);
  });

  test('with that of browsers', async () => {
    await compile(['ES2022', 'DOM', 'DOM.Iterable'], [], EVERYWHERE);
  });

  test("with Cloudflare's, where the authority takes the bindings as they are", async () => {
    const bindings = `
      interface Env {
        SHARDS: DurableObjectNamespace<CredentialShard>; OWNERS: DurableObjectNamespace<ResourceOwner>;
        CATALOGUE: KVNamespace; ORIGIN: Fetcher; LIMIT: RateLimit;
      }
      export const of = ({ SHARDS, OWNERS, CATALOGUE, ORIGIN, LIMIT }: Env) => [
        createAuthority({
          organization: 'example.com', certificates: '', key: '', decoySecret: '', shards: SHARDS, owners: OWNERS,
          catalogue: CATALOGUE,
        }),
        createEdge({ ...edgeFromSettings(env), origin: ORIGIN, requestLimiter: LIMIT }),
      ];
      export default { fetch: edge.fetch, scheduled: authority.scheduled } satisfies ExportedHandler<Env>;
    `;
    await compile(['ES2022'], ['@cloudflare/workers-types'], EVERYWHERE + bindings);
  });

  test('with those of Node and Express', async () => {
    const program = `
      import { CaleClient, FileKeyStore } from 'cale-workers/client/node';
      import { cale } from 'cale-workers/origin/express';
      import { originOptionsFromSettings } from 'cale-workers/origin';
      import type { Express } from 'express';
      export function serve(app: Express) {
        app.use(cale({ edge: 'https://edge.example.com', ...originOptionsFromSettings(process.env) }));
        app.get('/', (req, res) => { res.json(req.cale.owner.toUpperCase()); });
      }
      const store = new FileKeyStore({ directory: 'keys', passphrase: 'secret' });
      export const client = await CaleClient.load({ edge: 'https://edge.example.com', store });
    `;
    await compile(['ES2022'], ['node', 'express'], program);
  });

  test('and what is not there does not', async () => {
    const wrong = "import { cale } from 'cale-workers/origin/hono'; cale({ authorities: 1 });";
    await expect(compile(['ES2022', 'WebWorker'], [], wrong)).rejects.toThrow("Type 'number' is not assignable");
  });
});

describe.skipIf(!hasChromium)('in Chromium', () => {
  let served: Server | undefined;

  /** The text that the page comes to show. */
  async function shownBy(root: string): Promise<string> {
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
      await page.waitForFunction("document.querySelector('output').value !== ''");
      return (await page.locator('output').textContent()) ?? '';
    } finally {
      await browser.close();
      served.close();
    }
  }

  test('a project that Vite has built reads, writes and knows who it is', async () => {
    await copyExample('web-page', project, { edge: new URL(harness.url).origin });
    await run(project, [bin('vite'), 'build', '--logLevel', 'error']);
    expect(JSON.parse(await shownBy(join(project, 'dist')))).toMatchObject({
      owner: 'alice',
      read: { owner: 'alice' },
      written: { method: 'POST', body: 'hello' },
    });
  });

  test('a page reads one that loads the module as it is', async () => {
    const script = `
      import { CaleClient, MemoryKeyStore } from '/node_modules/cale-workers/dist/client/index.js';
      const edge = ${JSON.stringify(harness.url)};
      const store = new MemoryKeyStore();
      const client = await CaleClient.register({ edge, authorization: ${JSON.stringify(ALICE)}, store });
      document.querySelector('output').value = await (await client.fetch('/resource')).text();
    `;
    const page = `<!doctype html><output></output><script type="module">${script}</script>`;
    await writeFile(join(project, 'index.html'), page);
    expect(JSON.parse(await shownBy(project))).toMatchObject({ owner: 'alice' });
  });
});
