import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDevelopmentSecrets } from '../../scripts/development-secrets.ts';
import { ask, type Harness, registeredDevice, startHarness } from '../support/harness.ts';

let harness: Harness;
beforeAll(async () => {
  const secrets = await createDevelopmentSecrets();
  harness = await startHarness({
    secrets,
    vars: { edge: { UNSAFE_METHODS: 'allow' } },
    edgeBindings: { ORIGIN: 'echo' },
    more: [
      {
        name: 'echo',
        main: 'test/support/echo-origin.ts',
        compatibility_date: '2026-11-02',
        compatibility_flags: ['nodejs_compat'],
        vars: { AUTHORITY_CERTIFICATES: secrets.origin['AUTHORITY_CERTIFICATES'] ?? '', UNSAFE_METHODS: 'allow' },
      },
    ],
  });
});
afterAll(() => harness.server.close());

interface Echo {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly owner: string;
}

async function echo(path: string, init: RequestInit & { tlsCipher?: string } = {}): Promise<Echo> {
  const { device, guid } = await registeredDevice(harness);
  const response = await ask(harness, path, guid, init);
  return JSON.parse(await device.open(await response.text())) as Echo;
}

test('the origin gets certificate and cipher, and neither GUID nor proof of identity', async () => {
  const { headers, owner } = await echo('/x', {
    headers: { Authorization: 'Bearer secret', 'CALE-Identity': 'cn="root"', 'CALE-PEM': '"AAAA"', Cipher: 'NULL' },
    tlsCipher: 'ECDHE-RSA-AES256-SHA',
  });
  expect(owner).toBe('alice');
  expect(headers['cipher']).toBe('ECDHE-RSA-AES256-SHA');
  expect(headers['cale-pem']).toMatch(/^"MII[A-Za-z0-9+/=]+"$/);
  for (const name of ['cale-guid', 'authorization', 'cale-identity', 'accept-encoding']) {
    expect(headers).not.toHaveProperty(name);
  }
});

test('end-to-end header fields and the query go on, those of the hop do not', async () => {
  const { headers, url } = await echo('/a/b%20c?x=1&y=%2F&x=2', {
    headers: { 'X-Custom': 'value', 'If-None-Match': '"1"', Cookie: 'a=b', TE: 'trailers' },
  });
  expect(new URL(url).pathname + new URL(url).search).toBe('/a/b%20c?x=1&y=%2F&x=2');
  expect(headers).toMatchObject({ 'x-custom': 'value', 'if-none-match': '"1"', cookie: 'a=b' });
  expect(headers).not.toHaveProperty('te');
});

describe('with UNSAFE_METHODS=allow', () => {
  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s goes through, with its body', async (method) => {
    const body = 'x'.repeat(100_000);
    expect(await echo('/x', { method, body })).toMatchObject({ method, body });
  });
});

test.each(['/whoami/', '/registration/', '/.well-known/cale/', '/.well-known/cale/credentials/'])(
  '%s is a path of the origin: a slash more is another one',
  async (path) => {
    expect(new URL((await echo(path)).url).pathname).toBe(path);
  },
);

test('OPTIONS that is no preflight goes through', async () => {
  expect(await echo('/x', { method: 'OPTIONS' })).toMatchObject({ method: 'OPTIONS' });
});

test('fields with underscores end at the edge, because servers take them for those with hyphens', async () => {
  const names = ['CALE_PEM', 'Cale_Owner', 'CALE_GUID', 'X_HTTP_Method_Override', 'x_own', '_'];
  const { headers } = await echo('/x', {
    headers: { ...Object.fromEntries(names.map((name) => [name, 'mallory'])), 'X-Own': 'value' },
  });
  expect(headers).toMatchObject({ 'x-own': 'value', 'cale-pem': expect.stringMatching(/^"MII/) });
  expect(JSON.stringify(headers)).not.toContain('mallory');
});
