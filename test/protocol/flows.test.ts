import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Device } from '../support/device.ts';
import { ask, type Harness, register, registeredDevice, startHarness } from '../support/harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.server.close());

const TLS_CIPHERS = {
  'AEAD-AES128-GCM-SHA256': 'authEnveloped-data',
  'ECDHE-ECDSA-AES256-GCM-SHA384': 'authEnveloped-data',
  TLS_CHACHA20_POLY1305_SHA256: 'authEnveloped-data',
  'ECDHE-RSA-AES128-SHA256': 'enveloped-data',
  'ECDHE-RSA-AES256-SHA': 'enveloped-data',
};

describe.each(['RSA-2048', 'RSA-3072', 'P-256', 'P-384', 'P-521'] as const)('a device with %s', (keyType) => {
  test.each(Object.entries(TLS_CIPHERS))(
    'registers, asks and learns who it is over %s',
    async (tlsCipher, smimeType) => {
      const device = await Device.create(keyType, 'phone');
      const registration = await register(harness, device.csr, {}, tlsCipher);
      expect(registration.status).toBe(200);
      expect(registration.headers.get('Content-Type')).toContain(`smime-type=${smimeType};`);
      const guid = await device.open(await registration.text());
      expect(guid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);

      const resource = await ask(harness, '/resource', guid, { tlsCipher });
      expect(JSON.parse(await device.open(await resource.text()))).toEqual({
        owner: 'alice',
        organization: 'example.com',
        scopes: ['read', 'write'],
        aggregate: { foo: 'bar' },
      });

      const whoami = await ask(harness, '/whoami', guid, { tlsCipher });
      expect(await device.open(await whoami.text())).toMatch(
        /^-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n$/,
      );
    },
  );
});

test("an answer is the draft's header fields and base64 in lines of 64", async () => {
  const { guid } = await registeredDevice(harness);
  const response = await ask(harness, '/resource/1000', guid);
  const fields = Object.fromEntries(response.headers);
  expect(fields).toEqual({
    'cache-control': 'no-store, no-transform',
    'content-disposition': 'attachment; filename="smime.p7m"',
    'content-length': fields['content-length'],
    'content-transfer-encoding': 'base64',
    'content-type': 'application/x-pkcs7-mime; smime-type=authEnveloped-data; name="smime.p7m"',
    date: fields['date'],
    'mime-version': '1.0',
  });
  // The client's clock for its nonces.
  expect(Math.abs(Date.parse(fields['date'] ?? '') - Date.now())).toBeLessThan(60_000);
  const lines = (await response.text()).split('\n');
  expect(lines.pop()).toBe('');
  expect(lines.slice(0, -1).every((line) => line.length === 64)).toBe(true);
});
