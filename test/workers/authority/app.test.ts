import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createIssuing, createRoot } from '../../../scripts/certificates.ts';
import { parsePem } from '../../../shared/encoding/pem.ts';
import { parseCalePem } from '../../../shared/protocol/cale-pem.ts';
import { verifyClientCertificate } from '../../../shared/protocol/client-certificate.ts';
import { newGuid } from '../../../shared/protocol/guid.ts';
import { parseTrustAnchors } from '../../../shared/x509/trust-anchor.ts';
import { createAuthority } from '../../../workers/authority/app.ts';
import { authorityFromSettings } from '../../../workers/authority/settings.ts';
import { authorityOfTests } from '../../support/authority.ts';
import { Device } from '../../support/device.ts';

const { AUTHORITY_CERTIFICATES, CATALOGUE } = env as unknown as {
  AUTHORITY_CERTIFICATES: string;
  CATALOGUE: KVNamespace;
};

const HEADERS = {
  'Content-Type': 'application/pkcs10',
  Cipher: 'ECDHE-RSA-AES256-SHA',
  'CALE-Identity': 'cn="alice", dc="example.com", ou=("read")',
};
const send = (path: string, init: RequestInit = {}) =>
  authorityOfTests.fetch(new Request(`https://authority${path}`, init));
const register = (body: BodyInit, headers: Record<string, string> = {}) =>
  send('/registration', { method: 'POST', headers: { ...HEADERS, ...headers }, body });

async function problemOf(response: Response): Promise<string> {
  expect(response.headers.get('Content-Type')).toBe('application/problem+json');
  const { type, status } = (await response.json()) as { type: string; status: number };
  expect(status).toBe(response.status);
  return type.replace('urn:cale:problem:', '');
}

test('a registration stores the CSR with the identity before it answers', async () => {
  const device = await Device.create('P-256', 'phone');
  const response = await register(device.csr);
  expect(response.status).toBe(200);
  const guid = await device.open(await response.text());
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(guid)));
  const key = `csr/${[...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  const entry = await CATALOGUE.getWithMetadata(key, 'arrayBuffer');
  expect(new Uint8Array(entry.value ?? new ArrayBuffer())).toEqual(device.csr);
  expect(entry.metadata).toMatchObject({
    owner: 'alice',
    organization: 'example.com',
    scopes: 'read',
    state: 'pending',
  });
  expect(entry.metadata).toMatchObject({ endsAt: expect.any(String) });
  expect((await send('/validate', { headers: { 'CALE-GUID': guid } })).status).toBe(200);
});

describe('a registration is refused', () => {
  test('without a cipher of the list, or an identity', async () => {
    const { csr } = await Device.create('P-256', '');
    expect(await problemOf(await register(csr, { Cipher: 'RC4-SHA' }))).toBe('cipher-not-accepted');
    expect(await problemOf(await register(csr, { 'CALE-Identity': 'cn="alice"' }))).toBe('identity-required');
  });

  test('by the rule that the CSR breaks, and nothing is stored', async () => {
    const before = (await CATALOGUE.list()).keys.length;
    expect(await problemOf(await register('hello'))).toBe('csr-malformed');
    const { csr } = await Device.create('P-256', '');
    csr[csr.length - 1] = (csr.at(-1) ?? 0) ^ 1;
    expect(await problemOf(await register(csr))).toBe('csr-bad-signature');
    expect((await CATALOGUE.list()).keys.length).toBe(before);
  });
});

describe('validation answers 403 with a certificate for a decoy', () => {
  const certificateOf = async (guid: string) => {
    const response = await send('/validate', { headers: { 'CALE-GUID': guid } });
    const der = parseCalePem(response.headers.get('CALE-PEM') ?? '');
    expect(parsePem('CERTIFICATE', await response.text())).toEqual([der]);
    const verified = await verifyClientCertificate(der, {
      anchors: parseTrustAnchors(AUTHORITY_CERTIFICATES),
      now: Date.now(),
      purpose: 'requestOrDecoy',
    });
    return { status: response.status, ...(verified.ok ? verified.value : expect.unreachable(verified.fault)) };
  };

  test.each(['', 'x', newGuid(), `${newGuid()}, ${newGuid()}`])('to %j, the same key each time', async (guid) => {
    const [first, second] = [await certificateOf(guid), await certificateOf(guid)];
    expect([first.status, first.isDecoy, first.organization]).toEqual([403, true, 'example.com']);
    expect(second.publicKey.spki).toEqual(first.publicKey.spki);
    expect(second.keyIdentifier).toEqual(first.keyIdentifier);
  });

  test('to a GUID that is revoked, with the key that it had', async () => {
    const device = await Device.create('P-384', 'phone');
    const guid = await device.open(await (await register(device.csr)).text());
    const before = await certificateOf(guid);
    expect([before.status, before.isDecoy]).toEqual([200, false]);
    await send(`/admin/credentials/${guid}`, { method: 'DELETE' });
    const after = await certificateOf(guid);
    expect([after.status, after.isDecoy]).toEqual([403, true]);
    expect(after.publicKey.spki).toEqual(before.publicKey.spki);
    expect(after.keyIdentifier).toEqual(before.keyIdentifier);
  });

  test('to a GUID that has ended, from that time on', async () => {
    const device = await Device.create('P-256', 'phone');
    const guid = await device.open(await (await register(device.csr)).text());
    try {
      vi.useFakeTimers({
        now: Date.now() + Number(env.CREDENTIAL_LIFETIME_DAYS) * 86_400_000 - 60_000,
        toFake: ['Date'],
      });
      expect((await certificateOf(guid)).status).toBe(200);
      vi.setSystemTime(Date.now() + 60_000);
      const after = await certificateOf(guid);
      expect([after.status, after.isDecoy]).toEqual([403, true]);
    } finally {
      vi.useRealTimers();
    }
  });

  test('that no party takes that asks for one of a client', async () => {
    const response = await send('/validate', { headers: { 'CALE-GUID': newGuid() } });
    const der = parseCalePem(response.headers.get('CALE-PEM') ?? '');
    const anchors = parseTrustAnchors(AUTHORITY_CERTIFICATES);
    for (const purpose of ['request', 'whoami'] as const) {
      const verified = await verifyClientCertificate(der, { anchors, now: Date.now(), purpose });
      expect(verified).toEqual({ ok: false, fault: 'wrong-purpose' });
    }
  });
});

test('whoami answers an unknown GUID with 200 and as it answers a known one', async () => {
  const device = await Device.create('P-256', 'phone');
  const guid = await device.open(await (await register(device.csr)).text());
  const [known, unknown] = await Promise.all(
    [guid, newGuid()].map((each) => send('/whoami', { headers: { 'CALE-GUID': each, Cipher: HEADERS.Cipher } })),
  );
  expect(known?.status).toBe(200);
  expect(Object.keys(Object.fromEntries(unknown?.headers ?? []))).toEqual(
    Object.keys(Object.fromEntries(known?.headers ?? [])),
  );
  expect(unknown?.headers.get('Content-Type')).toBe(known?.headers.get('Content-Type'));
  expect(await device.open((await known?.text()) ?? '')).toContain('BEGIN CERTIFICATE');
  await expect(device.open((await unknown?.text()) ?? '')).rejects.toThrow('cannot be opened');
});

describe('administration', () => {
  test('takes a query of known parameters, each once, and at least one', async () => {
    for (const query of [
      '',
      '?owner=',
      '?device=',
      '?owner=a&owner=b',
      '?owner=a&all=yes',
      '?before=yesterday',
      '?all=yes',
      '?constructor=a',
      '?before=2026-13-01T00:00:00Z',
      '?owner=a&unusedSince=2026-01-01',
      '?owner=a&unusedsince=2026-01-01T00:00:00Z',
    ]) {
      for (const method of ['DELETE', 'GET']) {
        expect(await problemOf(await send(`/admin/credentials${query}`, { method })), query).toBe('query-malformed');
      }
    }
  });

  describe('finds and revokes what matches all of a query:', () => {
    const NOW = Date.UTC(2027, 5, 10, 12);
    const dateTime = (days: number) => encodeURIComponent(new Date(NOW + days * 86_400_000).toISOString());
    let owner = '';
    let guids: Record<string, string> = {};
    beforeEach(async () => {
      owner = crypto.randomUUID();
      guids = {};
      // Registered ten days ago; used five days ago, or not at all.
      for (const [name, isUsed] of [
        ['phone', true],
        ['laptop', false],
      ] as const) {
        vi.useFakeTimers({ now: NOW - 10 * 86_400_000, toFake: ['Date'] });
        const device = await Device.create('P-256', name);
        const identity = { 'CALE-Identity': `cn="${owner}", dc="example.com", ou=()` };
        const guid = await device.open(await (await register(device.csr, identity)).text());
        guids[name] = guid;
        vi.setSystemTime(NOW - 5 * 86_400_000);
        if (isUsed) await (await send('/validate', { headers: { 'CALE-GUID': guid } })).arrayBuffer();
        vi.setSystemTime(NOW);
      }
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    test.each([
      ['', ['phone', 'laptop']],
      ['&device=CN%3Dphone', ['phone']],
      ['&device=phone', []],
      [`&before=${dateTime(-9)}`, ['phone', 'laptop']],
      [`&before=${dateTime(-10)}`, []],
      // The day of the use counts to its end.
      [`&unusedSince=${dateTime(-5)}`, ['laptop']],
      [`&unusedSince=${dateTime(-4.6)}`, ['laptop']],
      [`&unusedSince=${dateTime(-4.5)}`, ['phone', 'laptop']],
      [`&unusedSince=${dateTime(-10)}`, []],
      [`&unusedSince=${dateTime(-5)}&device=CN%3Dphone`, []],
      [`&unusedSince=${dateTime(-5)}&before=${dateTime(-9)}`, ['laptop']],
    ])('%s', async (query, names) => {
      const path = `/admin/credentials?owner=${owner}${query}`;
      const { credentials } = (await (await send(path)).json()) as { credentials: { guid: string }[] };
      const expected = names.map((name) => guids[name]).sort();
      expect(credentials.map(({ guid }) => guid).sort()).toEqual(expected);
      expect(await (await send(path, { method: 'DELETE' })).json()).toEqual({ revoked: names.length });
      const validity = await Promise.all(
        Object.values(guids).map(async (guid) => {
          const { status } = await send('/validate', { headers: { 'CALE-GUID': guid } });
          return status === 403 ? guid : '';
        }),
      );
      expect(validity.filter((guid) => guid !== '').sort()).toEqual(expected);
    });

    test('and lists with id, end and day of the last use', async () => {
      const { credentials } = (await (await send(`/admin/credentials?owner=${owner}`)).json()) as {
        credentials: { guid: string }[];
      };
      expect(credentials.find(({ guid }) => guid === guids['phone'])).toMatchObject({
        id: expect.stringMatching(/^[A-Za-z0-9_-]{16}$/),
        endsAt: new Date(NOW + (Number(env.CREDENTIAL_LIFETIME_DAYS) - 10) * 86_400_000).toISOString(),
        lastUsedOn: '2027-06-05',
      });
    });
  });

  test('counts what it revokes', async () => {
    const owner = crypto.randomUUID();
    const identity = { 'CALE-Identity': `cn="${owner}", dc="example.com", ou=()` };
    const guids: string[] = [];
    for (let i = 0; i < 3; i++) {
      const device = await Device.create('P-256', '');
      guids.push(await device.open(await (await register(device.csr, identity)).text()));
    }
    const revoke = async (path: string) => (await send(`/admin/credentials${path}`, { method: 'DELETE' })).json();
    expect(await revoke(`/${guids[0]?.toUpperCase()}`)).toEqual({ revoked: 1 });
    expect(await revoke(`/${newGuid()}`)).toEqual({ revoked: 0 });
    expect(await revoke('/x')).toEqual({ revoked: 0 });
    expect(await revoke(`?owner=${owner}`)).toEqual({ revoked: 2 });
    const { credentials } = (await (await send(`/admin/credentials?owner=${owner}`)).json()) as {
      credentials: { guid: string; revokedAt: string }[];
    };
    expect(credentials.map(({ guid }) => guid).sort()).toEqual(guids.sort());
    expect(credentials.every(({ revokedAt }) => revokedAt !== null)).toBe(true);
  });
});

test('an authority whose certificate has ended answers no request, and the log says why', async () => {
  // Valid from an hour ago to half an hour ago.
  const ended = await createIssuing(await createRoot(), { days: -1 / 48 });
  const options = authorityFromSettings({
    ...env,
    AUTHORITY_KEY: ended.key,
    AUTHORITY_CERTIFICATES: `${ended.certificate}\n${AUTHORITY_CERTIFICATES}`,
  });
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  try {
    const headers = { 'CALE-GUID': newGuid() };
    const response = await createAuthority(options).fetch(new Request('https://authority/validate', { headers }));
    expect(response.status).toBe(503);
    expect(log.mock.calls.join()).toMatch(/RangeError: the first of AUTHORITY_CERTIFICATES is valid from .* to /);
  } finally {
    log.mockRestore();
  }
});
