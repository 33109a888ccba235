/**
 * The runtime is killed by SIGKILL, at any moment and at named steps. What a client could read of an answer holds
 * afterwards, and nothing is half there. `CALE_CRASH_ROUNDS` makes it kill more often, `CALE_CRASH_SEED` as in another run.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { administer, crash, isValid, write } from '../support/crashing.ts';
import { Device } from '../support/device.ts';
import { ask, type RegisteredDevice, register, registeredDevice } from '../support/harness.ts';
import { randomNonce, signedFields } from '../support/raw-signing.ts';
import { type ServedSystem, serveSystem } from '../support/served-system.ts';
import { createRandom } from '../support/statistics/random.ts';

const ROUNDS = Number(process.env['CALE_CRASH_ROUNDS'] ?? 3);
const SEED = Number(process.env['CALE_CRASH_SEED'] ?? Date.now() % 2 ** 31);

let system: ServedSystem;
beforeAll(async () => {
  system = await serveSystem();
});
afterAll(() => system.close());

const revoke = (guid: string) => administer(system, `credentials/${guid}`, 'DELETE');

async function renew({ device, guid }: RegisteredDevice, csr: Uint8Array<ArrayBuffer>) {
  const url = new URL('/registration', system.url).href;
  const request = { method: 'POST', url, nonce: randomNonce(), body: csr, contentType: 'application/pkcs10' };
  const headers = await signedFields(device, request);
  return ask(system, '/registration', guid, { method: 'POST', headers, body: csr });
}

describe('killed at any moment', () => {
  test('a GUID that a client read opens answers, one whose revocation was answered opens none, and no nonce comes twice', async () => {
    console.log(`seed ${SEED}, rounds ${ROUNDS}`);
    const random = createRandom(SEED);
    const valid = new Set<RegisteredDevice>();
    const revoked = new Set<RegisteredDevice>();
    const written: [RegisteredDevice, string][] = [];
    for (let round = 0; round < ROUNDS; round++) {
      let isKilled = false;
      const loop = async () => {
        while (!isKilled) {
          const client = await registeredDevice(system);
          valid.add(client);
          const nonce = randomNonce();
          const answer = await write(system, client, nonce);
          await client.device.open(await answer.text());
          written.push([client, nonce]);
          if (random() < 0.7) continue;
          // It is neither valid nor revoked until there is an answer.
          valid.delete(client);
          expect(await (await revoke(client.guid)).json()).toEqual({ revoked: 1 });
          revoked.add(client);
        }
      };
      const loops = [loop(), loop(), loop()].map((each) => each.catch((error: unknown) => error));
      await new Promise((resolve) => setTimeout(resolve, 200 + random() * 1500));
      isKilled = true;
      await system.kill();
      const errors = await Promise.all(loops);
      // A connection that broke, and nothing else.
      for (const error of errors) if (error !== undefined) expect(String(error)).toMatch(/fetch failed|terminated/);
      await system.restart();
      for (const client of valid) expect(await isValid(system, client)).toBe(true);
      for (const client of revoked) expect(await isValid(system, client)).toBe(false);
      for (const [client, nonce] of written) {
        const answer = await write(system, client, nonce);
        await expect(client.device.open(await answer.text())).rejects.toThrow();
      }
    }
    console.log(`${valid.size} valid, ${revoked.size} revoked, ${written.length} nonces`);
    expect(valid.size).toBeGreaterThan(0);
  });
});

describe.each(['before', 'after'] as const)('killed %s the CSR is in KV', (moment) => {
  test('a registration is not there, and the same one is made afterwards', async () => {
    const device = await Device.create('P-256', 'another device');
    const held = system.catalogue.holdNext('csr/', moment);
    const answer = register(system, device.csr).catch(() => undefined);
    const { key } = await held;
    await crash(system);
    expect(await answer).toBeUndefined();
    expect(system.catalogue.entries.has(key)).toBe(moment === 'after');
    const again = await register(system, device.csr);
    expect(await isValid(system, { device, guid: await device.open(await again.text()) })).toBe(true);
  });

  test('a renewal is not there: the old credential is valid, and can be renewed', async () => {
    const client = await registeredDevice(system);
    const device = await Device.create('P-256', 'the next key');
    const held = system.catalogue.holdNext('csr/', moment);
    const answer = renew(client, device.csr).catch(() => undefined);
    await held;
    await crash(system);
    expect(await answer).toBeUndefined();
    expect(await isValid(system, client)).toBe(true);
    const again = await renew(client, device.csr);
    expect(await isValid(system, { device, guid: await device.open(await again.text()) })).toBe(true);
    // The use of the new one revokes the old one, after the answer.
    await expect.poll(() => isValid(system, client)).toBe(false);
  });

  test('a revocation that was answered stays, and reaches KV', async () => {
    const client = await registeredDevice(system);
    const held = system.catalogue.holdNext('csr/', moment);
    expect(await (await revoke(client.guid)).json()).toEqual({ revoked: 1 });
    const { key } = await held;
    await crash(system);
    expect(await isValid(system, client)).toBe(false);
    const stateOf = () => JSON.parse(system.catalogue.entries.get(key)?.metadata ?? '{}').state;
    await expect.poll(stateOf, { timeout: 100_000, interval: 500 }).toBe('revoked');
  });
});
