/** Durable Objects and KV that fail: each fault has one outcome, and no known client ever gets a decoy by it. */

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Device } from '../support/device.ts';
import { expectUnavailable } from '../support/expect-unavailable.ts';
import { type FaultyStorage, startFaultyStorage } from '../support/faulty-storage.ts';
import { ALICE, ask, type RegisteredDevice, register, registeredDevice } from '../support/harness.ts';
import { randomNonce, signedFields } from '../support/raw-signing.ts';

let storage: FaultyStorage;
let client: RegisteredDevice;
beforeAll(async () => {
  // One shard, so that a fault meets every GUID.
  storage = await startFaultyStorage({ AUTHORITY_SHARDS: '1' });
  client = await registeredDevice(storage.harness);
});
afterAll(() => storage.harness.server.close());
afterEach(async () => {
  await storage.shard('none');
  await storage.kv('none');
});

const read = (guid = client.guid) => ask(storage.harness, '/resource', guid);
const whoami = (guid = client.guid) => ask(storage.harness, '/whoami', guid);
const admin = (path: string, method = 'GET') =>
  storage.harness.server.fetch(`/admin/credentials${path}`, { method, headers: { Authorization: 'Bearer admin' } });

async function write(nonce = randomNonce()) {
  const url = new URL('/echo', storage.harness.url).href;
  const headers = await signedFields(client.device, { method: 'POST', url, nonce, body: '', contentType: undefined });
  return ask(storage.harness, '/echo', client.guid, { method: 'POST', headers });
}

type Answer = Awaited<ReturnType<typeof ask>>;

/** @throws when the answer is a decoy. */
const open = async (answer: Answer, { device } = client) => {
  expect(answer.status).toBe(200);
  return device.open(await answer.text());
};

// First, because only the first request of an isolate asks KV for the shapes of decoys.
test.each(['hangs', 'down'] as const)('while KV %s, all but registration goes on', async (fault) => {
  await storage.kv(fault);
  expect(await open(await read())).toContain('alice');
  expect(await open(await write())).toContain('POST');
  expect(await open(await whoami())).toContain('BEGIN CERTIFICATE');
  expect((await read(crypto.randomUUID())).status).toBe(200);
  const device = await Device.create('P-256', 'another device');
  await expectUnavailable(await register(storage.harness, device.csr));

  await storage.kv('none');
  const other = await registeredDevice(storage.harness);
  await storage.kv(fault);
  expect(await (await admin(`/${other.guid}`, 'DELETE')).json()).toEqual({ revoked: 1 });
  await expect(open(await read(other.guid), other)).rejects.toThrow();
});

describe('a KV that', () => {
  test('is slow is waited for', async () => {
    await storage.kv('slow');
    const other = await registeredDevice(storage.harness);
    expect(await open(await read(other.guid), other)).toContain('alice');
  });

  test('writes too late leaves nothing half there: the same CSR gets one credential afterwards', async () => {
    const device = await Device.create('P-256', 'another device');
    await storage.kv('late');
    await expectUnavailable(await register(storage.harness, device.csr));
    await storage.kv('none');
    const answers = [await register(storage.harness, device.csr), await register(storage.harness, device.csr)];
    const guids = await Promise.all(answers.map(async (answer) => device.open(await answer.text())));
    expect(new Set(guids).size).toBe(1);
    for (const guid of guids) expect(await open(await read(guid), { device, guid })).toContain('alice');
  });

  test('is stale does not matter to known GUIDs', async () => {
    await storage.kv('stale');
    expect(await open(await read())).toContain('alice');
    expect((await register(storage.harness, client.device.csr)).status).toBe(200);
  });
});

describe('a shard that is reset', () => {
  test('once is asked once more for what can be asked twice', async () => {
    await storage.shard('resets once');
    expect(await open(await read())).toContain('alice');
    await storage.shard('resets once');
    expect(await open(await whoami())).toContain('BEGIN CERTIFICATE');
    await storage.shard('resets once');
    expect(await (await admin('?owner=alice')).json()).toHaveProperty('credentials.0.guid');
    await storage.shard('resets once when it has written');
    expect(await (await admin(`/${crypto.randomUUID()}`, 'DELETE')).json()).toEqual({ revoked: 0 });
  });

  test('once while it revokes has revoked when the answer is there', async () => {
    for (const fault of ['resets once', 'resets once when it has written'] as const) {
      const other = await registeredDevice(storage.harness);
      await storage.shard(fault);
      expect((await admin(`/${other.guid}`, 'DELETE')).status).toBe(200);
      await expect(open(await read(other.guid), other)).rejects.toThrow();
    }
  });

  test('again and again is unavailable, to known and unknown GUIDs alike, and was asked twice', async () => {
    await storage.shard('resets');
    await expectUnavailable(await read());
    expect(await storage.calls()).toBe(2);
    await expectUnavailable(await read(crypto.randomUUID()));
    await expectUnavailable(await whoami());
    await storage.shard('none');
    expect(await open(await read())).toContain('alice');
  });

  test('once while it admits a nonce is unavailable; with a new nonce the write is done', async () => {
    await storage.shard('resets once');
    await expectUnavailable(await write());
    expect(await storage.calls()).toBe(1);
    expect(await open(await write())).toContain('POST');
  });

  test('when it had admitted a nonce never admits it again', async () => {
    const nonce = randomNonce();
    await storage.shard('resets once when it has written');
    await expectUnavailable(await write(nonce));
    await expect(open(await write(nonce))).rejects.toThrow();
    expect(await open(await write())).toContain('POST');
  });

  test('while it registers leaves a registration that is made by the same request later', async () => {
    for (const fault of ['resets once', 'resets once when it has written'] as const) {
      const other = await Device.create('P-256', 'another device');
      await storage.shard(fault);
      await expectUnavailable(await register(storage.harness, other.csr));
      const answer = await register(storage.harness, other.csr, { Authorization: ALICE });
      const guid = await other.open(await answer.text());
      expect(await open(await read(guid), { device: other, guid })).toContain('alice');
    }
  });
});

test.each([
  ['overloaded', 1],
  ['unreachable', 2],
] as const)('a shard that is %s is unavailable, and a read asks it %i times', async (fault, times) => {
  await storage.shard(fault);
  await expectUnavailable(await read());
  expect(await storage.calls()).toBe(times);
  await expectUnavailable(await read(crypto.randomUUID()));
  await expectUnavailable(await write());
  await expectUnavailable(await whoami());
  await storage.shard('none');
  expect(await open(await read())).toContain('alice');
});

test('a shard that is unreachable once is asked once more, except for a write', async () => {
  await storage.shard('unreachable once');
  expect(await open(await read())).toContain('alice');
  await storage.shard('unreachable once');
  await expectUnavailable(await write());
  expect(await storage.calls()).toBe(1);
});

test('a shard that hangs is unavailable when its deadline is over', async () => {
  await storage.shard('hangs');
  await expectUnavailable(await read());
  await expectUnavailable(await read(crypto.randomUUID()));
  await expectUnavailable(await write());
  await storage.shard('none');
  expect(await open(await read())).toContain('alice');
});
