import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';
import { ALICE, ask, type Harness, register, registeredDevice, startHarness } from '../support/harness.ts';

/** The edge as it is, with limits that are soon reached. */
const CONFIG = 'wrangler.limits.local.toml';
const LIMIT = 5;

let harness: Harness;
beforeAll(async () => {
  const original = readFileSync(join(ROOT, 'wrangler.toml'), 'utf8');
  const limited = original.replaceAll(/limit = \d+/g, `limit = ${LIMIT}`);
  expect(limited).not.toBe(original);
  writeFileSync(join(ROOT, CONFIG), limited);
  harness = await startHarness({ edgeConfig: CONFIG });
});
afterAll(async () => {
  await harness.server.close();
  rmSync(join(ROOT, CONFIG));
});

/** Sends until it is refused: a window of the limiter may end in between. */
async function untilRefused(send: () => ReturnType<typeof ask>): Promise<void> {
  for (let sent = 0; sent < 5 * LIMIT; sent++) if ((await send()).status === 429) return;
  expect.unreachable('never refused');
}

const TOO_MANY = { type: 'urn:cale:problem:too-many-requests', title: 'Too many requests.', status: 429 };

test('registration is refused for a network, with any proof, with a time to wait', async () => {
  const from = (address: string) => ({ 'CF-Connecting-IP': address });
  await untilRefused(() => register(harness, 'x', { ...from('2001:db8:1:1::1'), Authorization: 'x' }));
  const refused = await register(harness, 'x', { ...from('2001:db8:1:1:ffff::2'), Authorization: ALICE });
  expect(refused.headers.get('Retry-After')).toBe('60');
  expect(await refused.json()).toEqual(TOO_MANY);
  expect((await register(harness, 'x', { ...from('2001:db8:1:2::1'), Authorization: 'x' })).status).toBe(401);
});

test('requests are refused for known and unknown GUIDs alike, with a time to wait', async () => {
  const { guid } = await registeredDevice(harness);
  const headers = { 'CF-Connecting-IP': '192.0.2.1' };
  for (const id of [guid, crypto.randomUUID(), 'x']) {
    await untilRefused(() => ask(harness, '/resource', crypto.randomUUID(), { headers }));
    const refused = await ask(harness, '/resource', id, { headers });
    expect(refused.headers.get('Retry-After')).toBe('10');
    expect(await refused.json()).toEqual(TOO_MANY);
  }
  await untilRefused(() => harness.server.fetch('/.well-known/cale', { headers }));
});
