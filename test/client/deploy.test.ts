/** npm run deploy, with wrangler itself, at an account on loopback that records what is asked for. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';
import { createClone } from '../support/clone.ts';
import { CloudflareAccount } from '../support/cloudflare-account.ts';
import { type Ended, tryRun } from '../support/projects.ts';
import type {} from '../support/provided.ts';

// A deployment runs wrangler a dozen times.
vi.setConfig({ testTimeout: 600_000 });

const account = new CloudflareAccount();
const PLACE = ['--organization', 'acme.example', '--location', 'weur', '--jurisdiction', 'none'];
const WORKERS = ['cale-resource', 'cale-origin', 'cale-authority', 'cale-edge'];

let folder: string;
let clone: string;
let env: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cale-deploy-'));
  clone = await createClone(join(folder, 'clone'));
  env = { ...(await account.open()), CALE_CA_PASSPHRASE: 'correct horse' };
});
afterAll(async () => {
  account.close();
  await rm(folder, { recursive: true });
});

const node = (...args: readonly string[]): Promise<Ended> => tryRun(clone, [process.execPath, ...args], env);

function deploy(...flags: readonly string[]): Promise<Ended> {
  account.changes.length = 0;
  return node('scripts/deploy.ts', '--no-test', ...flags);
}

/** Names of the Workers that got a version, in this order. */
const uploads = (): string[] =>
  account.changes.flatMap((each) => /^(?:PUT|POST) \/workers\/scripts\/([^/]+)(?:\/versions)?$/.exec(each)?.[1] ?? []);
const latest = (name: string) => account.workers.get(name)?.at(-1);
const idOf = (title: string) => account.namespaces.find((each) => each.title === title)?.id;

describe('before anything is created', () => {
  test('what is missing is asked for, and named where there is no terminal', async () => {
    expect((await deploy()).stderr).toContain('--organization DOMAIN');
    expect((await deploy(...PLACE)).stderr).toContain('--user NAME');
    expect((await deploy('--organization', 'Acme GmbH')).stderr).toContain('--organization is not usable');
    expect(account.changes).toEqual([]);
  });

  test('a dry run needs no account, and says the Workers, their sizes and the steps', async () => {
    const { stdout, code } = await deploy('--dry-run', ...PLACE);
    expect(code).toBe(0);
    const positions = WORKERS.map((name) => stdout.indexOf(`\n${name}: `));
    expect([...positions].sort((a, b) => a - b)).toEqual(positions);
    expect(stdout.match(/KiB gzipped/g)).toHaveLength(WORKERS.length);
    expect(stdout).toContain('KV namespace cale-authority-catalogue');
    expect(stdout).toMatch(/^would make secrets\/users\.json$/m);
    expect(account.changes).toEqual([]);
  });

  test('a dry run asks nothing, and says what would be asked', async () => {
    const { stdout, stderr, code } = await deploy('--dry-run', '--env', 'other');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('The domain of your organisation would be asked for; here it is organization.invalid.');
  });

  test('a jurisdiction is taken, though this machine has none', async () => {
    const flags = ['--dry-run', '--env', 'eu', '--organization', 'acme.example', '--jurisdiction', 'eu'];
    expect(await deploy(...flags)).toMatchObject({ code: 0, stderr: '' });
  });

  test('settings are checked by the code of the Workers', async () => {
    const file = join(clone, 'wrangler.toml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('UNSAFE_METHODS = "signed"', 'UNSAFE_METHODS = "sign"'));
    expect((await deploy('--dry-run', ...PLACE)).stderr).toContain('cale-edge: UNSAFE_METHODS must be one of');
    await writeFile(file, text);
    expect(account.changes).toEqual([]);
  });
});

describe('the first deployment', () => {
  test('stops where the account lacks a permission, and says so', async () => {
    account.refusals.set('GET /storage/kv/namespaces', { status: 403, code: 10000, message: 'Authentication error' });
    const { stderr, code } = await deploy(...PLACE, '--user', 'alice');
    account.refusals.clear();
    expect(code).toBe(1);
    expect(stderr).toContain('Authentication error');
    expect(uploads()).toEqual([]);
  });

  test('that fails half way goes on where it stopped, with the same namespaces', async () => {
    const refusal = { status: 400, code: 10021, message: 'Uncaught ConfigError' };
    account.refusals.set('PUT /workers/scripts/cale-authority', refusal);
    const failed = await deploy();
    account.refusals.clear();
    expect(failed.stderr).toContain('Uncaught ConfigError');
    expect(uploads()).toEqual(['cale-resource', 'cale-origin', 'cale-authority']);
    const second = await deploy();
    expect(second.stderr).toBe('');
    expect(uploads()).toEqual(['cale-authority', 'cale-edge']);
    expect(account.namespaces.map(({ title }) => title)).toEqual(['cale-origin-decoys', 'cale-authority-catalogue']);
  });

  test('binds what belongs together', () => {
    const catalogue = latest('cale-authority')?.bindings.find(({ name }) => name === 'CATALOGUE');
    expect(catalogue).toMatchObject({ type: 'kv_namespace', namespace_id: idOf('cale-authority-catalogue') });
    for (const name of ['cale-authority', 'cale-edge']) expect(latest(name)?.vars['ORGANIZATION']).toBe('acme.example');
    expect(latest('cale-authority')?.vars['AUTHORITY_LOCATION']).toBe('weur');
    const authorities = latest('cale-authority')?.secrets['AUTHORITY_CERTIFICATES'];
    const [issuing = ''] = latest('cale-origin')?.secrets['AUTHORITY_CERTIFICATES']?.split('\n\n') ?? [];
    expect(authorities).toContain(issuing.trim());
  });

  test('limits the CPU of a request, but not that of the authority, whose sweep reads every credential', () => {
    const limits = WORKERS.map((name) => latest(name)?.limits?.['cpu_ms']);
    expect(limits).toEqual([200, 1000, undefined, 1000]);
  });
});

describe('later deployments', () => {
  test('change nothing that has not changed', async () => {
    const { stdout } = await deploy();
    expect(account.changes).toEqual([]);
    for (const name of WORKERS) expect(stdout).toContain(`${name} is as it was`);
  });

  test('have a rotated key and its certificate in one version', async () => {
    const before = latest('cale-origin')?.secrets ?? {};
    // Published first, then used.
    for (let step = 0; step < 2; step++) {
      expect((await node('scripts/ca.ts', 'rotate', 'signing')).stderr).toBe('');
    }
    await deploy();
    expect(uploads()).toEqual(['cale-origin']);
    const after = latest('cale-origin')?.secrets ?? {};
    for (const name of ['ORIGIN_SIGNING_KEY', 'ORIGIN_SIGNING_CERTIFICATES'])
      expect(after[name]).not.toBe(before[name]);
  });

  test('on the free plan, which refuses limits, go on without them', async () => {
    account.plan = 'free';
    const token = join(clone, 'secrets/admin.token');
    await writeFile(token, 'another token of an administrator\n');
    expect((await deploy()).stdout).toContain('No CPU limits are set: the account is on the free plan');
    expect(latest('cale-edge')?.secrets['ADMIN_TOKEN']).toBe('another token of an administrator');
    expect(latest('cale-edge')?.limits).toBeUndefined();
    expect((await deploy()).stdout).toContain('cale-edge is as it was');
    expect(account.changes).toEqual([]);
    account.plan = 'paid';
  });

  test('refuse another place for the shards', async () => {
    expect((await deploy('--location', 'apac')).stderr).toContain('stay there for good');
    expect(account.changes).toEqual([]);
  });

  test('refuse a wrong secret, and users that are too many for one, before anything is changed', async () => {
    const secret = join(clone, 'secrets/decoy.secret');
    const good = await readFile(secret, 'utf8');
    await writeFile(secret, 'c2hvcnQ=\n');
    expect((await deploy()).stderr).toContain('cale-authority: DECOY_SECRET is not usable');
    await writeFile(secret, good);
    const file = join(clone, 'secrets/users.json');
    const text = await readFile(file, 'utf8');
    const [user] = Object.values(JSON.parse(text) as Record<string, object>);
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`user-${at}`, user]));
    await writeFile(file, JSON.stringify(many));
    expect((await deploy()).stderr).toMatch(/cale-edge: BASIC_USERS has \d+ bytes/);
    await writeFile(file, text);
    expect(account.changes).toEqual([]);
  });

  test('of another environment share nothing with production', async () => {
    const before = new Set(account.namespaces.map(({ id }) => id));
    await deploy('--env', 'staging', ...PLACE, '--user', 'alice');
    expect(uploads()).toEqual(WORKERS.map((name) => `${name}-staging`));
    const staging = WORKERS.flatMap((name) => latest(`${name}-staging`)?.bindings ?? []);
    for (const { type, service } of staging) if (type === 'service') expect(service).toMatch(/-staging$/);
    expect(staging.filter(({ namespace_id }) => before.has(String(namespace_id)))).toEqual([]);
    const limiters = (name: string) =>
      latest(name)?.bindings.flatMap(({ type, namespace_id }) => (type === 'ratelimit' ? [namespace_id] : [])) ?? [];
    expect(limiters('cale-edge-staging')).toHaveLength(5);
    expect(limiters('cale-edge').filter((id) => limiters('cale-edge-staging').includes(id))).toEqual([]);
    for (const secret of ['DECOY_SECRET', 'AUTHORITY_KEY']) {
      expect(latest('cale-authority-staging')?.secrets[secret]).not.toBe(latest('cale-authority')?.secrets[secret]);
    }
  });
});

describe('with --single', () => {
  test('there is one Worker, with all secrets and without bindings to others', async () => {
    const flags = ['--single', '--env', 'try', '--organization', 'acme.example', '--jurisdiction', 'eu'];
    const { stdout, stderr } = await deploy('--dry-run', ...flags);
    expect([stderr, stdout.match(/KiB gzipped/g)?.length]).toEqual(['', 1]);
    expect((await deploy(...flags, '--user', 'alice')).stderr).toBe('');
    expect(uploads()).toEqual(['cale-try']);
    const { bindings = [], secrets = {}, vars, limits } = latest('cale-try') ?? {};
    expect(bindings.filter(({ type }) => type === 'service')).toEqual([]);
    expect(new Set(Object.keys(secrets))).toEqual(
      new Set(['edge', 'origin', 'authority'].flatMap((name) => Object.keys(latest(`cale-${name}`)?.secrets ?? {}))),
    );
    expect(vars).toMatchObject({ ORGANIZATION: 'acme.example', AUTHORITY_JURISDICTION: 'eu' });
    // What is published begins with the certificate that issues.
    const [first] = secrets['AUTHORITY_CERTIFICATES']?.split('\n\n') ?? [];
    expect(new X509Certificate(first ?? '').checkPrivateKey(createPrivateKey(secrets['AUTHORITY_KEY'] ?? ''))).toBe(
      true,
    );
    expect(limits).toBeUndefined();
  });

  test('the gateway is not among them', async () => {
    expect((await deploy('--single', '--gateway')).stderr).toContain('--single has the demo API in it');
  });
});

describe('the last test, by a client at the edge', () => {
  const smoke = (basic: string): Promise<Ended> => {
    const args = ['demo/smoke-test/smoke-test.ts', inject('edge'), '--read', '/resource', '--write', '/echo'];
    return tryRun(ROOT, [process.execPath, ...args], { CALE_BASIC: basic });
  };

  test('registers, reads, writes, asks who it is, and revokes itself', async () => {
    const { code, stdout, stderr } = await smoke('alice:wonderland');
    expect([code, stderr]).toEqual([0, '']);
    for (const line of ['registered', 'read /resource: 200', 'wrote to /echo: 200', 'wrote sealed to /echo: 200']) {
      expect(stdout).toContain(line);
    }
    expect(stdout).toContain('is alice');
    expect(stdout).toContain('the answer cannot be read');
  });

  test('says which step failed', async () => {
    const { code, stderr } = await smoke('alice:looking-glass');
    expect(code).toBe(1);
    expect(stderr).toContain('A client that registers at the edge fails');
    expect(stderr).not.toContain('looking-glass');
  });
});
