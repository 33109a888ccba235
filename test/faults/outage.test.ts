/** Parties behind the edge that are down, hang, or answer what they must not: each has one outcome. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectUnavailable } from '../support/expect-unavailable.ts';
import type { PartyFault } from '../support/faulty-party.ts';
import {
  ask,
  type Harness,
  type RegisteredDevice,
  register,
  registeredDevice,
  startHarness,
} from '../support/harness.ts';
import { randomNonce, signedFields } from '../support/raw-signing.ts';

/** Deadlines that a test can wait for. */
const VARS = { edge: { UPSTREAM_DEADLINE_MS: '1500' }, origin: { ANSWER_DEADLINE_MS: '500' } };

/** Starts all Workers, one of them behind a party that fails. */
async function startWithFaults(binding: 'AUTHORITY' | 'ORIGIN' | 'RESOURCE'): Promise<Harness> {
  const bindings = { [binding]: 'fault' };
  return startHarness({
    vars: VARS,
    ...(binding === 'RESOURCE' ? { originBindings: bindings } : { edgeBindings: bindings }),
    more: [{ name: 'fault', main: 'test/support/faulty-party.ts', compatibility_date: '2026-11-02' }],
  });
}

async function setFault({ server }: Harness, fault: PartyFault): Promise<void> {
  const { status } = await server.getWorker('fault').fetch(`https://fault/${encodeURIComponent(fault)}`);
  expect(status).toBe(204);
}

const logOf = ({ server }: Harness): string =>
  server
    .getLogs()
    .map(({ message }) => message)
    .join('\n');

describe('an authority that', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startWithFaults('AUTHORITY');
  });
  afterAll(() => harness.server.close());

  const FAULTS = ['throws', 'fails', 'hangs', 'answers in the clear', 'answers garbage'] as const;
  test.each(FAULTS)('%s makes every request unavailable', async (fault) => {
    await setFault(harness, fault);
    await expectUnavailable(await ask(harness, '/resource', crypto.randomUUID()));
    await expectUnavailable(await ask(harness, '/whoami', crypto.randomUUID()));
    await expectUnavailable(await register(harness, 'any'));
    await expectUnavailable(await harness.server.fetch('/.well-known/cale'));
  });

  test('fails in any of these ways is told to the operator', () => {
    const log = logOf(harness);
    expect(log).toMatch(/request-failed.*authority cannot be reached: nothing came within 1500 ms/);
    expect(log).toMatch(/request-failed.*authority answered 500/);
    expect(log).toMatch(/request-failed.*authority answered 200 without a certificate/);
  });
});

describe('an origin that', () => {
  let harness: Harness;
  let client: RegisteredDevice;
  beforeAll(async () => {
    harness = await startWithFaults('ORIGIN');
    client = await registeredDevice(harness);
  });
  afterAll(() => harness.server.close());

  describe.each(['throws', 'fails', 'hangs'] as const)('%s', (fault) => {
    beforeAll(() => setFault(harness, fault));

    test('is unavailable to known and unknown GUIDs alike', async () => {
      const { device, guid } = client;
      await expectUnavailable(await ask(harness, '/resource', guid));
      await expectUnavailable(await ask(harness, '/resource', crypto.randomUUID()));
      expect(await device.open(await (await ask(harness, '/whoami', guid)).text())).toContain('BEGIN CERTIFICATE');
    });

    test('is unavailable to writes and to sealed requests of known and unknown GUIDs alike', async () => {
      for (const id of [client.guid, crypto.randomUUID()]) {
        const url = new URL('/echo', harness.url).href;
        const request = { method: 'POST', url, nonce: randomNonce(), body: '', contentType: undefined };
        const headers = await signedFields(client.device, request);
        await expectUnavailable(await ask(harness, '/echo', id, { method: 'POST', headers }));
        const sealed = { 'Content-Type': 'application/pkcs7-mime', 'CALE-Nonce': randomNonce() };
        const path = '/.well-known/cale/sealed';
        await expectUnavailable(await ask(harness, path, id, { method: 'POST', headers: sealed, body: 'any' }));
      }
    });

    test('is none without certificates: clients are not told that answers are not signed', async () => {
      await expectUnavailable(await harness.server.fetch('/.well-known/cale'));
    });
  });

  const IN_THE_CLEAR = ['answers in the clear', 'answers garbage'] as const;
  test.each(IN_THE_CLEAR)('%s is not handed on: known GUIDs read so, and the outside says nothing', async (fault) => {
    await setFault(harness, fault);
    const { device, guid } = client;
    const answer = await ask(harness, '/resource', guid);
    const decoy = await ask(harness, '/resource', crypto.randomUUID());
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([200, decoy.headers.get('Content-Type')]);
    expect(decoy.status).toBe(200);
    expect(JSON.parse(await device.open(await answer.text()))).toEqual({
      type: 'urn:cale:problem:unavailable',
      title: 'The service is not available at the moment.',
      status: 503,
      requestId: expect.any(String),
    });
    expect(logOf(harness)).toMatch(/request-failed.*origin answered 200, not sealed/);
  });

  test('breaks its answer off is heard of no further than that', async () => {
    await setFault(harness, 'breaks its body off');
    for (const id of [client.guid, crypto.randomUUID()]) {
      const text = await ask(harness, '/resource', id).then(
        (answer) => answer.text(),
        () => '',
      );
      expect(text).not.toContain('secret');
    }
  });
});

describe('a resource server that', () => {
  let harness: Harness;
  let client: RegisteredDevice;
  beforeAll(async () => {
    harness = await startWithFaults('RESOURCE');
    client = await registeredDevice(harness);
  });
  afterAll(() => harness.server.close());

  async function outside(path: string, id: string) {
    const answer = await ask(harness, path, id);
    return { status: answer.status, type: answer.headers.get('Content-Type'), text: await answer.text() };
  }

  test.each<[PartyFault, object]>([
    ['throws', { error: 'internal error' }],
    ['fails', { error: 'internal error' }],
    ['answers in the clear', { error: 'internal error' }],
    ['answers garbage', { error: 'internal error' }],
    ['breaks its body off', { error: 'internal error' }],
    ['hangs', { type: 'urn:cale:problem:origin-too-slow', status: 504 }],
  ])('%s is told to the client only, inside of the envelope, and to decoys alike', async (fault, expected) => {
    await setFault(harness, fault);
    const [known, unknown] = [await outside('/balance', client.guid), await outside('/balance', crypto.randomUUID())];
    expect([unknown.status, unknown.type]).toEqual([known.status, known.type]);
    expect(known.status).toBe(200);
    expect(JSON.parse(await client.device.open(known.text))).toMatchObject(expected);
    // What asks no resource server goes on.
    expect(await client.device.open((await outside('/note', client.guid)).text)).toContain('note');
  });
});
