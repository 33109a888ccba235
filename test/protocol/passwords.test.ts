/** Wrong passwords: how many are looked at, and that they cost others nothing. Hashes are counted, not timed. */

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';
import type { GuardCounts } from '../support/counting-guard.ts';
import { Device } from '../support/device.ts';
import { ALICE, ask, BOB, basic, type Harness, register, registeredDevice, startHarness } from '../support/harness.ts';

/** The edge as it is, but for the class behind PASSWORDS, which counts. */
const CONFIG = 'wrangler.passwords.local.toml';
const COUNTING = 'counting-guard';

const MAX_OF_NETWORK = 10;
const MAX_OF_NETWORK_OVER_ALL_NAMES = 30;
const MAX_OF_STRANGERS = 100;

let harness: Harness;
let csr: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  const binding = 'class_name = "PasswordGuard"';
  const original = readFileSync(join(ROOT, 'wrangler.toml'), 'utf8');
  expect(original).toContain(binding);
  const counting = `class_name = "CountingGuard"\nscript_name = "${COUNTING}"`;
  writeFileSync(join(ROOT, CONFIG), original.replace(binding, counting));
  ({ csr } = await Device.create('P-256', ''));
});
afterAll(() => rmSync(join(ROOT, CONFIG)));

// Each test has objects that have seen no failure.
beforeEach(async () => {
  harness = await startHarness({
    edgeConfig: CONFIG,
    more: [
      {
        name: COUNTING,
        main: 'test/support/counting-guard.ts',
        compatibility_date: '2026-11-02',
        compatibility_flags: ['nodejs_compat'],
        durable_objects: { bindings: [{ name: 'PASSWORDS', class_name: 'CountingGuard' }] },
        migrations: [{ tag: 'v1', new_sqlite_classes: ['CountingGuard'] }],
      },
    ],
  });
  return () => harness.server.close();
});

async function countsOf(name: string): Promise<GuardCounts> {
  const answer = await harness.server.getWorker(COUNTING).fetch(`https://guard/?name=${encodeURIComponent(name)}`);
  return (await answer.json()) as GuardCounts;
}

const FLOOD = '198.51.100.1';
const from = (address: string, authorization: string) =>
  register(harness, csr, { Authorization: authorization, 'CF-Connecting-IP': address });

/** Statuses of many registrations at the same time, by number. */
async function flood(size: number, send: (at: number) => ReturnType<typeof from>): Promise<Record<number, number>> {
  const answers = await Promise.all(Array.from({ length: size }, (_, at) => send(at)));
  const statuses: Record<number, number> = {};
  for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
  return statuses;
}

/** Sends one after another until one is refused. */
async function untilRefused(send: (at: number) => ReturnType<typeof from>, most: number): Promise<number> {
  for (let at = 0; at <= most; at++) if ((await send(at)).status === 429) return at;
  return expect.unreachable(`${most} were not enough`);
}

/** What others want while there is a flood, each from a network of its own. */
async function assertOthersAreServed(): Promise<void> {
  const { device, guid } = await registeredDevice(harness, 'P-256', BOB);
  const answer = await ask(harness, '/resource', guid);
  expect(await device.open(await answer.text())).toContain('bob');
}

describe('a flood of wrong passwords from one network', () => {
  test('against one name is looked at ten times, and costs neither others nor the owner anything', async () => {
    const ended = flood(60, () => from(FLOOD, basic('alice', 'wrong')));
    await Promise.all([assertOthersAreServed(), registeredDevice(harness)]);
    const first = await ended;
    expect(first[429]).toBeGreaterThan(0);
    const second = await flood(60, () => from(FLOOD, basic('alice', 'wrong')));
    const lookedAt = (first[401] ?? 0) + (second[401] ?? 0);
    expect(lookedAt).toBeLessThanOrEqual(MAX_OF_NETWORK);
    // One more is the owner's.
    expect((await countsOf('alice')).hashes).toBe(lookedAt + 1);
    await untilRefused(() => from(FLOOD, basic('alice', 'wrong')), MAX_OF_NETWORK);
    expect((await countsOf('alice')).hashes).toBe(MAX_OF_NETWORK + 1);
    await Promise.all([assertOthersAreServed(), registeredDevice(harness)]);
  });

  test('against many names is looked at thirty times, and costs others nothing', async () => {
    const names = Array.from({ length: 90 }, (_, at) => `user-${at}`);
    const ended = flood(names.length, (at) => from(FLOOD, basic(names[at] ?? '', 'wrong')));
    await assertOthersAreServed();
    expect(await ended).toEqual({
      401: MAX_OF_NETWORK_OVER_ALL_NAMES,
      429: names.length - MAX_OF_NETWORK_OVER_ALL_NAMES,
    });
    const counts = await Promise.all(names.map(countsOf));
    expect(counts.reduce((sum, { hashes }) => sum + hashes, 0)).toBe(MAX_OF_NETWORK_OVER_ALL_NAMES);
    await Promise.all([assertOthersAreServed(), registeredDevice(harness)]);
  });

  test('ends the same for a password that is right, with a time to wait and without a look at it', async () => {
    await untilRefused(() => from(FLOOD, basic('alice', 'wrong')), MAX_OF_NETWORK);
    const { hashes } = await countsOf('alice');
    const answers = [];
    for (const authorization of [ALICE, basic('alice', 'wrong')]) {
      const response = await from(FLOOD, authorization);
      const retryAfter = Number(response.headers.get('Retry-After'));
      expect(retryAfter).toBeGreaterThan(0);
      expect(retryAfter).toBeLessThanOrEqual(600);
      expect(response.headers.has('WWW-Authenticate')).toBe(false);
      const { requestId: _, ...problem } = (await response.json()) as { requestId: string };
      answers.push({ status: response.status, problem });
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.problem).toEqual({
      type: 'urn:cale:problem:too-many-requests',
      title: 'Too many requests.',
      status: 429,
    });
    expect(await countsOf('alice')).toMatchObject({ hashes });
  });
});

test('against a flood from many networks the owner registers from a network that was used before', async () => {
  const [familiar, strange] = ['2001:db8:1:1::1', '192.0.2.200'];
  expect((await from(familiar, ALICE)).status).toBe(200);
  const send = (at: number) => from(`203.0.113.${at}`, basic('alice', 'wrong'));
  expect(await untilRefused(send, MAX_OF_STRANGERS)).toBe(MAX_OF_STRANGERS);
  expect((await from(strange, ALICE)).status).toBe(429);
  expect((await from('2001:db8:1:1::2', ALICE)).status).toBe(200);
  await assertOthersAreServed();
  // And it is held to the bound of a network.
  await untilRefused(() => from(familiar, basic('alice', 'wrong')), MAX_OF_NETWORK);
});

test('a network that was refused is so when the object was idle for longer than an idle one is kept', async () => {
  await untilRefused(() => from(FLOOD, basic('alice', 'wrong')), MAX_OF_NETWORK);
  const { hashes } = await countsOf('alice');
  // An object that nothing keeps is taken out of memory after ten seconds.
  await new Promise((resolve) => setTimeout(resolve, 15_000));
  expect((await from(FLOOD, ALICE)).status).toBe(429);
  expect(await countsOf('alice')).toMatchObject({ hashes });
});

test('right passwords do not count, however many there are', async () => {
  for (let at = 0; at < 2 * MAX_OF_NETWORK; at++) expect((await from(FLOOD, ALICE)).status).toBe(200);
  expect((await from(FLOOD, basic('alice', 'wrong'))).status).toBe(401);
});

test('a name that is not known looks like one that is, and neither stores anything before the right password', async () => {
  const names = ['alice', 'mallory', 'ß'.repeat(4000)];
  const outcomes = [];
  for (const [at, name] of names.entries()) {
    const authorization = `Basic ${Buffer.from(`${name}:wrong`).toString('base64')}`;
    const address = `192.0.2.${at}`;
    const refusedAt = await untilRefused(() => from(address, authorization), MAX_OF_NETWORK);
    const refused = await from(address, authorization);
    const { requestId: _, ...problem } = (await refused.json()) as { requestId: string };
    outcomes.push({ refusedAt, problem, ...(await countsOf(name)) });
  }
  expect(outcomes[0]).toMatchObject({ refusedAt: MAX_OF_NETWORK, hashes: MAX_OF_NETWORK, stored: [] });
  expect(outcomes[1]).toEqual(outcomes[0]);
  expect(outcomes[2]).toEqual(outcomes[0]);
  await registeredDevice(harness);
  expect((await countsOf('alice')).stored).not.toEqual([]);
});
