/** Rotating and revoking keys by `npm run ca`, while clients old and new ask: no request may fail. */

import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Account } from '../../client/account.ts';
import { CaleClient, MemoryKeyStore } from '../../client/index.ts';
import { createAuthority, createOriginKey } from '../../scripts/certificates.ts';
import { createClone } from '../support/clone.ts';
import { type Bundles, type Deployments, startDeployments } from '../support/deployments.ts';
import { basic } from '../support/harness.ts';
import { askForEverything, type Load, startLoad } from '../support/load.ts';
import { run } from '../support/projects.ts';

const ALICE = basic('alice', 'wonderland');

/** The Workers in the order in which the command says that they are deployed. */
const ORDER = ['resource', 'origin', 'authority'] as const;

let folder: string;
let clone: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cale-rotation-'));
  clone = await createClone(join(folder, 'clone'));
});
afterAll(() => rm(folder, { recursive: true }));

const ca = async (...args: string[]): Promise<string> =>
  (await run(clone, ['npm', 'run', '-s', 'ca', '--', ...args], { CALE_CA_PASSPHRASE: 'correct horse' })).stdout;

async function readBundles(): Promise<Bundles> {
  const all = ORDER.map(async (worker) => [
    worker,
    JSON.parse(await readFile(join(clone, 'secrets/deploy', `${worker}.json`), 'utf8')),
  ]);
  return Object.fromEntries(await Promise.all(all));
}

/** Runs the command once for each of the states behind the first. */
async function statesOf(first: Bundles, commands: readonly string[]): Promise<Bundles[]> {
  const states = [first];
  for (const command of commands) {
    await ca(...command.split(' '));
    states.push(await readBundles());
  }
  return states;
}

const publishedAt = async (edge: string): Promise<string[]> =>
  ((await (await fetch(`${edge}/.well-known/cale`)).json()) as { authorityCertificates: string[] })
    .authorityCertificates;

const register = (edge: string, store = new MemoryKeyStore()): Promise<CaleClient> =>
  CaleClient.register({ edge, authorization: ALICE, store });

/** A client with its store. */
async function registerStored(edge: string): Promise<{ client: CaleClient; store: MemoryKeyStore }> {
  const store = new MemoryKeyStore();
  return { client: await register(edge, store), store };
}

const accountOf = async (store: MemoryKeyStore, edge: string): Promise<Account> =>
  (await store.get({ edge, name: 'default' })) ?? expect.unreachable('no account');

/** An account as the version before stored it: it has no issuers, and pinned all that was published. */
async function registerAsBefore(edge: string): Promise<{ client: CaleClient; store: MemoryKeyStore }> {
  const { store } = await registerStored(edge);
  const { issuers, ...account } = await accountOf(store, edge);
  await store.put({ ...account, authorities: (await publishedAt(edge)).join('') });
  return { client: (await CaleClient.load({ edge, store })) ?? expect.unreachable(), store };
}

/** Deploys a state, Worker for Worker, with a round of all requests behind each. */
async function deployUnder(load: Load, deployments: Deployments, state: number): Promise<void> {
  for (const worker of ORDER) {
    await deployments.deploy(worker, state);
    await load.round();
  }
}

/** For a slow machine: a test goes on when its requests are answered, and waits for no clock. */
const LONG = { timeout: 900_000 };

describe('a deployment with a root', () => {
  const ROTATIONS = [
    ...['issuing', 'signing', 'encryption'].flatMap((kind) => Array(3).fill(`rotate ${kind}`)),
    ...Array(6).fill('rotate root'),
  ] as string[];
  const REVOCATIONS = ['revoke signing-2', 'revoke issuing-4', 'revoke root-3'];
  let states: Bundles[];
  let deployments: Deployments;
  let sleeper: { client: CaleClient; store: MemoryKeyStore };

  /** A file of the first of the two authorities. */
  const readFirst = async (name: string): Promise<string> =>
    (await readFile(join(folder, 'first', `${name}.pem`), 'utf8')).trim();
  const certificatesOf = async (key: string): Promise<string[]> =>
    Promise.all(
      (await readdir(join(folder, 'first')))
        .filter((file) => file.endsWith('.pem') && file.startsWith(`${key}.`))
        .map((file) => readFirst(file.slice(0, -'.pem'.length))),
    );

  beforeAll(async () => {
    await ca('init');
    states = await statesOf(await readBundles(), [...ROTATIONS, ...REVOCATIONS]);
    await rename(join(clone, 'secrets'), join(folder, 'first'));
    await ca('init');
    states.push(await readBundles());
    deployments = await startDeployments(states);
    sleeper = await registerStored(deployments.edge);
  }, LONG.timeout);
  afterAll(() => deployments.close());

  test('issuing key, keys of the origin and root are rotated, the root twice, and no request fails', LONG, async () => {
    const { edge } = deployments;
    const before = await registerAsBefore(edge);
    const { client, store } = await registerStored(edge);
    const load = startLoad({ client, before: before.client, newcomer: () => register(edge) });
    await load.round();
    for (const state of ROTATIONS.keys()) await deployUnder(load, deployments, state + 1);
    const failures = await load.stop();
    expect(failures).toEqual([]);
    expect(load.requests).toBeGreaterThan(ROTATIONS.length * ORDER.length * 10);
    // The last root and its issuing key are trusted, and nothing of the first ones.
    const [issuing, , , root = ''] = await publishedAt(edge);
    for (const each of [store, before.store]) {
      const { authorities, issuers } = await accountOf(each, edge);
      expect(authorities).toContain(root);
      expect(issuers).toContain(issuing);
      for (const gone of ['root-1', 'issuing-1']) expect(authorities + issuers).not.toContain(await readFirst(gone));
    }
  });

  test('a client that slept through all of it comes back, and its account moves to the last root', async () => {
    const { edge } = deployments;
    const [, , , root] = await publishedAt(edge);
    expect((await accountOf(sleeper.store, edge)).authorities).not.toBe(root);
    await askForEverything((await CaleClient.load({ edge, store: sleeper.store })) ?? expect.unreachable());
    expect((await accountOf(sleeper.store, edge)).authorities).toBe(root);
  });

  test.each(REVOCATIONS)(
    '%s: when all is deployed, clients go on, and have forgotten the stolen key',
    async (command) => {
      const { edge } = deployments;
      const state = ROTATIONS.length + 1 + REVOCATIONS.indexOf(command);
      const stolen = await certificatesOf(command.split(' ')[1] ?? '');
      const knows = async () => {
        const { authorities, issuers, origin } = await accountOf(sleeper.store, edge);
        return stolen.some((each) => `${authorities}${issuers}${origin?.signing}`.includes(each));
      };
      const client = (await CaleClient.load({ edge, store: sleeper.store })) ?? expect.unreachable();
      await askForEverything(client);
      expect(await knows()).toBe(true);
      for (const worker of ORDER) await deployments.deploy(worker, state);
      // The first answer is enough.
      expect((await client.fetch('/balance')).status).toBe(200);
      expect(await knows()).toBe(false);
      await askForEverything(client);
    },
  );

  test('an authority that the pinned one did not certify is told from an answer that cannot be read', async () => {
    const { edge } = deployments;
    const { client, store } = await registerStored(edge);
    const account = await accountOf(store, edge);
    for (const worker of ORDER) await deployments.deploy(worker, states.length - 1);
    const changed = { code: 'authority-changed' };
    await expect(client.whoami()).rejects.toMatchObject(changed);
    await expect(client.fetch('/balance')).rejects.toMatchObject(changed);
    expect(await accountOf(store, edge)).toEqual(account);
    await askForEverything(await register(edge));
  });
});

describe('a deployment from before there was a root', () => {
  const ROTATIONS = [...Array(3).fill('rotate root'), ...Array(3).fill('rotate signing'), 'rotate issuing'] as string[];
  let deployments: Deployments;

  beforeAll(async () => {
    await rm(join(clone, 'secrets'), { recursive: true, force: true });
    await mkdir(join(clone, 'secrets'));
    const authority = await createAuthority('CALE authority');
    const signing = await createOriginKey(authority, 'signing');
    const encryption = await createOriginKey(authority, 'encryption');
    for (const [name, { key, certificate }] of Object.entries({
      authority,
      'origin-signing': signing,
      'origin-encryption': encryption,
    })) {
      await writeFile(join(clone, 'secrets', `${name}.key`), key);
      await writeFile(join(clone, 'secrets', `${name}.pem`), certificate);
    }
    const trust = { AUTHORITY_CERTIFICATES: authority.certificate };
    const first = {
      resource: trust,
      origin: {
        ...trust,
        ORIGIN_SIGNING_KEY: signing.key,
        ORIGIN_SIGNING_CERTIFICATES: signing.certificate,
        ORIGIN_ENCRYPTION_KEY: encryption.key,
        ORIGIN_ENCRYPTION_CERTIFICATES: encryption.certificate,
      },
      authority: { ...trust, AUTHORITY_KEY: authority.key },
    };
    deployments = await startDeployments(await statesOf(first, ROTATIONS));
  }, LONG.timeout);
  afterAll(() => deployments.close());

  test('gets one that its authority certified, and no client registers again', LONG, async () => {
    const { edge } = deployments;
    const before = await registerAsBefore(edge);
    const { client, store } = await registerStored(edge);
    const sleeper = await registerAsBefore(edge);
    const load = startLoad({ client, before: before.client });
    await load.round();
    for (const state of ROTATIONS.keys()) await deployUnder(load, deployments, state + 1);
    expect(await load.stop()).toEqual([]);
    await askForEverything(sleeper.client);
    const root = (await publishedAt(edge)).at(-1);
    for (const each of [store, before.store, sleeper.store]) {
      expect((await accountOf(each, edge)).authorities).toBe(root);
    }
  });
});
