/** An owner's own credentials, and renewal, as clients meet them at the edge: docs/protocol/credentials.md. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OpenError } from '../../shared/cms/open.ts';
import { Device } from '../support/device.ts';
import { ALICE, ask, BOB, basic, type Harness, register, registeredDevice, startHarness } from '../support/harness.ts';
import { randomNonce, signedFields } from '../support/raw-signing.ts';

const PATH = '/.well-known/cale/credentials';
const APP = 'https://app.example.com';
const DER = { Accept: 'application/pkcs7-mime' };

let harness: Harness;
beforeAll(async () => {
  // Signatures are asked for on these routes, whatever the setting for other writes is.
  harness = await startHarness({ vars: { edge: { UNSAFE_METHODS: 'refuse', ALLOWED_ORIGINS: APP } } });
});
afterAll(() => harness.server.close());

type Client = Awaited<ReturnType<typeof registeredDevice>>;
type Answer = Awaited<ReturnType<typeof ask>>;
interface Listed {
  readonly id: string;
  readonly current: boolean;
  readonly revokedAt: string | null;
}

const urlOf = (path: string): string => new URL(path, harness.url).href;
const contentOf = async ({ device }: Client, answer: Answer) =>
  JSON.parse(new TextDecoder().decode(await device.openBytes(new Uint8Array(await answer.arrayBuffer()))));

const listOf = async (client: Client): Promise<Listed[]> =>
  (await contentOf(client, await ask(harness, PATH, client.guid, { headers: DER }))).credentials;

async function idOf(client: Client): Promise<string> {
  const own = (await listOf(client)).find(({ current }) => current);
  return own?.id ?? expect.unreachable();
}

async function revoke({ device, guid }: Client, id: string, changes: Record<string, string> = {}): Promise<Answer> {
  const path = `${PATH}/${id}`;
  const request = { method: 'DELETE', url: urlOf(path), nonce: randomNonce(), body: '', contentType: undefined };
  const headers = { ...DER, ...(await signedFields(device, request)), ...changes };
  return ask(harness, path, guid, { method: 'DELETE', headers });
}

async function renew({ device, guid }: Client, csr: Uint8Array<ArrayBuffer>, changes: Record<string, string> = {}) {
  const contentType = 'application/pkcs10';
  const request = { method: 'POST', url: urlOf('/registration'), nonce: randomNonce(), body: csr, contentType };
  const headers = { ...DER, ...(await signedFields(device, request)), ...changes };
  return ask(harness, '/registration', guid, { method: 'POST', headers, body: csr });
}

const isValid = async ({ device, guid }: Client): Promise<boolean> => {
  const answer = await ask(harness, '/whoami', guid, { headers: DER });
  return device.openBytes(new Uint8Array(await answer.arrayBuffer())).then(
    () => true,
    (error) => {
      if (error instanceof OpenError) return false;
      throw error;
    },
  );
};

const problemOf = async (answer: Answer) => {
  expect(answer.headers.get('Content-Type')).toBe('application/problem+json');
  expect(answer.headers.get('Cache-Control')).toBe('no-store, no-transform');
  const { type, detail } = (await answer.json()) as { type: string; detail?: string };
  return { status: answer.status, type: type.replace('urn:cale:problem:', ''), detail };
};

test('an owner lists the own credentials, with the nonce of the request', async () => {
  const client = await registeredDevice(harness);
  const nonce = randomNonce();
  const answer = await ask(harness, PATH, client.guid, { headers: { ...DER, 'CALE-Nonce': nonce } });
  expect(answer.headers.get('Content-Type')).toContain('application/pkcs7-mime');
  const page = await contentOf(client, answer);
  expect(page.nonce).toBe(nonce);
  expect(page.credentials[0]).toMatchObject({ device: 'CN=test device', keyType: 'P-256', current: true });
});

test('a list for an unknown GUID is a decoy: of the same status, fields and length', async () => {
  const client = await registeredDevice(harness);
  const seen = async (guid: string) => {
    const answer = await ask(harness, PATH, guid, { headers: DER });
    const fields = [...answer.headers].filter(([name]) => name !== 'date' && name !== 'content-length');
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const isOpened = await client.device.openBytes(bytes).then(
      () => true,
      () => false,
    );
    return { status: answer.status, fields, isOpened, length: bytes.length };
  };
  const { isOpened, ...known } = await seen(client.guid);
  expect(isOpened).toBe(true);
  // Nothing but P-256 is registered here; a signature in DER is part of neither.
  for (const guid of [crypto.randomUUID(), 'x']) expect(await seen(guid)).toEqual({ ...known, isOpened: false });
});

test('an owner revokes a credential, and the next request with it gets a decoy', async () => {
  const [phone, laptop] = [await registeredDevice(harness), await registeredDevice(harness)];
  const id = await idOf(phone);
  const answer = await revoke(laptop, id);
  expect(await contentOf(laptop, answer)).toEqual({ revoked: 1, nonce: expect.any(String) });
  expect([await isValid(phone), await isValid(laptop)]).toEqual([false, true]);
  const listed = (await listOf(laptop)).find((each) => each.id === id);
  expect(listed?.revokedAt).toEqual(expect.any(String));
});

describe('a revocation that is not signed well', () => {
  test('is refused with one problem, for known and unknown GUIDs alike', async () => {
    const [phone, laptop] = [await registeredDevice(harness), await registeredDevice(harness)];
    const id = await idOf(phone);
    const unknown = { device: laptop.device, guid: crypto.randomUUID() };
    const { device: stranger } = await registeredDevice(harness);
    const refusals = [
      await problemOf(await revoke({ device: stranger, guid: laptop.guid }, id)),
      await problemOf(await revoke(unknown, id)),
      await problemOf(await revoke(laptop, id, { 'cale-nonce': randomNonce() })),
    ];
    for (const each of refusals) expect(each).toEqual(refusals[0]);
    expect(refusals[0]).toMatchObject({ status: 403, type: 'secondary-proof-required' });
    expect(await isValid(phone)).toBe(true);
  });

  test('is refused by its form at the edge', async () => {
    const { guid } = await registeredDevice(harness);
    for (const id of [guid, crypto.randomUUID()]) {
      const answer = await ask(harness, `${PATH}/x`, id, { method: 'DELETE' });
      expect(await problemOf(answer)).toMatchObject({
        status: 403,
        type: 'secondary-proof-required',
        detail: expect.stringContaining('CALE-Nonce'),
      });
    }
    const none = await harness.server.fetch(`${PATH}/x`, {
      method: 'DELETE',
      cf: { tlsCipher: 'AEAD-AES128-GCM-SHA256' },
    });
    expect(await problemOf(none)).toMatchObject({ status: 401, type: 'guid-required' });
  });
});

test('an owner without a device revokes by a proof of identity', async () => {
  const phone = await registeredDevice(harness);
  const id = await idOf(phone);
  const revokeAs = (authorization: string) =>
    harness.server.fetch(`${PATH}/${id}`, {
      method: 'DELETE',
      headers: { Authorization: authorization, 'CF-Connecting-IP': '192.0.2.1' },
    });
  expect(await problemOf(await revokeAs(basic('alice', 'wrong')))).toMatchObject({ status: 401 });
  expect(await problemOf(await revokeAs(BOB))).toMatchObject({ status: 404, type: 'not-found' });
  expect(await isValid(phone)).toBe(true);
  const revoked = await revokeAs(ALICE);
  expect([revoked.status, await revoked.text()]).toEqual([204, '']);
  expect(revoked.headers.get('Cache-Control')).toBe('no-store, no-transform');
  expect(await isValid(phone)).toBe(false);
});

describe('a renewal', () => {
  test('by a signature of the old key gives a new credential, whose first use ends the old one', async () => {
    const old = await registeredDevice(harness);
    const device = await Device.create('RSA-2048', 'renewed');
    const answer = await renew(old, device.csr);
    expect(answer.status).toBe(200);
    const guid = new TextDecoder().decode(await device.openBytes(new Uint8Array(await answer.arrayBuffer())));
    expect(guid).toMatch(/^[0-9a-f-]{36}$/);
    expect(await isValid(old)).toBe(true);
    expect(await isValid({ device, guid })).toBe(true);
    await expect.poll(() => isValid(old)).toBe(false);
  });

  test('is refused with one problem where it is not signed well, for known and unknown GUIDs alike', async () => {
    const old = await registeredDevice(harness);
    const { device: stranger } = await registeredDevice(harness);
    const { csr } = await Device.create('P-256', 'renewed');
    const refusals = [
      await problemOf(await renew({ device: stranger, guid: old.guid }, csr)),
      await problemOf(await renew({ device: old.device, guid: crypto.randomUUID() }, csr)),
    ];
    expect(refusals[0]).toMatchObject({ status: 403, type: 'secondary-proof-required' });
    expect(refusals[1]).toEqual(refusals[0]);
    expect(await isValid(old)).toBe(true);
  });

  test('is refused by its form at the edge, and by the rule that its CSR breaks', async () => {
    const old = await registeredDevice(harness);
    const { csr } = await Device.create('P-256', 'renewed');
    const unsigned = await ask(harness, '/registration', old.guid, { method: 'POST', body: csr });
    expect(await problemOf(unsigned)).toMatchObject({ status: 403, type: 'secondary-proof-required' });
    const malformed = await renew(old, csr, { 'cale-nonce': 'x' });
    expect(await problemOf(malformed)).toMatchObject({ status: 400, type: 'nonce-malformed' });
    const hello = new TextEncoder().encode('hello') as Uint8Array<ArrayBuffer>;
    expect(await problemOf(await renew(old, hello))).toMatchObject({ status: 400, type: 'csr-malformed' });
  });

  test('with Authorization is a registration, and the GUID has no effect', async () => {
    const old = await registeredDevice(harness);
    const device = await Device.create('P-256', 'another');
    const answer = await register(harness, device.csr, { 'CALE-GUID': old.guid });
    const guid = await device.open(await answer.text());
    expect(await isValid({ device, guid })).toBe(true);
    expect(await isValid(old)).toBe(true);
  });
});

test('a page may list and revoke', async () => {
  const headers = { Origin: APP, 'Access-Control-Request-Method': 'DELETE' };
  const preflight = await harness.server.fetch(`${PATH}/x`, { method: 'OPTIONS', headers });
  expect(preflight.headers.get('Access-Control-Allow-Methods')?.split(',')).toContain('DELETE');
});

describe('set low:', () => {
  let low: Harness;
  beforeAll(async () => {
    low = await startHarness({ vars: { authority: { CREDENTIALS_PER_OWNER: '2', CREDENTIAL_LIFETIME_DAYS: '0' } } });
  });
  afterAll(() => low.server.close());

  test('CREDENTIALS_PER_OWNER is how many an owner may have, who is told of them', async () => {
    await registeredDevice(low);
    await registeredDevice(low);
    await registeredDevice(low, 'P-256', BOB);
    const answer = await register(low, (await Device.create('P-256', 'one more')).csr);
    expect(answer.status).toBe(409);
    expect(answer.headers.get('Content-Type')).toBe('application/problem+json');
    const { type, credentials } = (await answer.json()) as { type: string; credentials: Listed[] };
    expect(type).toBe('urn:cale:problem:too-many-credentials');
    expect(credentials).toHaveLength(2);
    const revoked = await low.server.fetch(`${PATH}/${credentials[0]?.id}`, {
      method: 'DELETE',
      headers: { Authorization: ALICE, 'CF-Connecting-IP': '192.0.2.2' },
    });
    expect(revoked.status).toBe(204);
    expect((await register(low, (await Device.create('P-256', 'one more')).csr)).status).toBe(200);
  });

  test('CREDENTIAL_LIFETIME_DAYS of 0 is for ever, and clients are told', async () => {
    const document = (await (await low.server.fetch('/.well-known/cale')).json()) as Record<string, unknown>;
    expect(document['credentialLifetimeDays']).toBe(0);
    const headers = { Authorization: `Bearer ${low.secrets.edge['ADMIN_TOKEN']}` };
    const answer = await low.server.fetch('/admin/credentials?owner=bob', { headers });
    expect(await answer.json()).toMatchObject({ credentials: [{ endsAt: null }] });
  });
});
