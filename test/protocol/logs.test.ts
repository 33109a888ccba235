/** All that the Workers print, in every flow and at its errors: the harness looks for what leads to a client. */

import { expect, test } from 'vitest';
import { newNonce } from '../../shared/protocol/nonce.ts';
import { Device } from '../support/device.ts';
import { ALICE, ask, basic, type Harness, register, registeredDevice, startHarness } from '../support/harness.ts';
import { createRawClient } from '../support/raw-client.ts';

const CREDENTIALS = '/.well-known/cale/credentials';

/** Registers, renews nothing, asks, writes, seals, lists, revokes, and does each of them wrong as well. */
async function doAll(harness: Harness): Promise<void> {
  const { device, guid } = await registeredDevice(harness);
  const client = createRawClient(harness, { device, guid });
  const fresh = () => newNonce(Date.now());
  for (const id of [guid, crypto.randomUUID(), 'no GUID at all, but long']) {
    for (const path of [
      '/resource',
      '/balance',
      '/scoped',
      '/note',
      '/nowhere?token=a-secret-in-the-query',
      '/whoami',
    ]) {
      await ask(harness, path, id, { headers: { 'CALE-Accept': 'message/bhttp', 'CALE-Nonce': fresh() } });
    }
    await ask(harness, CREDENTIALS, id);
    await ask(harness, '/echo', id, { method: 'POST', body: 'a body that is not signed' });
    await ask(harness, `${CREDENTIALS}/an-id-of-another`, id, { method: 'DELETE' });
    await ask(harness, '/.well-known/cale/sealed', id, {
      method: 'POST',
      body: 'not sealed',
      headers: { 'CALE-Nonce': fresh() },
    });
  }
  await client.ask('/echo', { method: 'POST', body: 'a body that is signed' });
  const { csr } = await Device.create('P-256', 'device of a person');
  await register(harness, 'no CSR, but the body of a request');
  await register(harness, csr, { Authorization: basic('alice', 'a-wrong-password') });
  await register(harness, csr, { Authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl' });
  await register(harness, csr, { Authorization: ALICE, 'Content-Type': 'text/plain' });
  const administrator = { Authorization: `Bearer ${harness.secrets.edge['ADMIN_TOKEN']}` };
  await harness.server.fetch(`/admin/credentials/${guid}`, { headers: { Authorization: 'Bearer a-wrong-token' } });
  await harness.server.fetch('/admin/credentials?owner=alice', { headers: administrator });
  await harness.server.fetch(`/admin/credentials/${guid}`, { method: 'DELETE', headers: administrator });
  await ask(harness, '/resource', guid);
}

test('no line has a GUID, an owner, a certificate, a password, a token or a body', async () => {
  const harness = await startHarness();
  await doAll(harness);
  expect(harness.server.getLogs().length).toBeGreaterThan(60);
  await harness.server.close();
});

test('of what an origin prints that it is sent, the harness finds certificate and body', async () => {
  const main = 'test/support/telltale-origin.ts';
  const harness = await startHarness({
    vars: { edge: { UNSAFE_METHODS: 'allow' } },
    edgeBindings: { ORIGIN: 'telltale' },
    more: [{ name: 'telltale', main, compatibility_date: '2026-11-02' }],
  });
  await ask(harness, '/', crypto.randomUUID(), { method: 'POST', body: 'the body of a client' });
  await expect(harness.server.close()).rejects.toThrow(/a certificate.*the body of a request: the body of a client/s);
});
