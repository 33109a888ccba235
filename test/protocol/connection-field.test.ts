/** Fields that `Connection` names end at the edge (RFC 9110 7.6.1): it decides by them, and tells no GUID from another so. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Device } from '../support/device.ts';
import { type Harness, registeredDevice } from '../support/harness.ts';
import { randomNonce, signedFields } from '../support/raw-signing.ts';
import { openWhole, startWithTestOrigin, WHOLE_ANSWER } from '../support/test-origin.ts';

let harness: Harness;
let device: Device;
let guid: string;
beforeAll(async () => {
  const caller = {
    name: 'caller',
    main: 'test/support/connection-caller.ts',
    compatibility_date: '2026-11-02',
    services: [{ binding: 'EDGE', service: 'cale-edge' }],
  };
  harness = await startWithTestOrigin({ edge: { TLS_CIPHER: 'ECDHE-RSA-AES256-GCM-SHA384' } }, [caller]);
  ({ device, guid } = await registeredDevice(harness));
});
afterAll(() => harness.server.close());

const send = (path: string, headers: Record<string, string>, method = 'GET') =>
  harness.server.getWorker('caller').fetch(`https://api.example.com${path}`, { method, headers });

test('the form of an answer is that of a decoy, and the application does not see what is named', async () => {
  const fields = { ...WHOLE_ANSWER, 'X-Connection': 'Accept, CALE-Accept, X-Hop', 'X-Hop': '1', 'X-End': '1' };
  const known = await send('/mirror', { ...fields, 'CALE-GUID': guid });
  const unknown = await send('/mirror', { ...fields, 'CALE-GUID': crypto.randomUUID() });
  const type = 'application/pkcs7-mime; smime-type=authEnveloped-data; name="smime.p7m"';
  for (const { status, headers } of [known, unknown])
    expect([status, headers.get('Content-Type')]).toEqual([200, type]);
  const { headers } = (await openWhole(device, known)).json as { headers: Record<string, string> };
  expect(headers).toHaveProperty('x-end');
  for (const name of ['accept', 'x-hop', 'connection']) expect(headers).not.toHaveProperty(name);
});

test('a write whose nonce is named is done, and answered as an unknown GUID is', async () => {
  const write = { method: 'POST', url: 'https://api.example.com/count', body: '', contentType: undefined };
  for (const id of [guid, crypto.randomUUID()]) {
    const signed = await signedFields(device, { ...write, nonce: randomNonce() });
    const headers = { ...WHOLE_ANSWER, ...signed, 'X-Connection': 'CALE-Nonce', 'CALE-GUID': id };
    const answer = await send('/count', headers, 'POST');
    expect(answer.status).toBe(200);
    if (id === guid) expect(await openWhole(device, answer)).toMatchObject({ status: 200, json: 1 });
  }
});
