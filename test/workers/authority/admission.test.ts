import { env, evictDurableObject, reset, runInDurableObject } from 'cloudflare:test';
import { exports } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CredentialShard } from '../../../durable-objects/credential-shard/shard.ts';
import { parseCalePem } from '../../../shared/protocol/cale-pem.ts';
import { type ClientCertificate, verifyClientCertificate } from '../../../shared/protocol/client-certificate.ts';
import { type Guid, newGuid } from '../../../shared/protocol/guid.ts';
import { NONCE_WINDOW_SECONDS, type Nonce, newNonce } from '../../../shared/protocol/nonce.ts';
import { parseTrustAnchors } from '../../../shared/x509/trust-anchor.ts';
import { Device } from '../../support/device.ts';

const { AUTHORITY_CERTIFICATES, SHARDS } = env as unknown as {
  AUTHORITY_CERTIFICATES: string;
  SHARDS: DurableObjectNamespace<CredentialShard>;
};

describe('a shard admits a nonce', () => {
  const NOW = Date.UTC(2027, 0, 1);
  const TEMPLATE = Uint8Array.of(1, 2, 3);
  let name = 0;
  let shard: DurableObjectStub<CredentialShard>;
  beforeEach(async () => {
    await reset();
    shard = SHARDS.getByName(`admission-${name++}`);
    vi.useFakeTimers({ now: NOW, toFake: ['Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  async function registered(): Promise<Guid> {
    const guid = newGuid();
    await shard.register({
      guid,
      owner: 'alice',
      organization: 'example.com',
      scopes: [],
      device: '',
      keyType: 'P-256',
      csrSha256: '',
      catalogueKey: `csr/${guid}`,
      template: TEMPLATE,
      registeredAt: NOW,
    });
    return guid;
  }

  const isAdmitted = async (guid: Guid, nonce: Nonce) => {
    const { found } = await shard.admit(guid, nonce);
    // A credential is found as it is, whether its nonce is admitted or not.
    if (found !== null) expect(new Uint8Array(found.template)).toEqual(TEMPLATE);
    return found?.refusal === null;
  };
  const nonceAt = (seconds: number): Nonce => newNonce(NOW + seconds * 1000);
  const rows = () =>
    runInDurableObject(shard, (_, { storage }) =>
      storage.sql
        .exec<{ nonce: string }>('SELECT nonce FROM nonces')
        .toArray()
        .map(({ nonce }) => nonce),
    );
  /** The nonces that are kept; the one row that is written in place of others begins with none. */
  const storedNonces = async () =>
    (await rows()).filter((row) => !row.startsWith('none ')).map((row) => row.split('.').slice(0, 2).join('.'));

  test('once, also after the object was evicted', async () => {
    const guid = await registered();
    const nonce = nonceAt(0);
    expect(await isAdmitted(guid, nonce)).toBe(true);
    expect(await isAdmitted(guid, nonce)).toBe(false);
    await evictDurableObject(shard);
    expect(await isAdmitted(guid, nonce)).toBe(false);
    expect(await isAdmitted(guid, nonceAt(0))).toBe(true);
  });

  test('once, when it comes many times at once', async () => {
    const guid = await registered();
    const nonce = nonceAt(0);
    const outcomes = await Promise.all(Array.from({ length: 16 }, () => isAdmitted(guid, nonce)));
    expect(outcomes.filter((each) => each)).toHaveLength(1);
  });

  test('once for each credential, so that no client uses up the nonce of another', async () => {
    const [one, other] = [await registered(), await registered()];
    const nonce = nonceAt(0);
    expect([await isAdmitted(one, nonce), await isAdmitted(other, nonce)]).toEqual([true, true]);
    expect([await isAdmitted(one, nonce), await isAdmitted(other, nonce)]).toEqual([false, false]);
  });

  test('of the window around its clock, to the second', async () => {
    const guid = await registered();
    for (const [seconds, outcome] of [
      [NONCE_WINDOW_SECONDS, true],
      [-NONCE_WINDOW_SECONDS, true],
      [NONCE_WINDOW_SECONDS + 1, false],
      [-NONCE_WINDOW_SECONDS - 1, false],
      [86_400, false],
      [-86_400, false],
    ] as const) {
      expect(await isAdmitted(guid, nonceAt(seconds)), String(seconds)).toBe(outcome);
    }
  });

  test('not a second time while it is of the window', async () => {
    const guid = await registered();
    const nonces = [-NONCE_WINDOW_SECONDS, 0, NONCE_WINDOW_SECONDS].map(nonceAt);
    for (const nonce of nonces) expect(await isAdmitted(guid, nonce)).toBe(true);
    for (let seconds = 0; seconds <= 2 * NONCE_WINDOW_SECONDS + 1; seconds += 25) {
      vi.setSystemTime(NOW + seconds * 1000);
      // Others are admitted in between, and clear away.
      expect(await isAdmitted(guid, nonceAt(seconds))).toBe(true);
      for (const nonce of nonces) expect(await isAdmitted(guid, nonce), `${nonce} after ${seconds}`).toBe(false);
    }
  });

  test('and forgets it when it can no longer come', async () => {
    const guid = await registered();
    const [oldest, middle, latest] = [-NONCE_WINDOW_SECONDS, 0, NONCE_WINDOW_SECONDS].map(nonceAt);
    for (const nonce of [oldest, middle, latest])
      expect(await isAdmitted(guid, nonce ?? expect.unreachable())).toBe(true);
    expect(await storedNonces()).toEqual([oldest, middle, latest]);
    vi.setSystemTime(NOW + 1000);
    const next = nonceAt(1);
    expect(await isAdmitted(guid, next)).toBe(true);
    expect(await storedNonces()).toEqual([middle, next, latest]);
    vi.setSystemTime(NOW + (2 * NONCE_WINDOW_SECONDS + 1) * 1000);
    const last = nonceAt(2 * NONCE_WINDOW_SECONDS + 1);
    expect(await isAdmitted(guid, last)).toBe(true);
    expect(await storedNonces()).toEqual([last]);
  });

  test('of no GUID that is unknown, and keeps nothing of it', async () => {
    const guid = await registered();
    const unknown = newGuid();
    // One that begins as the one that is there.
    const alike = `${guid.slice(0, 13)}${unknown.slice(13)}` as Guid;
    for (const each of [unknown, alike]) {
      for (let i = 0; i < 3; i++) expect(await isAdmitted(each, nonceAt(0))).toBe(false);
    }
    expect(await storedNonces()).toEqual([]);
  });

  test('of no credential that is revoked', async () => {
    const guid = await registered();
    await shard.revoke({ guid });
    expect(await isAdmitted(guid, nonceAt(0))).toBe(false);
    expect(await storedNonces()).toEqual([]);
  });

  test('writes one row in every case, and for all that is not admitted the same', async () => {
    const guid = await registered();
    const revoked = await registered();
    await shard.revoke({ guid: revoked });
    const nonce = nonceAt(0);
    /** Rows that are written, as the storage counts them. */
    const written = async (each: Guid, of: Nonce) =>
      runInDurableObject(shard, (instance, { storage }) => {
        const counts: number[] = [];
        const exec = storage.sql.exec.bind(storage.sql);
        const spy = vi.spyOn(storage.sql, 'exec').mockImplementation((...query) => {
          const cursor = exec(...query);
          counts.push(cursor.rowsWritten);
          return cursor as never;
        });
        (instance as CredentialShard).admit(each, of);
        spy.mockRestore();
        return counts.reduce((sum, count) => sum + count, 0);
      });
    const admitted = await written(guid, nonce);
    expect(admitted).toBeGreaterThan(0);
    for (const [each, of] of [
      [guid, nonce],
      [guid, nonceAt(NONCE_WINDOW_SECONDS + 1)],
      [revoked, nonceAt(0)],
      [newGuid(), nonceAt(0)],
      [newGuid(), nonceAt(0)],
    ] as const) {
      expect(await written(each, of)).toBe(admitted);
    }
    expect((await rows()).filter((row) => row.startsWith('none '))).toHaveLength(1);
  });

  test('of no other time, and keeps nothing of it', async () => {
    const guid = await registered();
    expect(await isAdmitted(guid, nonceAt(NONCE_WINDOW_SECONDS + 1))).toBe(false);
    expect(await isAdmitted(guid, nonceAt(-NONCE_WINDOW_SECONDS - 1))).toBe(false);
    expect(await storedNonces()).toEqual([]);
  });
});

describe('validation', () => {
  const authority = (exports as unknown as { default: Fetcher }).default;
  const validate = (guid: string, headers: Record<string, string> = {}) =>
    authority.fetch('https://authority/validate', { headers: { 'CALE-GUID': guid, ...headers } });
  const admit = (guid: string, nonce: string, admission = '?1') =>
    validate(guid, { 'CALE-Nonce': nonce, 'CALE-Admit': admission });

  async function register(): Promise<string> {
    const device = await Device.create('P-256', 'phone');
    const response = await authority.fetch('https://authority/registration', {
      method: 'POST',
      headers: {
        'Content-Type': 'application/pkcs10',
        Cipher: 'AEAD-AES256-GCM-SHA384',
        'CALE-Identity': 'cn="alice", dc="example.com", ou=("read")',
      },
      body: device.csr,
    });
    return device.open(await response.text());
  }

  /** The nonce of the certificate that was issued. */
  async function nonceOf(response: Response): Promise<string | undefined> {
    expect(response.status).toBe(200);
    return (await verifiedOf(response)).nonce;
  }

  async function verifiedOf(response: Response): Promise<ClientCertificate> {
    await response.arrayBuffer();
    const der = parseCalePem(response.headers.get('CALE-PEM') ?? '');
    const anchors = parseTrustAnchors(AUTHORITY_CERTIFICATES);
    const verified = await verifyClientCertificate(der, {
      anchors,
      now: Date.now(),
      purpose: 'requestOrDecoy',
    });
    return verified.ok ? verified.value : expect.unreachable(verified.fault);
  }

  test('with CALE-Admit gives one certificate for a nonce, which names it', async () => {
    const guid = await register();
    const nonce = newNonce(Date.now());
    expect(await nonceOf(await admit(guid, nonce))).toBe(nonce);
    expect((await admit(guid, nonce)).status).toBe(403);
    expect(await nonceOf(await admit(guid, newNonce(Date.now())))).toBeDefined();
  });

  test('with CALE-Admit gives one certificate when the nonce comes many times at once', async () => {
    const guid = await register();
    const nonce = newNonce(Date.now());
    const responses = await Promise.all(Array.from({ length: 16 }, () => admit(guid, nonce)));
    expect(responses.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(15).fill(403)]);
    await Promise.all(responses.map((response) => response.arrayBuffer()));
  });

  test('without CALE-Admit ties the certificate to no nonce, and uses none up', async () => {
    const guid = await register();
    const nonce = newNonce(Date.now());
    for (const headers of [{}, { 'CALE-Nonce': nonce }, { 'CALE-Nonce': nonce, 'CALE-Admit': '?0' }]) {
      expect(await nonceOf(await validate(guid, headers))).toBeUndefined();
    }
    expect(await nonceOf(await admit(guid, nonce))).toBe(nonce);
  });

  test('answers 403 for a nonce of another time, and for an unknown GUID, with a certificate for a decoy', async () => {
    const guid = await register();
    for (const response of [
      await admit(guid, newNonce(Date.now() - 3_600_000)),
      await admit(guid, newNonce(Date.now() + 3_600_000)),
      await admit(newGuid(), newNonce(Date.now())),
      await admit('x', newNonce(Date.now())),
    ]) {
      expect([response.status, (await verifiedOf(response)).isDecoy]).toEqual([403, true]);
    }
  });

  test('refuses to admit what is no nonce', async () => {
    const guid = await register();
    for (const value of ['', 'x', '1798761600', `${newNonce(Date.now())}, ${newNonce(Date.now())}`]) {
      const response = await admit(guid, value);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ type: 'urn:cale:problem:nonce-malformed' });
    }
    expect((await validate(guid, { 'CALE-Admit': '?1' })).status).toBe(400);
  });
});
