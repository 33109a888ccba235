import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../../scripts/certificates.ts';
import { ask, type Harness, register, registeredDevice, startHarness } from '../support/harness.ts';

const APP = 'https://app.example.com';

/** The web origins that the edge's log says were refused for want of `ALLOWED_ORIGINS`. */
const refusedOrigins = ({ server }: Harness): string[] =>
  server.getLogs().flatMap(({ message }) => {
    const [line] = /\{"event":"web-origin-refused".*\}/.exec(message) ?? [];
    const { origin, reason } = JSON.parse(line ?? '{}') as { origin?: string; reason?: string };
    return origin !== undefined && reason?.includes('ALLOWED_ORIGINS') ? [origin] : [];
  });
const CBC = ['ECDHE-RSA-AES128-SHA256', 'ECDHE-RSA-AES256-SHA', 'TLS_RSA_WITH_AES_128_CBC_SHA'];
/** The cipher of a connection, which no setting of a test names. */
const NEGOTIATED = { tlsCipher: 'AEAD-AES128-GCM-SHA256' };

describe('set:', () => {
  let harness: Harness;
  beforeAll(async () => {
    const edge = {
      TLS_CIPHER: 'ECDHE-RSA-AES256-SHA',
      ALLOWED_ORIGINS: `${APP},http://localhost:*`,
      DEMO: 'on',
    };
    const authority = { CERTIFICATE_LIFETIME_SECONDS: '30', AUTHORITY_SHARDS: '2' };
    harness = await startHarness({ vars: { edge, authority } });
  });
  afterAll(() => harness.server.close());

  test('TLS_CIPHER fixes the cipher, in place of the negotiated one', async () => {
    const { device, guid } = await registeredDevice(harness);
    const response = await ask(harness, '/resource', guid, NEGOTIATED);
    expect(response.headers.get('Content-Type')).toContain('smime-type=enveloped-data');
    expect(await device.open(await response.text())).toContain('alice');
  });

  test('CERTIFICATE_LIFETIME_SECONDS is how long a certificate is valid', async () => {
    const { guid } = await registeredDevice(harness);
    const authority = harness.server.getWorker('cale-authority');
    const answer = await authority.fetch('https://authority/validate', { headers: { 'CALE-GUID': guid } });
    const { validFromDate, validToDate } = new X509Certificate(await answer.text());
    expect(validToDate.getTime() - validFromDate.getTime()).toBe(30_000);
  });

  test('AUTHORITY_SHARDS is how many shards there are, and all are asked for what an owner has', async () => {
    const guids: string[] = [];
    for (let i = 0; i < 6; i++) guids.push((await registeredDevice(harness)).guid);
    const authority = harness.server.getWorker('cale-authority');
    const headers = { Authorization: `Bearer ${harness.secrets.edge['ADMIN_TOKEN']}` };
    const answer = await harness.server.fetch('/admin/credentials?owner=alice', { headers });
    const { credentials } = (await answer.json()) as { credentials: { guid: string }[] };
    expect(credentials.map(({ guid }) => guid)).toEqual(expect.arrayContaining(guids));
    expect(await authority.listDurableObjectIds('CredentialShard')).toHaveLength(2);
  });

  test('ALLOWED_ORIGINS lets pages of those origins ask and read, and of no others', async () => {
    const preflight = (origin: string) =>
      harness.server.fetch('/resource', {
        method: 'OPTIONS',
        headers: {
          Origin: origin,
          'Access-Control-Request-Method': 'GET',
          'Access-Control-Request-Headers': 'cale-guid',
        },
      });
    const allowed = await preflight(APP);
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('Access-Control-Allow-Origin')).toBe(APP);
    expect(allowed.headers.get('Access-Control-Allow-Headers')?.toLowerCase()).toContain('cale-guid');
    expect(allowed.headers.get('Access-Control-Allow-Methods')).toBe('GET,HEAD,POST,PUT,PATCH,DELETE');
    // Without it a page could not write from a device whose clock is wrong.
    const exposed = (await harness.server.fetch('/', { headers: { Origin: APP } })).headers;
    expect(exposed.get('Access-Control-Expose-Headers')?.split(',')).toContain('Date');

    for (const port of ['', ':5173', ':8080']) {
      const origin = `http://localhost${port}`;
      expect((await preflight(origin)).headers.get('Access-Control-Allow-Origin')).toBe(origin);
    }
    const OTHERS = ['https://evil.example.com', 'https://localhost:5173', 'http://localhost.example.com:5173', 'null'];
    for (const origin of OTHERS) {
      const refused = await preflight(origin);
      expect(refused.headers.has('Access-Control-Allow-Origin')).toBe(false);
      expect([refused.status, await refused.json()]).toMatchObject([
        403,
        { type: 'urn:cale:problem:web-origin-not-allowed', detail: expect.stringContaining('ALLOWED_ORIGINS') },
      ]);
      const answer = await harness.server.fetch('/.well-known/cale', { headers: { Origin: origin } });
      expect([answer.status, answer.headers.has('Access-Control-Allow-Origin')]).toEqual([200, false]);
    }
    expect(refusedOrigins(harness)).toEqual(OTHERS);

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

  test('DEMO shows visitors a page; a request with a GUID goes to the origin', async () => {
    const visit = await harness.server.fetch('/');
    expect(visit.headers.get('Content-Type')).toBe('text/html; charset=utf-8');
    const asked = await ask(harness, '/', crypto.randomUUID());
    expect(asked.headers.get('Content-Type')).toContain('pkcs7-mime');
    expect((await harness.server.fetch('/', { method: 'POST' })).status).toBe(401);
  });
});

describe('as they are:', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness();
  });
  afterAll(() => harness.server.close());

  test('ALLOWED_ORIGINS lets no page read, and the operator is told which one asked, once', async () => {
    const own = new URL(harness.url).origin;
    for (const origin of [APP, own, APP]) {
      const answer = await harness.server.fetch('/.well-known/cale', { headers: { Origin: origin } });
      expect(answer.status).toBe(200);
      expect(answer.headers.has('Access-Control-Allow-Origin')).toBe(false);
    }
    expect(refusedOrigins(harness)).toEqual([APP]);
  });

  test('CBC_CIPHERS accepts ciphers whose answers can be altered', async () => {
    const { device, guid } = await registeredDevice(harness);
    for (const tlsCipher of CBC) {
      const answer = await ask(harness, '/resource', guid, { tlsCipher });
      expect(answer.headers.get('Content-Type')).toContain('smime-type=enveloped-data');
      expect(await device.open(await answer.text())).toContain('alice');
    }
  });

  test('DEMO shows no page', async () => {
    expect((await harness.server.fetch('/', { cf: NEGOTIATED })).status).toBe(401);
  });
});

describe('set to refuse:', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness({
      vars: { edge: { ALLOWED_ORIGINS: APP, CBC_CIPHERS: 'refuse', UNSAFE_METHODS: 'refuse' } },
    });
  });
  afterAll(() => harness.server.close());

  test('CBC_CIPHERS refuses them to all alike, and no AEAD', async () => {
    const refusal = { type: 'urn:cale:problem:cipher-not-accepted', status: 400 };
    const { device, guid } = await registeredDevice(harness);
    for (const tlsCipher of CBC) {
      for (const [path, id] of [
        ['/resource', guid],
        ['/whoami', guid],
        ['/resource', crypto.randomUUID()],
      ] as const) {
        const answer = await ask(harness, path, id, { tlsCipher });
        expect([answer.status, await answer.json()]).toMatchObject([400, refusal]);
      }
      const registration = await register(harness, device.csr, {}, tlsCipher);
      expect([registration.status, await registration.json()]).toMatchObject([400, refusal]);
    }
    for (const tlsCipher of ['AEAD-AES128-GCM-SHA256', 'ECDHE-RSA-CHACHA20-POLY1305']) {
      expect((await ask(harness, '/resource', guid, { tlsCipher })).status).toBe(200);
    }
  });

  test('CBC_CIPHERS is what clients are told', async () => {
    const document = (await (await harness.server.fetch('/.well-known/cale')).json()) as { ciphers: string[] };
    expect(document.ciphers).toEqual(['AES-128-GCM', 'AES-256-GCM', 'ChaCha20-Poly1305']);
  });

  test('UNSAFE_METHODS lets pages send no other method than the edge takes, which is DELETE for credentials', async () => {
    const headers = { Origin: APP, 'Access-Control-Request-Method': 'PUT' };
    const allowed = await harness.server.fetch('/resource', { method: 'OPTIONS', headers });
    expect(allowed.headers.get('Access-Control-Allow-Methods')).toBe('GET,HEAD,POST,DELETE');
  });
});

describe('a Worker does not start, and says of which setting it is:', () => {
  test.each([
    ['UNSAFE_METHODS', { vars: { edge: { UNSAFE_METHODS: 'maybe' } } }, 'must be one of: refuse, signed, allow'],
    [
      'TLS_CIPHER',
      { vars: { edge: { TLS_CIPHER: 'nonsense' } } },
      'is not usable: nonsense is not a TLS cipher such as',
    ],
    ['AUTHORITY_SHARDS', { vars: { authority: { AUTHORITY_SHARDS: '0' } } }, 'must be a whole number from 1 to 65536'],
    [
      'DECOY_SECRET',
      { secrets: { authority: { DECOY_SECRET: 'c2hvcnQ=' } } },
      'is not usable: it has fewer than 32 bytes',
    ],
  ])('%s', async (name, options, reason) => {
    await expect(startHarness(options)).rejects.toThrow(new RegExp(`ConfigError: ${name} ${reason}`));
  });

  test.each(['authority', 'origin', 'resource'] as const)(
    'AUTHORITY_CERTIFICATES of the %s, two of them without a line end between',
    async (worker) => {
      const certificate = (await createAuthority('authority')).certificate.trimEnd();
      const harness = startHarness({ secrets: { [worker]: { AUTHORITY_CERTIFICATES: certificate + certificate } } });
      const reason = 'AUTHORITY_CERTIFICATES is not usable: a PEM block does not begin on a line of its own';
      await expect(harness).rejects.toThrow(`ConfigError: ${reason}`);
    },
  );
});
