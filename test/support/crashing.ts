/** Steps of tests that kill a served system: what its clients can do before and after. */

import { expect } from 'vitest';
import { ask, type RegisteredDevice } from './harness.ts';
import { signedFields } from './raw-signing.ts';
import type { ServedSystem } from './served-system.ts';

/** Kills the system by SIGKILL, and starts it again with what it has stored. */
export async function crash(system: ServedSystem): Promise<void> {
  await system.kill();
  await system.restart();
}

/** Calls a path of administration as one who may. */
export const administer = (system: ServedSystem, path: string, method: 'POST' | 'DELETE') =>
  system.server.fetch(`/admin/${path}`, { method, headers: { Authorization: `Bearer ${system.adminToken}` } });

/** @returns true when the GUID opens an answer, false for a decoy. @throws when there is no answer. */
export async function isValid(system: ServedSystem, { device, guid }: RegisteredDevice): Promise<boolean> {
  const answer = await ask(system, '/note', guid);
  expect(answer.status).toBe(200);
  return isOpened(device, answer);
}

/** @returns true when the key of the client opens the answer. */
export async function isOpened(
  device: RegisteredDevice['device'],
  answer: { text(): Promise<string> },
): Promise<boolean> {
  const message = await answer.text();
  return device.open(message).then(
    () => true,
    () => false,
  );
}

/** A signed write. */
export async function write(system: ServedSystem, { device, guid }: RegisteredDevice, nonce: string) {
  const url = new URL('/echo', system.url).href;
  const headers = await signedFields(device, { method: 'POST', url, nonce, body: '', contentType: undefined });
  return ask(system, '/echo', guid, { method: 'POST', headers });
}
