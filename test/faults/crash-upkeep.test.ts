/**
 * The runtime is killed by SIGKILL at named steps of the sweep, of reindexing, and of admitting a nonce. Nothing is half there
 * afterwards: credentials answer, revocations hold, and what was under way can be done again.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { administer, crash, isOpened, isValid, write } from '../support/crashing.ts';
import { Device } from '../support/device.ts';
import { type RegisteredDevice, register, registeredDevice } from '../support/harness.ts';
import type { KvServer } from '../support/kv-server.ts';
import { randomNonce } from '../support/raw-signing.ts';
import { type ServedSystem, serveSystem } from '../support/served-system.ts';

const LONG_AGO = new Date(Date.now() - 2 * 60 * 60 * 1000).toISOString();

let system: ServedSystem;
beforeAll(async () => {
  system = await serveSystem();
});
afterAll(() => system.close());

const metadataOf = (key: string) => JSON.parse(system.catalogue.entries.get(key)?.metadata ?? '{}');

function keyOf(guid: string): string {
  const keys = [...system.catalogue.entries.keys()];
  return keys.find((key) => metadataOf(key).guid === guid) ?? expect.unreachable('no entry');
}

/** Two credentials: one is valid, and the revocation of the other is only in KV. */
async function twoCredentials() {
  const [valid, revoked] = [await registeredDevice(system), await registeredDevice(system)];
  // Their shards tell KV of the rows after some seconds. That would write over what is changed before, and could be held in
  // place of what is to be.
  const states = () => [valid, revoked].map(({ guid }) => metadataOf(keyOf(guid)).state);
  await expect.poll(states, { timeout: 60_000, interval: 200 }).toEqual(['valid', 'valid']);
  const times = { revokedAt: LONG_AGO, registeredAt: LONG_AGO };
  system.catalogue.change(keyOf(revoked.guid), { state: 'revoked', ...times });
  return { valid, revoked };
}

/** The entry of a registration that a crash ended before its row was there. */
async function entryWithoutRow(): Promise<RegisteredDevice & { readonly key: string }> {
  const device = await Device.create('P-256', 'another device');
  const held = system.catalogue.holdNext('csr/', 'after');
  const answer = register(system, device.csr).catch(() => undefined);
  const { key } = await held;
  await crash(system);
  expect(await answer).toBeUndefined();
  return { device, guid: metadataOf(key).guid, key };
}

describe.each([
  ['list', 'before', 'lists the entries'],
  ['delete', 'before', 'removes one'],
  ['delete', 'after', 'has removed one'],
] as const)('killed while a sweep holds: %s, %s', (call, moment, step) => {
  test(`it ${step}: credentials answer, and the next sweep does what is left`, async () => {
    const { valid, revoked } = await twoCredentials();
    const { key } = await entryWithoutRow();
    system.catalogue.change(key, { registeredAt: LONG_AGO });
    const held = system.catalogue.holdNext(call === 'list' ? 'csr/' : key, moment, call);
    const outcome = system.runScheduled().catch(() => undefined);
    await held;
    await crash(system);
    expect(await outcome).toBeUndefined();
    expect(system.catalogue.entries.has(key)).toBe(moment === 'before');
    expect(await isValid(system, valid)).toBe(true);
    // It takes revocations from KV before it removes.
    expect(await isValid(system, revoked)).toBe(call === 'list');
    expect(await system.runScheduled()).toBe('ok');
    expect(system.catalogue.entries.has(key)).toBe(false);
    expect(await isValid(system, valid)).toBe(true);
    expect(await isValid(system, revoked)).toBe(false);
  });
});

describe.each([
  ['list', 'lists the entries'],
  ['get', 'reads the CSR of a row that it is to make'],
] as const)('killed while reindexing holds: %s', (call, step) => {
  test(`it ${step}: credentials answer, and reindexing once more does what is left`, async () => {
    const { valid, revoked } = await twoCredentials();
    const lost = await entryWithoutRow();
    const held = system.catalogue.holdNext(call === 'list' ? 'csr/' : lost.key, 'before', call);
    const answer = administer(system, 'reindex', 'POST').catch(() => undefined);
    await held;
    await crash(system);
    expect(await answer).toBeUndefined();
    expect(await isValid(system, valid)).toBe(true);
    expect(await isValid(system, lost)).toBe(false);
    expect(await isValid(system, revoked)).toBe(call === 'list');
    const again = await administer(system, 'reindex', 'POST');
    expect(await again.json()).toMatchObject({ added: 1, revoked: call === 'list' ? 1 : 0, refused: 0, cursor: null });
    const clients = [valid, lost, revoked];
    expect(await Promise.all(clients.map((each) => isValid(system, each)))).toEqual([true, true, false]);
    const last = await administer(system, 'reindex', 'POST');
    expect(await last.json()).toMatchObject({ added: 0, revoked: 0, refused: 0, cursor: null });
  });
});

describe('killed while a signed write holds', () => {
  /** @returns how often the write was answered: before the kill, and in two attempts after it. */
  async function writeThrice(client: RegisteredDevice, kv: KvServer, key: string): Promise<boolean[]> {
    const nonce = randomNonce();
    const attempt = async () => isOpened(client.device, await write(system, client, nonce));
    // The first request of an isolate reads from KV.
    await crash(system);
    const held = kv.holdNext(key, 'before', 'get');
    const first = attempt().catch(() => false);
    await held;
    await crash(system);
    const answered = [await first, await attempt(), await attempt()];
    const another = await write(system, client, randomNonce());
    expect(await isOpened(client.device, another)).toBe(true);
    return answered;
  }

  test('in the authority, which admits it meanwhile: the nonce is admitted once at most, and others are', async () => {
    const answered = await writeThrice(await registeredDevice(system), system.catalogue, 'decoys/shapes');
    expect(answered.filter(Boolean).length).toBeLessThanOrEqual(1);
    expect(answered.at(-1)).toBe(false);
  });

  test('in the origin, after its nonce was admitted: it is not admitted again, and others are', async () => {
    const answered = await writeThrice(await registeredDevice(system), system.decoys, 'decoys/answers');
    expect(answered.slice(1)).toEqual([false, false]);
  });
});
