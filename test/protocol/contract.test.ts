/** The contract with clients, row by row: docs/protocol. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OpenError } from '../../shared/cms/open.ts';
import { encodePem } from '../../shared/encoding/pem.ts';
import { Device } from '../support/device.ts';
import { ALICE, ask, BOB, basic, type Harness, register, registeredDevice, startHarness } from '../support/harness.ts';
import { randomNonce } from '../support/raw-signing.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.server.close());

type Answer = Awaited<ReturnType<typeof register>>;

/** Registers through a socket, by the platform's own fetch; a stream goes without a length. */
async function registerOverSocket(body: BodyInit): Promise<unknown> {
  const headers = { 'Content-Type': 'application/pkcs10', Authorization: ALICE };
  const init = { method: 'POST', headers, body, duplex: 'half' };
  return (await fetch(new URL('/registration', harness.url), init as RequestInit)).json();
}

/** Fields whose values differ from answer to answer. */
const OF_EACH_ANSWER = ['content-length', 'date'];

const SENTENCE = /^[A-Z].*\.$/;

/** @param detail a sentence on the way out, or on what was found, where the problem says one. */
async function expectProblem(response: Answer, status: number, reason: string, detail?: RegExp): Promise<void> {
  expect(response.status).toBe(status);
  expect(response.headers.get('Content-Type')).toBe('application/problem+json');
  expect(response.headers.get('Cache-Control')).toBe('no-store, no-transform');
  const problem = (await response.json()) as Record<string, unknown>;
  const way = detail === undefined ? {} : { detail: expect.stringMatching(detail) };
  const requestId = expect.stringMatching(/^[\w-]{22}$/);
  expect(problem).toEqual({ type: `urn:cale:problem:${reason}`, title: expect.any(String), status, requestId, ...way });
}

describe('registration', () => {
  test('in PEM or DER is answered with the GUID and nothing around it', async () => {
    const device = await Device.create('P-256', 'phone');
    for (const body of [device.csr, encodePem('CERTIFICATE REQUEST', device.csr)]) {
      const response = await register(harness, body);
      expect(response.status).toBe(200);
      expect(await device.open(await response.text())).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  test('without or with a wrong proof of identity is 401 with a challenge', async () => {
    const { csr } = await Device.create('P-256', '');
    const wrong = [
      '',
      'Basic',
      'Basic !!!',
      basic('alice', 'wrong'),
      basic('mallory', 'x'),
      basic('', ''),
      'Bearer x',
      'Digest x',
      `Basic ${'A'.repeat(20_000)}`,
    ];
    for (const authorization of wrong) {
      const response = await register(harness, csr, { Authorization: authorization });
      expect(response.headers.get('WWW-Authenticate')).toBe('Basic realm="example.com", charset="UTF-8"');
      await expectProblem(response, 401, 'identity-required', SENTENCE);
    }
  });

  test('of a bad CSR names the rule, only to those who proved an identity', async () => {
    const { csr } = await Device.create('P-256', '');
    const pem = encodePem('CERTIFICATE REQUEST', csr);
    const altered = csr.slice();
    altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
    const cases: [string | Uint8Array<ArrayBuffer>, string][] = [
      ['', 'csr-malformed'],
      ['hello', 'csr-malformed'],
      [pem + pem, 'csr-several-pem-blocks'],
      [Uint8Array.from([...csr, 0]), 'csr-trailing-bytes'],
      [altered, 'csr-bad-signature'],
      [`${pem}${' '.repeat(16 * 1024)}`, 'csr-too-large'],
      [new Uint8Array(64 * 1024), 'csr-too-large'],
    ];
    for (const [body, reason] of cases) {
      await expectProblem(await register(harness, body), 400, reason, SENTENCE);
      await expectProblem(
        await register(harness, body, { Authorization: 'Basic x' }),
        401,
        'identity-required',
        SENTENCE,
      );
    }
  });

  test('of 20 MB is refused by its size, which is named where the client says it', async () => {
    const big = new Uint8Array(20_000_000);
    expect(await registerOverSocket(big)).toMatchObject({
      type: 'urn:cale:problem:csr-too-large',
      detail: 'The body has 20000000 bytes.',
    });
    const inPieces = new ReadableStream({
      start(controller) {
        for (let at = 0; at < big.length; at += 65536) controller.enqueue(big.subarray(at, at + 65536));
        controller.close();
      },
    });
    expect(await registerOverSocket(inPieces)).toMatchObject({
      type: 'urn:cale:problem:csr-too-large',
      detail: 'The body has more than 16384 bytes.',
    });
  });

  test('takes only application/pkcs10', async () => {
    const { csr } = await Device.create('P-256', '');
    const response = await register(harness, csr, { 'Content-Type': 'text/plain' });
    expect(response.headers.get('Accept')).toBe('application/pkcs10');
    await expectProblem(response, 415, 'media-type-not-supported', SENTENCE);
  });

  test('grants nothing that the client says of itself', async () => {
    const device = await Device.create('P-256', 'CN=root');
    const claimed = { 'CALE-Identity': 'cn="root", dc="example.com", ou=("admin")', Cipher: 'ECDHE-RSA-AES256-SHA' };
    const response = await register(harness, device.csr, { Authorization: BOB, ...claimed });
    expect(response.headers.get('Content-Type')).toContain('authEnveloped-data');
    const guid = await device.open(await response.text());
    const resource = await device.open(await (await ask(harness, '/resource', guid)).text());
    expect(JSON.parse(resource)).toMatchObject({ owner: 'bob', scopes: ['read'] });
  });
});

describe('a request with a GUID', () => {
  test("is answered with the origin's body, of any status, under 200", async () => {
    const { device, guid } = await registeredDevice(harness, 'P-256', BOB);
    const bodies: [string, unknown][] = [
      ['/scoped', { error: 'scope write is needed' }],
      ['/nowhere', { error: 'not found' }],
      ['/resource/99999999', { error: 'at most 10485760 bytes' }],
    ];
    for (const [path, body] of bodies) {
      const response = await ask(harness, path, guid);
      expect(response.status).toBe(200);
      expect(JSON.parse(await device.open(await response.text()))).toEqual(body);
    }
  });

  test('reads what its scopes allow', async () => {
    const { device, guid } = await registeredDevice(harness);
    const scoped = await device.open(await (await ask(harness, '/scoped', guid)).text());
    expect(JSON.parse(scoped)).toEqual({ owner: 'alice', scope: 'write' });
  });

  test.each([
    [ALICE, { owner: 'alice', balance: '1,284.50 EUR' }],
    [BOB, { owner: 'bob', balance: '17.20 EUR' }],
  ])('gets the data of its owner only', async (authorization, balance) => {
    const { device, guid } = await registeredDevice(harness, 'P-256', authorization);
    expect(JSON.parse(await device.open(await (await ask(harness, '/balance', guid)).text()))).toEqual(balance);
  });

  test.each([0, 1, 65536, 10 * 1024 * 1024])('gets %i bytes, in base64 and in DER', async (size) => {
    const { device, guid } = await registeredDevice(harness, 'RSA-2048');
    const base64 = await ask(harness, `/resource/${size}`, guid);
    expect((await device.openBytes(await base64.text())).length).toBe(size);
    const binary = await ask(harness, `/resource/${size}`, guid, { headers: { Accept: 'application/pkcs7-mime' } });
    expect(binary.headers.get('Content-Type')).toMatch(/^application\/pkcs7-mime;/);
    expect(binary.headers.get('Content-Transfer-Encoding')).toBe('binary');
    expect((await device.openBytes(new Uint8Array(await binary.arrayBuffer()))).length).toBe(size);
  });

  test('by HEAD gets the header fields and no body', async () => {
    const { guid } = await registeredDevice(harness);
    for (const [path, id] of [
      ['/resource', guid],
      ['/whoami', guid],
      ['/resource', crypto.randomUUID()],
    ] as const) {
      const response = await ask(harness, path, id, { method: 'HEAD' });
      expect(response.status).toBe(200);
      expect(response.headers.get('Content-Type')).toContain('application/x-pkcs7-mime');
      expect(await response.text()).toBe('');
    }
  });

  test('that is unknown, revoked or malformed gets a decoy that nothing tells from an answer', async () => {
    const { device, guid } = await registeredDevice(harness);
    const real = await ask(harness, '/resource', guid);
    for (const path of ['/resource', '/whoami', '/nowhere']) {
      for (const unknown of [
        crypto.randomUUID(),
        'x',
        '..',
        "' OR 1=1",
        `${guid},${guid}`,
        `${guid}0`,
        'a'.repeat(5000),
      ]) {
        const decoy = await ask(harness, path, unknown);
        expect(decoy.status).toBe(200);
        const fields = ({ headers }: Answer) =>
          [...headers].map(([name, value]) => [name, OF_EACH_ANSWER.includes(name) ? '' : value]);
        expect(fields(decoy)).toEqual(fields(real));
        await expect(device.open(await decoy.text())).rejects.toThrow(OpenError);
      }
    }
  });

  test('in upper case is the same GUID', async () => {
    const { device, guid } = await registeredDevice(harness);
    const response = await ask(harness, '/resource', guid.toUpperCase());
    expect(JSON.parse(await device.open(await response.text()))).toMatchObject({ owner: 'alice' });
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'])(
    'by %s needs a second proof, known or not, and is told how to sign',
    async (method) => {
      const { guid } = await registeredDevice(harness);
      const way = /there is no CALE-Nonce\. Sign @method, @target-uri and cale-nonce.*docs\/protocol\/signatures\.md/;
      for (const id of [guid, crypto.randomUUID()]) {
        await expectProblem(await ask(harness, '/resource', id, { method }), 403, 'secondary-proof-required', way);
      }
    },
  );

  test('whose signature is not in good form is told what it lacks', async () => {
    const input = (components: string, tag: string) => `cale=(${components});keyid="x";tag="${tag}"`;
    const all = '"@method" "@target-uri" "cale-nonce" "content-digest" "content-type"';
    const cases: [fields: Record<string, string>, fault: string][] = [
      [{}, 'there is no Signature-Input or no Signature'],
      [{ 'Signature-Input': 'sig1=()', Signature: 'sig1=:AAAA:' }, 'are not in good form \\(no signature\\)'],
      [{ 'Signature-Input': input(all, 'x'), Signature: 'cale=:AAAA:' }, 'its tag is not "cale-request"'],
      [
        { 'Signature-Input': input('"@method" "cale-nonce"', 'cale-request'), Signature: 'cale=:AAAA:' },
        'it does not cover @target-uri, content-digest, content-type',
      ],
    ];
    for (const [fields, fault] of cases) {
      const headers = { 'CALE-Nonce': randomNonce(), 'Content-Type': 'text/plain', ...fields };
      const answer = await ask(harness, '/echo', crypto.randomUUID(), { method: 'POST', headers, body: 'x' });
      await expectProblem(answer, 403, 'secondary-proof-required', new RegExp(`${fault}\\. Sign @method`));
    }
  });
});

describe('refused before any party is asked:', () => {
  test('no GUID', async () => {
    for (const path of ['/resource', '/whoami', '/']) {
      const response = await harness.server.fetch(path, { cf: { tlsCipher: 'AEAD-AES128-GCM-SHA256' } });
      expect(response.headers.get('WWW-Authenticate')).toBe('CALE');
      const way = /POST \/registration.*CALE-GUID.*GET \/\.well-known\/cale/;
      await expectProblem(response, 401, 'guid-required', way);
    }
  });

  test.each(['DES-CBC3-SHA', 'ECDHE-RSA-RC4-SHA', 'nonsense', ''])('the TLS cipher %j', async (tlsCipher) => {
    const { csr } = await Device.create('P-256', '');
    await expectProblem(await register(harness, csr, {}, tlsCipher), 400, 'cipher-not-accepted');
    await expectProblem(
      await ask(harness, '/resource', crypto.randomUUID(), { tlsCipher }),
      400,
      'cipher-not-accepted',
    );
  });

  test('plain http, except from this machine', async () => {
    const response = await harness.server.fetch('http://api.example.com/resource', {
      headers: { 'CALE-GUID': crypto.randomUUID() },
    });
    expect(response.headers.get('Strict-Transport-Security')).toBeNull();
    await expectProblem(response, 403, 'https-required');
  });
});

test('over https every answer, a decoy and a refusal too, tells browsers to come by https only; over http none does', async () => {
  const { guid } = await registeredDevice(harness);
  const asked = [
    ['/resource', guid],
    ['/resource', crypto.randomUUID()],
    ['/whoami', guid],
    ['/whoami', crypto.randomUUID()],
    ['/.well-known/cale', ''],
    ['/resource', ''],
    ['/admin/credentials/x', ''],
  ] as const;
  // Through a socket the harness makes http of https.
  const edge = { ...harness, server: harness.server.getWorker('cale-edge') as unknown as Harness['server'] };
  for (const [path, id] of asked) {
    const secure = await ask(edge, `https://api.example.com${path}`, id);
    expect(secure.headers.get('Strict-Transport-Security')).toBe('max-age=63072000');
    expect((await ask(harness, path, id)).headers.get('Strict-Transport-Security')).toBeNull();
  }
  const preflight = { Origin: 'https://page.example', 'Access-Control-Request-Method': 'GET' };
  const refused = await edge.server.fetch('https://api.example.com/resource', {
    method: 'OPTIONS',
    headers: preflight,
  });
  expect(refused.status).toBe(403);
  expect(refused.headers.get('Strict-Transport-Security')).toBe('max-age=63072000');
});

/** As the edge writes it, with one line end behind it. */
const pem = (certificate: string | undefined): string => `${certificate?.trimEnd()}\n`;

test('/.well-known/cale says what a client needs to know', async () => {
  const response = await harness.server.fetch('/.well-known/cale');
  expect(response.headers.get('Cache-Control')).toBe('no-store');
  const { authority, origin } = harness.secrets;
  expect(await response.json()).toEqual({
    organization: 'example.com',
    endpoints: {
      registration: '/registration',
      whoami: '/whoami',
      credentials: '/.well-known/cale/credentials',
      sealed: '/.well-known/cale/sealed',
    },
    credentialLifetimeDays: 397,
    keyTypes: ['P-256', 'P-384', 'P-521', 'RSA-2048', 'RSA-3072', 'RSA-4096'],
    ciphers: ['AES-128-GCM', 'AES-256-GCM', 'ChaCha20-Poly1305', 'AES-128-CBC', 'AES-256-CBC'],
    identityMethods: ['basic'],
    // The issuing one first, and its root last.
    authorityCertificates: (authority['AUTHORITY_CERTIFICATES'] ?? '').split(/(?=-----BEGIN)/).map(pem),
    originCertificates: [pem(origin['ORIGIN_SIGNING_CERTIFICATES'])],
    originEncryptionCertificate: pem(origin['ORIGIN_ENCRYPTION_CERTIFICATES']),
  });
});
