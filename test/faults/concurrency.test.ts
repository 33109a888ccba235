/** Requests that meet each other: revocations and validations, equal registrations, equal nonces. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { Device } from '../support/device.ts';
import { ask, BOB, type RegisteredDevice, register, registeredDevice } from '../support/harness.ts';
import { randomNonce, signedFields } from '../support/raw-signing.ts';
import { type ServedSystem, serveSystem } from '../support/served-system.ts';

let system: ServedSystem;
beforeAll(async () => {
  system = await serveSystem();
});
afterAll(() => system.close());

/** @returns true when the GUID opens an answer, false for a decoy. */
async function isValid({ device, guid }: RegisteredDevice): Promise<boolean> {
  const answer = await ask(system, '/note', guid);
  expect(answer.status).toBe(200);
  const message = await answer.text();
  return device.open(message).then(
    () => true,
    () => false,
  );
}

const revoke = (path: string) =>
  system.server.fetch(`/admin/credentials${path}`, {
    method: 'DELETE',
    headers: { Authorization: `Bearer ${system.adminToken}` },
  });

const AT_ONCE = 16;

/** Asks with all clients in turns, and notes what was valid by the time at which it was asked. */
async function validateUntil(clients: readonly RegisteredDevice[], isRevoked: () => boolean, total: number) {
  let [asked, before, after] = [0, 0, 0];
  let late = 0;
  const loop = async (first: number) => {
    for (let at = first; asked < total || after < total / 4; at++) {
      asked += 1;
      const client = clients[at % clients.length] ?? expect.unreachable();
      const isAfter = isRevoked();
      const wasValid = await isValid(client);
      if (isAfter) after += 1;
      if (wasValid && !isAfter) before += 1;
      if (wasValid && isAfter) late += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, at) => loop(at)));
  return { before, after, late };
}

test.each([
  ['one credential', 1],
  ['an owner with credentials in many shards', 12],
])('no request that begins after the answer to a revocation succeeds: %s', async (_, count) => {
  const clients: RegisteredDevice[] = [];
  for (let at = 0; at < count; at++) clients.push(await registeredDevice(system, 'P-256', BOB));
  let isRevoked = false;
  const validations = validateUntil(clients, () => isRevoked, 1000);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const answer = await revoke(count === 1 ? `/${clients[0]?.guid}` : '?owner=bob');
  expect(await answer.json()).toEqual({ revoked: count });
  isRevoked = true;
  const { before, after, late } = await validations;
  expect(before).toBeGreaterThan(0);
  expect(after).toBeGreaterThan(0);
  expect(late).toBe(0);
});

test('sixteen equal registrations at once are one credential', async () => {
  const device = await Device.create('P-256', 'the same device');
  // No more than five passwords for one name are checked at once: the others are told to wait.
  const registerPatiently = async (): Promise<string> => {
    for (;;) {
      const answer = await register(system, device.csr);
      const text = await answer.text();
      if (answer.status === 200) return device.open(text);
      expect(answer.status).toBe(429);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const guids = await Promise.all(Array.from({ length: 16 }, registerPatiently));
  expect(new Set(guids).size).toBe(1);
  const stored = [...system.catalogue.entries.values()].filter(({ value }) => value.equals(device.csr));
  expect(stored).toHaveLength(1);
});

test('of sixteen equal nonces at once one is admitted', async () => {
  const { device, guid } = await registeredDevice(system);
  const url = new URL('/echo', system.url).href;
  const request = { method: 'POST', url, nonce: randomNonce(), body: '', contentType: undefined };
  const headers = await signedFields(device, request);
  const opened = await Promise.all(
    Array.from({ length: 16 }, async () => {
      const answer = await ask(system, '/echo', guid, { method: 'POST', headers });
      expect(answer.status).toBe(200);
      return device.open(await answer.text()).catch(() => undefined);
    }),
  );
  expect(opened.filter((each) => each !== undefined)).toEqual([expect.stringContaining('POST')]);
});
