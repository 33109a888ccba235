import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ask, type Harness, registeredDevice, startHarness } from './harness.ts';

async function withVars(vars: Parameters<typeof startHarness>[0], run: (harness: Harness) => Promise<void>) {
  const harness = await startHarness(vars);
  try {
    await run(harness);
  } finally {
    await harness.server.close();
  }
}

test('TLS_CIPHER fixes the cipher, whatever was negotiated', async () => {
  await withVars({ vars: { edge: { TLS_CIPHER: 'ECDHE-RSA-AES256-SHA' } } }, async (harness) => {
    const { device, guid } = await registeredDevice(harness);
    const response = await ask(harness, '/resource', guid, { tlsCipher: 'AEAD-AES128-GCM-SHA256' });
    expect(response.headers.get('Content-Type')).toContain('smime-type=enveloped-data');
    expect(await device.open(await response.text())).toContain('alice');
  });
});

test('CERTIFICATE_LIFETIME_SECONDS and AUTHORITY_SHARDS are what the authority goes by', async () => {
  const vars = { authority: { CERTIFICATE_LIFETIME_SECONDS: '3', AUTHORITY_SHARDS: '2' } };
  await withVars({ vars }, async (harness) => {
    const devices = await Promise.all(Array.from({ length: 6 }, () => registeredDevice(harness)));
    const authority = harness.server.getWorker('cale-authority');
    for (const { guid } of devices) {
      const answer = await authority.fetch('https://authority/validate', { headers: { 'CALE-GUID': guid } });
      const { validFromDate, validToDate } = new X509Certificate(await answer.text());
      expect(validToDate.getTime() - validFromDate.getTime()).toBe(3000);
    }
    expect(await authority.listDurableObjectIds('CredentialShard')).toHaveLength(2);
  });
});

describe('ALLOWED_ORIGINS', () => {
  const APP = 'https://app.example.com';
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: { Origin: origin, 'Access-Control-Request-Method': 'GET', 'Access-Control-Request-Headers': 'cale-guid' },
  });

  test('lets pages of those origins ask and read, and of no others', async () => {
    await withVars({ vars: { edge: { ALLOWED_ORIGINS: `${APP},http://localhost:5173` } } }, async (harness) => {
      const allowed = await harness.server.fetch('/resource', preflight(APP));
      expect(allowed.status).toBe(204);
      expect(allowed.headers.get('Access-Control-Allow-Origin')).toBe(APP);
      expect(allowed.headers.get('Access-Control-Allow-Headers')?.toLowerCase()).toContain('cale-guid');
      expect(allowed.headers.get('Access-Control-Allow-Methods')).toBe('GET,HEAD,POST');

      const refused = await harness.server.fetch('/resource', preflight('https://evil.example.com'));
      expect(refused.headers.has('Access-Control-Allow-Origin')).toBe(false);

      const { guid } = await registeredDevice(harness);
      for (const id of [guid, crypto.randomUUID(), 'x']) {
        const answer = await ask(harness, '/resource', id, { headers: { Origin: APP } });
        expect(answer.headers.get('Access-Control-Allow-Origin')).toBe(APP);
        expect(answer.headers.get('Vary')).toBe('Origin');
      }
      const problem = await harness.server.fetch('/resource', { headers: { Origin: APP } });
      expect(problem.status).toBe(401);
      expect(problem.headers.get('Access-Control-Allow-Origin')).toBe(APP);
    });
  });

  test('empty, lets no page read', async () => {
    await withVars({}, async (harness) => {
      const answer = await harness.server.fetch('/.well-known/cale', { headers: { Origin: APP } });
      expect(answer.headers.has('Access-Control-Allow-Origin')).toBe(false);
    });
  });
});

test('a Worker with a bad setting does not start, and says which', async () => {
  const harness = startHarness({ vars: { edge: { UNSAFE_METHODS: 'maybe' } } });
  await expect(harness).rejects.toThrow(/UNSAFE_METHODS must be one of: refuse, allow/);
});
