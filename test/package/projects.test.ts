/** Projects that start with nothing but the tarball, and use each export as the examples show it. */

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { CaleClient, MemoryKeyStore } from '../../client/index.ts';
import { ROOT } from '../../scripts/workers.ts';
import { type Block, blocksOf } from '../support/blocks.ts';
import { CloudflareAccount } from '../support/cloudflare-account.ts';
import { freePort } from '../support/free-port.ts';
import { ALICE, BOB, startHarness } from '../support/harness.ts';
import {
  copyExample,
  copyProject,
  createProject,
  linked,
  run,
  type Service,
  startService,
} from '../support/projects.ts';

const tarball = inject('tarball');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cale-projects-'));
});
afterAll(() => rm(folder, { recursive: true }));

const services: Service[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
});

/** Starts something that is stopped after the test. */
async function start(...given: Parameters<typeof startService>): Promise<Service> {
  const service = await startService(...given);
  services.push(service);
  return service;
}

/** Flags and variables for several sessions of wrangler on one machine. */
const flagsFor = (port: number): string[] => ['--port', String(port), '--inspector-port', String(0)];
const quiet = () => ({ WRANGLER_REGISTRY_PATH: join(folder, 'registry'), CI: '1' });

/** Bytes of a variable or a secret of a Worker. */
const MOST_OF_A_SECRET = 5120;

const register = (edge: string, authorization = ALICE) =>
  CaleClient.register({ edge, authorization, store: new MemoryKeyStore() });

const packagePage = blocksOf('docs/package.md');
const readme = blocksOf('template/README.md');
const linesOf = ({ text }: Block): string[] => text.trim().split('\n');

describe('cale init', () => {
  let project: string;
  let port: number;
  let edge: string;
  const dev = () => start(project, ['npm', 'run', 'dev', '--', ...flagsFor(port)], edge, quiet());

  beforeAll(async () => {
    const [init = '', ...others] = linesOf(packagePage('npx cale-workers init'));
    expect(others).toEqual(['cd my-api', ...linesOf(readme('npm install'))]);
    // The tarball in place of the published package.
    const here = `${init.replace('cale-workers', `--yes "file:${tarball}"`).replace('my-api', '"My API"')} --package "${tarball}"`;
    const { stdout } = await run(folder, ['sh', '-c', here]);
    expect(stdout).toContain('npm install\n  npm run dev');
    project = join(folder, 'My API');
    const file = join(project, 'package.json');
    const manifest = JSON.parse(await readFile(file, 'utf8'));
    for (const name of Object.keys(manifest.devDependencies)) manifest.devDependencies[name] = linked(name);
    manifest.dependencies.hono = linked('hono');
    await writeFile(file, JSON.stringify(manifest));
    await run(project, ['npm', 'install', '--prefer-offline', '--no-audit', '--no-fund']);
    port = await freePort();
    edge = `http://127.0.0.1:${port}`;
  });

  test('npm run dev starts what it wrote, and a client registers, reads and writes', async () => {
    const service = await dev();
    expect(service.output()).toContain('alice:wonderland and bob:builder');
    const client = await register(edge);
    expect(await (await client.fetch('/resource')).json()).toEqual({
      owner: 'alice',
      scopes: ['read', 'write'],
      stock: { apples: 12, seenBy: 'alice' },
    });
    for (const seal of [false, true]) {
      const order = { method: 'POST', body: '{"apples":2}', headers: { 'Content-Type': 'application/json' }, seal };
      const response = await client.fetch('/orders', order);
      expect([response.status, await response.json()]).toEqual([201, { owner: 'alice', order: { apples: 2 } }]);
      expect((await (await register(edge, BOB)).fetch('/orders', order)).status).toBe(403);
    }
    const commands = readme('npx cale register').text.replaceAll('http://127.0.0.1:8787', edge);
    const { stdout } = await run(project, ['sh', '-euc', commands], { CALE_HOME: join(folder, 'home') });
    expect(stdout).toContain('{"owner":"alice","scopes":["read","write"],"stock":{"apples":12,"seenBy":"alice"}}');
    expect(stdout).toContain('{"owner":"alice","order":{"apples":2}}');
    const administer = readme('npx cale credentials').text.replace('http://127.0.0.1:8787', edge);
    expect((await run(project, ['sh', '-euc', administer])).stdout).toMatch(/ valid /);
    expect(await (await fetch(`${edge}/.well-known/cale/openapi.json`)).json()).toMatchObject({ openapi: '3.1.1' });
  });

  test('its secrets stay, and fit each other or are not made', async () => {
    const vars = (worker: string) => join(project, 'workers', worker, '.dev.vars');
    const before = await readFile(vars('edge'), 'utf8');
    await run(project, ['npx', '--no-install', 'cale', 'secrets']);
    expect(await readFile(vars('edge'), 'utf8')).toBe(before);
    const origin = await readFile(vars('origin'), 'utf8');
    await rm(vars('origin'));
    await expect(run(project, ['npx', '--no-install', 'cale', 'secrets'])).rejects.toThrow('must fit the others');
    await writeFile(vars('origin'), origin);
  });

  test('it is typed, and called after its folder', async () => {
    await run(project, ['npm', 'run', 'typecheck']);
    expect(JSON.parse(await readFile(join(project, 'package.json'), 'utf8')).name).toBe('my-api');
    const names = await Promise.all(
      ['edge', 'authority', 'origin', 'resource'].map(async (worker) => {
        const text = await readFile(join(project, 'workers', worker, 'wrangler.toml'), 'utf8');
        return /^name = "(.*)"$/m.exec(text)?.[1];
      }),
    );
    expect(names).toEqual(['my-api-edge', 'my-api-authority', 'my-api-origin', 'my-api-resource']);
    expect((await readdir(project)).toSorted()).toEqual(expect.arrayContaining(['.gitignore', 'README.md']));
  });

  // A deployment runs wrangler a dozen times.
  describe('cale deploy', { timeout: 600_000 }, () => {
    const account = new CloudflareAccount();
    const WORKERS = ['my-api-resource', 'my-api-origin', 'my-api-authority', 'my-api-edge'];
    const PLACE = '--organization acme.example --location weur --jurisdiction none';
    const [dryRun = '', first = ''] = linesOf(readme('npx cale deploy'));
    let env: Record<string, string>;

    beforeAll(async () => {
      env = { ...quiet(), ...(await account.open()) };
    });
    afterAll(() => account.close());

    /** @param command as in the document, without answers that are asked for there. */
    async function deploy(command: string, more: Record<string, string> = {}) {
      account.changes.length = 0;
      const { stdout } = await run(project, ['sh', '-c', `${command} ${PLACE}`], { ...env, ...more });
      const uploads = account.changes.flatMap((each) => /^PUT \/workers\/scripts\/([^/]+)$/.exec(each)?.[1] ?? []);
      return { stdout, uploads };
    }

    test('--dry-run builds and checks all, changes nothing and keeps nothing', async () => {
      const { stdout } = await deploy(dryRun);
      expect(stdout.match(/^my-api-\w+(?=: .* gzipped$)/gm)).toEqual(WORKERS);
      expect(stdout).toContain('KV namespace my-api-authority-catalogue');
      expect(stdout).toMatch(/^would make secrets\/authority\.json$/m);
      expect(stdout).toContain('Then a client would register at the edge');
      expect(account.changes).toEqual([]);
      await expect(readdir(join(project, 'secrets'))).rejects.toThrow('ENOENT');
    });

    test('makes secrets that fit, and deploys the Workers in their order', async () => {
      const { stdout, uploads } = await deploy(`${first} --no-test`);
      expect(uploads).toEqual(WORKERS);
      expect(stdout).toContain('made secrets/first-user.json');
      const { name, password } = JSON.parse(await readFile(join(project, 'secrets/first-user.json'), 'utf8'));
      const [, origin, authority, edge] = WORKERS.map((worker) => account.workers.get(worker)?.at(-1));
      expect(name).toBe('alice');
      expect(JSON.parse(edge?.secrets['BASIC_USERS'] ?? '')).toHaveProperty('alice');
      expect(JSON.stringify(edge?.secrets)).not.toContain(password);
      expect(authority?.secrets['AUTHORITY_CERTIFICATES']).toBe(origin?.secrets['AUTHORITY_CERTIFICATES']);
      expect([edge?.vars['ORGANIZATION'], authority?.vars['AUTHORITY_LOCATION']]).toEqual(['acme.example', 'weur']);
      expect(edge?.limits).toEqual({ cpu_ms: 1000 });
      expect(origin?.limits).toBeUndefined();
      expect(account.namespaces.map(({ title }) => title)).toEqual([
        'my-api-origin-decoys',
        'my-api-authority-catalogue',
      ]);
    });

    test('again changes nothing that has not changed, and a client tests the edge', async () => {
      await rm(join(project, 'secrets/first-user.json'));
      await dev();
      const at = `--url ${edge} --read /resource --write /orders`;
      const { stdout, uploads } = await deploy(`${first} ${at}`, { CALE_BASIC: 'alice:wonderland' });
      expect(uploads).toEqual([]);
      for (const worker of WORKERS) expect(stdout).toContain(`${worker} is as it was`);
      for (const line of ['read /resource: 200', 'is alice', 'cannot be read']) expect(stdout).toContain(line);
    });

    test('stops at a setting that is not usable, and at secrets that are not whole, before anything is changed', async () => {
      const file = join(project, 'workers/edge/wrangler.toml');
      const text = await readFile(file, 'utf8');
      await writeFile(file, text.replace('IDENTITY_METHODS = "basic"', 'IDENTITY_METHODS = "password"'));
      await expect(deploy(first)).rejects.toThrow('my-api-edge: IDENTITY_METHODS must name at least one of');
      await writeFile(file, text);
      await rm(join(project, 'secrets/origin.json'));
      await expect(deploy(first)).rejects.toThrow('origin.json is missing in secrets, and must fit the others');
      expect(account.changes).toEqual([]);
    });
  });

  test('each Worker can be deployed with the secrets of cale secrets --deploy', async () => {
    await rm(join(project, 'secrets'), { recursive: true, force: true });
    const make = ['npx', '--no-install', 'cale', 'secrets', '--deploy', '--user', 'alice'];
    await expect(run(project, make)).rejects.toThrow('Which organisation is in the certificate? --organization DOMAIN');
    make.push('--organization', 'acme.example');
    const { stdout } = await run(project, make);
    const [, password = ''] = stdout.split('\n');
    const edgeSecrets = JSON.parse(await readFile(join(project, 'secrets/edge.json'), 'utf8'));
    expect(JSON.parse(edgeSecrets.BASIC_USERS).alice.scopes).toEqual(['read', 'write']);
    expect(JSON.stringify(edgeSecrets)).not.toContain(password);
    await Promise.all(
      ['resource', 'origin', 'authority', 'edge'].map((worker) => {
        const files = ['-c', `workers/${worker}/wrangler.toml`, '--secrets-file', `secrets/${worker}.json`];
        return run(project, ['npx', '--no-install', 'wrangler', 'deploy', '--dry-run', ...files], quiet());
      }),
    );
    await expect(run(project, make)).rejects.toThrow('There are secrets in secrets/ already');
  });

  describe('with an origin elsewhere', () => {
    let origin: string;
    let originPort: number;
    let server: string;

    beforeAll(async () => {
      originPort = await freePort();
      origin = `http://127.0.0.1:${originPort}`;
      server = await createProject(join(folder, 'server'), {
        'cale-workers': `file:${tarball}`,
        express: linked('express'),
        hono: linked('hono'),
        '@hono/node-server': linked('@hono/node-server'),
      });
      await copyExample('express', server, { edge, port: originPort });
      await writeFile(join(project, 'workers/edge/index.ts'), await readFile(join(server, 'edge.ts'), 'utf8'));
    });

    test.each([
      ['of Express', 'express'],
      ['that is a function from Request to Response, on Node', 'fetch-origin'],
    ])('%s, a client reads it', async (_, example) => {
      await copyExample(example, server, { edge, port: originPort });
      const secrets = join(project, 'workers/origin/.dev.vars');
      await start(server, [process.execPath, `--env-file=${secrets}`, 'server.js'], origin);
      await dev();
      const client = await register(edge);
      expect(await (await client.fetch('/balance')).json()).toMatchObject({ owner: 'alice' });
      if (example !== 'express') return;
      const body = JSON.stringify({ amount: 7 });
      const payment = { method: 'POST', body, headers: { 'Content-Type': 'application/json' } };
      expect(await (await client.fetch('/payments', { ...payment, seal: true })).json()).toEqual({
        owner: 'alice',
        paid: { amount: 7 },
      });
      expect((await fetch(`${origin}/balance`)).status).toBe(403);
    });
  });
});

describe('cale init writes nothing', () => {
  test.each([
    ['into a folder that is not empty', ROOT, 'is not empty'],
    ['in place of a file', join(ROOT, 'package.json'), 'is not a folder'],
    ['where it cannot', '/proc/here', 'cannot be written'],
  ])('%s', async (_, where, reason) => {
    const init = [process.execPath, join(ROOT, 'client/cli/main.ts'), 'init', where];
    await expect(run(folder, init)).rejects.toThrow(reason);
  });
});

describe('one Worker is edge, authority and origin', () => {
  let project: string;
  beforeAll(async () => {
    project = await copyProject('one-worker', join(folder, 'one-worker'), {
      'cale-workers': `file:${tarball}`,
      hono: linked('hono'),
      wrangler: linked('wrangler'),
    });
  });

  /** Starts it. @returns the address of the edge. */
  async function dev(): Promise<string> {
    const port = await freePort();
    const edge = `http://127.0.0.1:${port}`;
    await start(project, ['npm', 'run', 'dev', '--', ...flagsFor(port)], edge, quiet());
    return edge;
  }

  test('a client reads and writes', async () => {
    const place = ['--organization', 'acme.example', '--location', 'none', '--jurisdiction', 'none'];
    const dryRun = await run(project, ['npx', '--no-install', 'cale', 'deploy', '--dry-run', ...place], quiet());
    expect(dryRun.stdout).toMatch(/^api: .* gzipped$/m);
    const edge = await dev();
    const client = await register(edge);
    expect(await (await client.fetch('/balance')).json()).toEqual({ owner: 'alice', balance: 42 });
    const init = { method: 'POST', body: '{"amount":7}', headers: { 'Content-Type': 'application/json' } };
    expect(await (await client.fetch('/payments', init)).json()).toEqual({ owner: 'alice', paid: { amount: 7 } });
    expect((await client.whoami()).organization).toBe('example.com');
    const administered = await fetch(`${edge}/admin/status`, { headers: { Authorization: 'Bearer admin' } });
    expect(await administered.json()).toMatchObject({ catalogue: 'reachable' });
    // The authority has no way in of its own, and the page of the tour is none of the package's.
    expect((await fetch(`${edge}/validate`)).status).toBe(401);
    expect((await fetch(edge)).status).toBe(401);
  });

  test('its secrets may be one, as a button has it that asks for them on a page', async () => {
    const page = blocksOf('docs/operations.md')('secrets --deploy --single');
    const made = await run(project, ['sh', '-c', page.text.replace('npx cale-workers', 'npx --no-install cale')]);
    const [, password] = /with the password\n(\S+)$/m.exec(made.stdout) ?? [];
    const asked = await readFile(join(project, '.dev.vars.example'), 'utf8');
    const secrets = (await readFile(join(project, 'secrets/worker.json'), 'utf8')).replaceAll('\n', '');
    expect(secrets.length).toBeLessThan(MOST_OF_A_SECRET);
    await writeFile(
      join(project, '.dev.vars'),
      asked.replace(/^SECRETS=$/m, () => `SECRETS='${secrets}'`),
    );
    const toml = join(project, 'wrangler.toml');
    await writeFile(toml, (await readFile(toml, 'utf8')).replace('"example.com"', '"acme.example"'));
    const client = await register(await dev(), `Basic ${btoa(`alice:${password}`)}`);
    expect(await (await client.fetch('/balance')).json()).toEqual({ owner: 'alice', balance: 42 });
    expect((await client.whoami()).organization).toBe('acme.example');
  });
});

test('a program of Node reads and writes', async () => {
  const project = await createProject(join(folder, 'node-client'), { 'cale-workers': `file:${tarball}` });
  const harness = await startHarness({ vars: { edge: { TLS_CIPHER: 'ECDHE-RSA-AES256-GCM-SHA384' } } });
  try {
    await copyExample('node-client', project, { edge: new URL(harness.url).origin });
    for (const time of ['first', 'second']) {
      const { stdout } = await run(project, [process.execPath, 'app.js'], { PASSPHRASE: 'secret' });
      expect(stdout, time).toContain("owner: 'alice'");
      expect(stdout, time).toContain("body: 'hello'");
      expect(stdout, time).toContain("organization: 'example.com'");
    }
    expect(await readdir(join(project, 'keys'))).toHaveLength(1);
    const [port, secrets] = [await freePort(), { PASSPHRASE: 'secret', CALE_BASIC: 'alice:wonderland' }];
    await copyExample('node-service', project, { edge: new URL(harness.url).origin, port });
    const service = await start(project, [process.execPath, 'service.js'], `http://127.0.0.1:${port}`, secrets);
    const answer = await fetch(`http://127.0.0.1:${port}/balance`);
    expect([answer.status, await answer.json()]).toMatchObject([200, { owner: 'alice' }]);
    // It goes on with the account that the program made.
    expect(await readdir(join(project, 'keys'))).toHaveLength(1);
    const administrator = { method: 'DELETE', headers: { Authorization: 'Bearer admin' } };
    await harness.server.fetch('/admin/credentials?owner=alice', administrator);
    expect((await fetch(`http://127.0.0.1:${port}/balance`)).status).toBe(502);
    expect(service.output()).toMatch(/^unreadable /);
  } finally {
    await harness.server.close();
  }
});
