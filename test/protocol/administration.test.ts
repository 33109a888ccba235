import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OpenError } from '../../shared/cms/open.ts';
import { ask, BOB, type Harness, type RegisteredDevice, registeredDevice, startHarness } from '../support/harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.server.close());

const administer = (method: string, path: string, token = 'Bearer admin') =>
  harness.server.fetch(`/admin/credentials${path}`, { method, headers: { Authorization: token } });

async function canRead({ device, guid }: RegisteredDevice): Promise<boolean> {
  const content = await device
    .open(await (await ask(harness, '/resource', guid)).text())
    .catch((error: unknown) => error);
  if (content instanceof OpenError) return false;
  expect(content).toContain('owner');
  return true;
}

describe('revocation is known to the next request', () => {
  test('of one credential, whose owner may register again', async () => {
    const phone = await registeredDevice(harness);
    const laptop = await registeredDevice(harness);
    expect(await canRead(phone)).toBe(true);
    expect(await (await administer('DELETE', `/${phone.guid}`)).json()).toEqual({ revoked: 1 });
    expect(await canRead(phone)).toBe(false);
    expect(await canRead(laptop)).toBe(true);
    const whoami = await ask(harness, '/whoami', phone.guid);
    await expect(phone.device.open(await whoami.text())).rejects.toThrow(OpenError);
    expect(await canRead(await registeredDevice(harness))).toBe(true);
  });

  test("of all of an owner's, across the shards", async () => {
    const bobs: RegisteredDevice[] = [];
    while (bobs.length < 8) bobs.push(await registeredDevice(harness, 'P-256', BOB));
    const alices = await registeredDevice(harness);
    expect(await (await administer('DELETE', '?owner=bob')).json()).toEqual({ revoked: 8 });
    expect(await Promise.all(bobs.map(canRead))).toEqual(bobs.map(() => false));
    expect(await canRead(alices)).toBe(true);
  });

  test('of all from before a date', async () => {
    const early = await registeredDevice(harness);
    expect(await (await administer('DELETE', '?before=2020-01-01T00:00:00Z')).json()).toEqual({ revoked: 0 });
    const { revoked } = (await (
      await administer('DELETE', `?before=${new Date(Date.now() + 60_000).toISOString()}`)
    ).json()) as { revoked: number };
    expect(revoked).toBeGreaterThanOrEqual(1);
    expect(await canRead(early)).toBe(false);
  });
});

test('the credentials of an owner are listed, and hold no key or certificate', async () => {
  const { guid } = await registeredDevice(harness);
  const response = await administer('GET', '?owner=alice');
  expect(response.headers.get('Cache-Control')).toBe('no-store, no-transform');
  const { credentials } = (await response.json()) as { credentials: Record<string, unknown>[] };
  const found = credentials.find((credential) => credential['guid'] === guid);
  expect(found).toEqual({
    id: expect.stringMatching(/^[A-Za-z0-9_-]{16}$/),
    guid,
    owner: 'alice',
    organization: 'example.com',
    scopes: ['read', 'write'],
    device: 'CN=test device',
    keyType: 'P-256',
    csrSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    registeredAt: expect.any(String),
    endsAt: expect.any(String),
    lastUsedOn: null,
    revokedAt: null,
  });
});

test('nothing is done without the token', async () => {
  const phone = await registeredDevice(harness);
  for (const token of ['', 'Bearer', 'Bearer Admin', 'Bearer admin1', 'Basic admin', `Bearer ${'a'.repeat(4000)}`]) {
    const response = await administer('DELETE', `/${phone.guid}`, token);
    expect(response.status).toBe(401);
    expect(response.headers.get('WWW-Authenticate')).toBe('Bearer realm="example.com"');
    expect(await response.json()).toMatchObject({ type: 'urn:cale:problem:admin-token-required' });
  }
  expect(await canRead(phone)).toBe(true);
});

test('without a token set there is no administration', async () => {
  const closed = await startHarness({ secrets: { edge: { ADMIN_TOKEN: '' } } });
  try {
    const response = await closed.server.fetch('/admin/credentials?owner=alice', {
      headers: { Authorization: 'Bearer admin' },
    });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ type: 'urn:cale:problem:guid-required' });
  } finally {
    await closed.server.close();
  }
});

test('metrics are the counts of an isolate of the edge and of one of the authority, for the token only', async () => {
  const { guid } = await registeredDevice(harness);
  await ask(harness, '/resource', guid);
  await ask(harness, '/resource', crypto.randomUUID());
  const headers = { Authorization: `Bearer ${harness.secrets.edge['ADMIN_TOKEN']}` };
  const response = await harness.server.fetch('/admin/metrics', { headers });
  expect(response.status).toBe(200);
  expect(response.headers.get('Content-Type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const text = await response.text();
  const countOf = (labels: string) =>
    Number(new RegExp(`^cale_requests_total\\{${labels}\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  const isolate = 'isolate="[0-9a-f]{8}"';
  expect(countOf(`party="edge",${isolate},route="resource",outcome="answered"`)).toBeGreaterThan(1);
  expect(countOf(`party="authority",${isolate},route="validate",outcome="answered"`)).toBeGreaterThan(0);
  expect(countOf(`party="authority",${isolate},route="validate",outcome="decoy"`)).toBeGreaterThan(0);
  expect(text.match(/^# TYPE cale_requests_total counter$/gm)).toHaveLength(1);
  expect(text).not.toContain(guid);
  expect((await harness.server.fetch('/admin/metrics', { headers: { Authorization: 'Bearer x' } })).status).toBe(401);
});
