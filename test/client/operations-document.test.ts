/** docs/operations.md: its commands are run in a clone as they stand there, and the Workers have the secrets they make. */

import '../../scripts/local-runs.ts';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestHarness, unstable_readConfig } from 'wrangler';
import { CaleClient, MemoryKeyStore } from '../../client/index.ts';
import { ALL_WORKERS, ROOT } from '../../scripts/workers.ts';
import { blocksOf } from '../support/blocks.ts';
import { bundleOf } from '../support/bundles.ts';
import { MAIN } from '../support/cale-shell.ts';
import { createClone } from '../support/clone.ts';
import { basic } from '../support/harness.ts';
import { run } from '../support/projects.ts';
import { startUpstream, type UpstreamServer } from '../support/upstream.ts';

type Secrets = Record<(typeof ALL_WORKERS)[number]['name'], Record<string, string>>;

const PAGE = await readFile(join(ROOT, 'docs/operations.md'), 'utf8');
const block = blocksOf('docs/operations.md');
const EDGE_ON_PAGE = 'https://api.example.com';
const PASSWORD = 'correct horse';

let folder: string;
let clone: string;
let api: UpstreamServer;
let server: ReturnType<typeof createTestHarness>;
let edge: string;
let token: string;
/** The secrets that the Workers have now. */
let secrets: Secrets;
/** Registers before any key is changed, and pins the authority by the fingerprint. */
let early: CaleClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cale-operations-'));
  clone = await createClone(join(folder, 'clone'));
  secrets = await makeSecrets();
  token = await readSecret('admin.token');
  api = await startUpstream();
  server = createTestHarness(options());
  edge = (await server.listen()).url.origin;
  const [, digits = ''] = (await shell(block('-fingerprint').text)).trim().split('=');
  early = await register(digits);
});
afterAll(async () => {
  await server.close();
  await api.close();
  await rm(folder, { recursive: true });
});

/** Runs commands at the top of the clone. @returns what they print. */
const shell = async (commands: string, env: Record<string, string> = {}): Promise<string> =>
  (await run(clone, ['sh', '-euc', commands], { CALE_CA_PASSPHRASE: 'correct horse', ...env })).stdout;

/** Runs a block that names the edge, with the command as it is in this repository. */
const shellAtEdge = ({ text }: { readonly text: string }, env: Record<string, string>): Promise<string> =>
  shell(text.replaceAll(EDGE_ON_PAGE, edge).replaceAll('npx cale', `"${process.execPath}" "${MAIN}"`), env);

/** The only code in backticks of the page that begins like this. */
function inline(start: string): string {
  const [found, ...others] = [...PAGE.matchAll(/`([^`\n]+)`/g)].filter(([, code = '']) => code.startsWith(start));
  if (found?.[1] === undefined || others.length > 0) throw new Error(`the page has not one code like ${start}`);
  return found[1];
}

const readSecret = async (file: string): Promise<string> =>
  (await readFile(join(clone, 'secrets', file), 'utf8')).trim();

/** Steps 1 to 3 of deploying. @returns what the files of secrets hold. */
async function makeSecrets(): Promise<Secrets> {
  await shell(block('npm run ca -- init').text);
  await writeFile(join(clone, 'secrets/password.txt'), `${PASSWORD}\n`);
  const hashes = {
    alice: await shell(`exec < secrets/password.txt\n${block('decoy.secret\n').text}`),
    bob: await shell(`cd secrets\n${inline('npm run -s hash-password <')}`),
  };
  const users = Object.entries(hashes).map(([name, hash]) =>
    JSON.parse(
      inline('{"alice"')
        .replace('alice', name)
        .replace('$scrypt$…', () => hash.trim()),
    ),
  );
  await writeFile(join(clone, 'secrets/users.json'), JSON.stringify(Object.assign({}, ...users)));
  await shell(`cd secrets\n${block('node -e').text}`);
  const all = ALL_WORKERS.map(async ({ name }) => [name, JSON.parse(await readSecret(`${name}.json`))]);
  return Object.fromEntries(await Promise.all(all));
}

/** The Workers of the clone with exactly these secrets, and the variables of step 4. */
function options() {
  const vars: Partial<Record<keyof Secrets, Record<string, string>>> = {
    // The client's connection has no TLS here.
    edge: { TLS_CIPHER: 'ECDHE-RSA-AES256-GCM-SHA384', CBC_CIPHERS: 'refuse' },
    gateway: { UPSTREAM: api.url },
  };
  const workers = ALL_WORKERS.map(({ name, config }) => {
    const bundle = bundleOf(name);
    const built = bundle === undefined ? {} : { prebuiltWorkerDir: bundle };
    return { configPath: config, ...built, vars: vars[name] ?? {}, secrets: secrets[name] };
  });
  return { root: clone, workers };
}

/** Deploys Workers with some secrets changed; what is stored stays. */
function deploy(changed: Partial<Secrets>): Promise<void> {
  secrets = Object.fromEntries(
    Object.entries(secrets).map(([name, old]) => [name, { ...old, ...changed[name as keyof Secrets] }]),
  ) as Secrets;
  return server.update(options());
}

const register = (authority?: string, owner = 'alice'): Promise<CaleClient> =>
  CaleClient.register({
    edge,
    authorization: basic(owner, PASSWORD),
    store: new MemoryKeyStore(),
    ...(authority !== undefined && { authority }),
  });

const reads = async (client: CaleClient): Promise<unknown> => (await client.fetch('/balance')).json();
const BALANCE = { owner: 'alice', balance: '1,284.50 EUR' };

/** Writes, in the clear or sealed. */
const writes = async (client: CaleClient, seal: boolean): Promise<unknown> =>
  (await client.fetch('/echo', { method: 'POST', body: 'hello', seal })).json();
const ECHO = { owner: 'alice', method: 'POST', body: 'hello' };

async function expectToGoOn(client: CaleClient): Promise<void> {
  expect(await reads(client)).toEqual(BALANCE);
  for (const seal of [false, true]) expect(await writes(client, seal)).toEqual(ECHO);
  expect(await client.whoami()).toMatchObject({ owner: 'alice', organization: 'example.com' });
}

describe('deploying', () => {
  test('its secrets serve a client, which pins the authority by its fingerprint', async () => {
    await expectToGoOn(early);
    await expect(register('00'.repeat(32))).rejects.toMatchObject({ code: 'not-trusted' });
  });

  test('the command takes the file of the authority', async () => {
    const env = { CALE_HOME: join(folder, 'home'), CALE_PASSPHRASE: 'secret' };
    const text = `npx cale register ${EDGE_ON_PAGE} --basic "alice:${PASSWORD}" --authority secrets/root-1.pem
      npx cale fetch ${EDGE_ON_PAGE}/balance`;
    expect(await shellAtEdge({ text }, env)).toContain(JSON.stringify(BALANCE));
  });

  test('wrangler takes each configuration, with the lines about logs, and each file of secrets', async () => {
    const commands = [block('-c workers/origin/').text, block('-c workers/gateway/').text].join('').trim().split('\n');
    expect(commands).toHaveLength(ALL_WORKERS.length);
    await Promise.all(
      ALL_WORKERS.map(async ({ name, config }) => {
        const command = commands.find((each) => each.includes(` -c ${config} `)) ?? expect.unreachable(config);
        expect(await readFile(join(clone, config), 'utf8')).toContain(block('redact_query_string').text);
        const { observability } = unstable_readConfig({ config: join(clone, config) });
        expect(observability).toMatchObject({
          enabled: true,
          redact_query_string: true,
          logs: { invocation_logs: false },
        });
        const { stdout, stderr } = await run(clone, ['sh', '-euc', `${command} --dry-run`], { WRANGLER_LOG: 'log' });
        expect(stderr).toBe('');
        for (const secret of Object.keys(secrets[name])) expect(stdout).toContain(`env.${secret} ("(hidden)")`);
      }),
    );
  });

  test('the gateway takes the place of the origin by its binding, and has the secret of the API', async () => {
    const file = join(clone, 'wrangler.toml');
    const before = await readFile(file, 'utf8');
    const [, binding = ''] = /`(service = "cale-gateway")`/.exec(PAGE.replaceAll(/\s+/g, ' ')) ?? [];
    await writeFile(file, before.replace('service = "cale-origin"', binding));
    try {
      await deploy({});
      expect((await early.fetch('/orders')).status).toBe(200);
    } finally {
      await writeFile(file, before);
    }
    const authorization = [`Bearer ${await readSecret('upstream.secret')}`];
    expect(api.take()).toMatchObject([{ target: '/orders', fields: { authorization, 'cale-owner': ['alice'] } }]);
  });
});

/** The secrets that `npm run ca` has written last, which are deployed together. */
async function deployMade(): Promise<void> {
  const made = (['resource', 'origin', 'authority'] as const).map(async (worker) => [
    worker,
    JSON.parse(await readSecret(`deploy/${worker}.json`)),
  ]);
  await deploy(Object.fromEntries(await Promise.all(made)));
}

describe('a client that registered before goes on', () => {
  test.each(['rotate issuing', 'rotate signing', 'rotate root'])('at each step: npm run ca -- %s', async (command) => {
    const commands = block(`npm run ca -- ${command} `).text.trim().split('\n');
    expect(commands.length).toBeGreaterThanOrEqual(3);
    for (const line of commands) {
      const printed = await shell(line);
      for (const [, file = '', config = ''] of printed.matchAll(/npx wrangler secret bulk (\S+) -c (\S+)/g)) {
        expect(PAGE).toContain(`-c ${config} --secrets-file`);
        expect(JSON.parse(await readSecret(file.slice('secrets/'.length)))).toBeTypeOf('object');
      }
      await deployMade();
      await expectToGoOn(early);
    }
  });

  test('with keys that were made before they are used', async () => {
    const listed = await shell(block('npm run ca -- issue issuing').text);
    expect(listed).toMatch(/^issuing-\d: made, known to no party$/m);
    expect(listed).toMatch(/^signing-\d: made, known to no party$/m);
    await expectToGoOn(early);
  });

  test('and when a stolen key is revoked', async () => {
    await shell(block('npm run ca -- revoke').text);
    await deployMade();
    await expectToGoOn(early);
    await expectToGoOn(await register());
  });
});

describe('administration', () => {
  let alice: CaleClient;
  let bob: CaleClient;
  beforeAll(async () => {
    bob = await register(undefined, 'bob');
  });

  const isRevoked = async (client: CaleClient): Promise<boolean> =>
    (await client.fetch('/balance').catch((error: unknown) => (error as { code?: string }).code)) === 'unreadable';

  test('curl lists an owner’s credentials, revokes them, and those of before a date', async () => {
    alice = await register();
    const printed = await shellAtEdge(block('edge='), { TOKEN: token });
    const [list = '', ofOwner, ofBefore] = printed.split(/(?<=\})(?=\{)|\n/);
    expect(JSON.parse(list).credentials.length).toBeGreaterThan(1);
    expect([ofOwner, ofBefore]).toEqual([expect.stringMatching(/^\{"revoked":[1-9]/), '{"revoked":0}']);
    expect([await isRevoked(alice), await isRevoked(bob)]).toEqual([true, false]);
  });

  test('one command takes all access from a user', async () => {
    const printed = await shellAtEdge(block('--owner bob'), { CALE_ADMIN_TOKEN: token });
    expect(printed).toMatch(/^revoked: [1-9]/m);
    expect(await isRevoked(bob)).toBe(true);
    bob = await register(undefined, 'bob');
  });

  test('the command does the same', async () => {
    alice = await register();
    const printed = await shellAtEdge(block('npx cale credentials'), { CALE_ADMIN_TOKEN: token });
    expect(printed).toMatch(/ valid /);
    expect(printed).toMatch(/^revoked: 1$/m);
    expect([await isRevoked(alice), await isRevoked(bob)]).toEqual([true, false]);
  });

  test('credentials are exported, imported and reindexed', async () => {
    const printed = await shellAtEdge(block('cale admin export'), { CALE_ADMIN_TOKEN: token });
    expect(printed).toMatch(/^added: 0\nrevoked: 0\nrefused: 0\nmoved: 0\ncompared: [1-9]\d*\nadded: 0\n/);
    expect([await isRevoked(alice), await isRevoked(bob)]).toEqual([true, false]);
  });
});
