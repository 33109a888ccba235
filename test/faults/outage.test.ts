import { describe, expect, test } from 'vitest';
import { ask, type Harness, register, registeredDevice, startHarness } from '../support/harness.ts';
import { randomNonce, signedFields } from '../support/raw-signing.ts';

type Answer = Awaited<ReturnType<typeof ask>>;

async function expectUnavailable(answer: Answer): Promise<void> {
  expect(answer.status).toBe(503);
  expect(answer.headers.get('Retry-After')).toBe('5');
  expect(answer.headers.get('Cache-Control')).toBe('no-store');
  expect(await answer.json()).toEqual({
    type: 'urn:cale:problem:unavailable',
    title: 'The service is not available at the moment.',
    status: 503,
    requestId: expect.any(String),
  });
}

async function withFault(binding: 'AUTHORITY' | 'ORIGIN', fault: string, run: (harness: Harness) => Promise<void>) {
  const harness = await startHarness({
    edgeBindings: { [binding]: 'fault' },
    more: [
      { name: 'fault', main: 'test/support/faulty-party.ts', compatibility_date: '2026-11-02', vars: { FAULT: fault } },
    ],
  });
  try {
    await run(harness);
  } finally {
    await harness.server.close();
  }
}

describe.each(['throws', 'fails', 'answers in the clear'])('an authority that %s', (fault) => {
  test('makes every request unavailable, and the operator is told why', async () => {
    await withFault('AUTHORITY', fault, async (harness) => {
      await expectUnavailable(await ask(harness, '/resource', crypto.randomUUID()));
      await expectUnavailable(await ask(harness, '/whoami', crypto.randomUUID()));
      await expectUnavailable(await register(harness, 'any'));
      await expectUnavailable(await harness.server.fetch('/.well-known/cale'));
      const log = harness.server
        .getLogs()
        .map(({ message }) => message)
        .join('\n');
      expect(log).toMatch(/request-failed.*authority (cannot be reached|answered)/);
    });
  });
});

describe.each(['throws', 'fails'])('an origin that %s', (fault) => {
  test('is unavailable to known and unknown GUIDs alike', async () => {
    await withFault('ORIGIN', fault, async (harness) => {
      const { device, guid } = await registeredDevice(harness);
      await expectUnavailable(await ask(harness, '/resource', guid));
      await expectUnavailable(await ask(harness, '/resource', crypto.randomUUID()));
      expect(await device.open(await (await ask(harness, '/whoami', guid)).text())).toContain('BEGIN CERTIFICATE');
    });
  });

  test('is unavailable to writes and to sealed requests of known and unknown GUIDs alike', async () => {
    await withFault('ORIGIN', fault, async (harness) => {
      const { device, guid } = await registeredDevice(harness);
      for (const id of [guid, crypto.randomUUID()]) {
        const url = new URL('/echo', harness.url).href;
        const request = { method: 'POST', url, nonce: randomNonce(), body: '', contentType: undefined };
        const headers = await signedFields(device, request);
        await expectUnavailable(await ask(harness, '/echo', id, { method: 'POST', headers }));
        const sealed = { 'Content-Type': 'application/pkcs7-mime', 'CALE-Nonce': randomNonce() };
        const path = '/.well-known/cale/sealed';
        await expectUnavailable(await ask(harness, path, id, { method: 'POST', headers: sealed, body: 'any' }));
      }
    });
  });

  test('is none without certificates: clients are not told that answers are not signed', async () => {
    await withFault('ORIGIN', fault, async (harness) => {
      await expectUnavailable(await harness.server.fetch('/.well-known/cale'));
    });
  });
});

test('an origin that answers in the clear is not handed on: known GUIDs read so, and the outside says nothing', async () => {
  await withFault('ORIGIN', 'answers in the clear', async (harness) => {
    const { device, guid } = await registeredDevice(harness);
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
    const log = harness.server.getLogs().map(({ message }) => message);
    expect(log.join('\n')).toMatch(/request-failed.*origin answered 200, not sealed/);
  });
});
