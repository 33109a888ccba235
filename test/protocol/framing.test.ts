/** How answers are framed and may be stored: on the socket, and between the parties. */

import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, type Harness, type RegisteredDevice, registeredDevice, startHarness } from '../support/harness.ts';

const CIPHER = 'ECDHE-RSA-AES256-GCM-SHA384';
const NOT_STORED = 'no-store, no-transform';

/** Names of the fields of an answer in their order, and the values of those that frame it; the length only as such. */
async function headOf({ url }: Harness, path: string, guid: string): Promise<string[]> {
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    const parts: Buffer[] = [];
    const socket = connect(Number(url.port), url.hostname, () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${url.host}\r\nCALE-GUID: ${guid}\r\nConnection: close\r\n\r\n`),
    );
    socket.on('data', (part) => parts.push(part));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(parts)));
  });
  const [head = ''] = bytes.toString('latin1').split('\r\n\r\n');
  const [status = '', ...fields] = head.split('\r\n');
  return [status, ...fields.map((field) => field.replace(/^(date|content-length): .*/i, '$1'))];
}

describe.each(['by its length', 'in chunks'])('where the origin sends answers %s', (way) => {
  let harness: Harness;
  let alice: RegisteredDevice;
  beforeAll(async () => {
    const chunking = {
      name: 'chunking',
      main: 'test/support/chunking-origin.ts',
      compatibility_date: '2026-11-02',
      services: [{ binding: 'BEHIND', service: 'cale-origin' }],
    };
    harness = await startHarness({
      vars: { edge: { TLS_CIPHER: CIPHER } },
      ...(way === 'in chunks' && { edgeBindings: { ORIGIN: 'chunking' }, more: [chunking] }),
    });
    alice = await registeredDevice(harness);
  });
  afterAll(() => harness.server.close());

  test('answers, decoys and what the edge seals itself have one head, with a length', async () => {
    const expected = await headOf(harness, '/resource/5000', alice.guid);
    expect(expected[0]).toBe('HTTP/1.1 200 OK');
    expect(expected.map((field) => field.toLowerCase())).toContain('content-length');
    expect(expected.join('\n')).not.toMatch(/^transfer-encoding:/im);
    expect(expected.join('\n')).toMatch(/cache-control: no-store, no-transform/i);
    for (const guid of [alice.guid, crypto.randomUUID()]) {
      for (const path of ['/resource/5000', '/balance', '/whoami', '/nowhere', '/not-sealed']) {
        expect(await headOf(harness, path, guid)).toEqual(expected);
      }
    }
  });

  test('answers are whole', async () => {
    const answer = await ask(harness, '/resource/100000', alice.guid);
    expect(await alice.device.open(await answer.text())).toBe('x'.repeat(100_000));
  });
});

describe('what may be stored:', () => {
  const APP = 'https://app.example.com';
  let harness: Harness;
  let alice: RegisteredDevice;
  beforeAll(async () => {
    harness = await startHarness({ vars: { edge: { ALLOWED_ORIGINS: APP, DEMO: 'on' } } });
    alice = await registeredDevice(harness);
  });
  afterAll(() => harness.server.close());

  test('no answer of the edge may be stored or changed; the document may be compressed', async () => {
    const preflight = { Origin: APP, 'Access-Control-Request-Method': 'GET' };
    const administrator = { Authorization: `Bearer ${harness.secrets.edge['ADMIN_TOKEN']}` };
    const of = async (path: string, init: object = {}) =>
      (await harness.server.fetch(path, init)).headers.get('Cache-Control');
    expect(await of('/resource', { headers: { 'CALE-GUID': alice.guid } })).toBe(NOT_STORED);
    expect(await of('/resource', { headers: { 'CALE-GUID': alice.guid, Origin: APP } })).toBe(NOT_STORED);
    expect(await of('/resource', { method: 'OPTIONS', headers: preflight })).toBe(NOT_STORED);
    expect(await of('/resource')).toBe(NOT_STORED);
    expect(await of('/')).toBe(NOT_STORED);
    expect(await of('/admin/credentials?owner=alice', { headers: administrator })).toBe(NOT_STORED);
    expect(await of('/.well-known/cale')).toBe('no-store');
  });

  test('no answer between the parties may be', async () => {
    const at = (worker: string, path: string, headers: Record<string, string> = {}, method = 'GET') =>
      harness.server.getWorker(worker).fetch(`https://party${path}`, { headers, method });
    const guid = { 'CALE-GUID': alice.guid };
    const validated = await at('cale-authority', '/validate', guid);
    const certificate = { 'CALE-PEM': validated.headers.get('CALE-PEM') ?? '' };
    const answers = [
      validated,
      await at('cale-authority', '/validate', { 'CALE-GUID': crypto.randomUUID() }),
      await at('cale-authority', '/whoami', { ...guid, Cipher: CIPHER }),
      await at('cale-authority', '/credentials', { ...guid, Cipher: CIPHER }),
      await at('cale-authority', '/certificates'),
      await at('cale-authority', '/registration', {}, 'POST'),
      await at('cale-authority', '/nowhere'),
      await at('cale-origin', '/.well-known/cale/origin'),
      await at('cale-origin', '/resource'),
      await at('cale-origin', '/resource', { ...certificate, Cipher: CIPHER }),
      await at('cale-resource', '/aggregate', certificate),
      await at('cale-resource', '/nowhere', certificate),
      await at('cale-resource', '/aggregate'),
    ];
    expect(answers.map(({ headers }) => headers.get('Cache-Control'))).toEqual(answers.map(() => 'no-store'));
    expect(answers.map(({ status }) => status)).toContain(200);
  });
});
