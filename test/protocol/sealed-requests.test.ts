/** Sealed requests over raw HTTP: what is refused outside, alike for every GUID, and what inside. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContentEncryptionName } from '../../shared/cms/content-encryption.ts';
import { OpenError } from '../../shared/cms/open.ts';
import { importRecipient } from '../../shared/cms/recipients/recipients.ts';
import { seal } from '../../shared/cms/seal.ts';
import { parsePublicKey } from '../../shared/crypto/keys/public-key.ts';
import { type BinaryRequest, encodeRequest } from '../../shared/encoding/bhttp/request.ts';
import { encodeResponse } from '../../shared/encoding/bhttp/response.ts';
import { concat, utf8 } from '../../shared/encoding/bytes.ts';
import { parsePem } from '../../shared/encoding/pem.ts';
import { parseCertificate } from '../../shared/x509/certificate.ts';
import type { Device } from '../support/device.ts';
import { ask, BOB, type Harness, registeredDevice, startHarness } from '../support/harness.ts';
import { createKey } from '../support/keys.ts';
import { partsOf, randomNonce, signatureOf, signedFields, type Unsigned } from '../support/raw-signing.ts';
import { type Inside, openWhole, startWithTestOrigin, WHOLE_ANSWER } from '../support/test-origin.ts';

const SEALED = '/.well-known/cale/sealed';
const TYPE = 'application/pkcs7-mime; smime-type=authEnveloped-data';

let harness: Harness;
let device: Device;
let guid: string;
/** DER of the SubjectPublicKeyInfo that requests are sealed to. */
let originKey: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  harness = await startWithTestOrigin();
  ({ device, guid } = await registeredDevice(harness));
  originKey = await originKeyOf(harness);
});
afterAll(() => harness.server.close());

async function originKeyOf({ server }: Harness): Promise<Bytes> {
  const document = (await (await server.fetch('/.well-known/cale')).json()) as Record<string, string>;
  const [der = new Uint8Array(0)] = parsePem('CERTIFICATE', document['originEncryptionCertificate'] ?? '');
  return parseCertificate(der).spki;
}

type Answer = Awaited<ReturnType<typeof ask>>;
type Bytes = Uint8Array<ArrayBuffer>;
type Fields = readonly (readonly [string, string])[];

async function sealedTo(
  spki: Bytes,
  content: Bytes,
  encryption: ContentEncryptionName = 'AES-256-GCM',
): Promise<Bytes> {
  const parts = await seal(await importRecipient(parsePublicKey(spki)), encryption, content);
  return concat(parts);
}

const urlOf = (path: string): string => new URL(path, harness.url).href;

/** A request inside, as a client writes it: not signed. */
const inner = (nonce: string, more: Partial<BinaryRequest> = {}, fields: Fields = []): BinaryRequest => ({
  method: 'GET',
  targetUri: urlOf('/mirror?a=b'),
  headers: [['cale-nonce', nonce], ['cale-key', device.keyid], ...fields],
  content: new Uint8Array(0),
  ...more,
});

/** A write inside, signed. */
async function innerWrite(nonce: string, more: Partial<Unsigned> = {}): Promise<BinaryRequest> {
  const request = { method: 'POST', url: urlOf('/count'), nonce, body: 'a body', contentType: 'text/plain', ...more };
  const fields = await signedFields(device, request);
  return {
    method: request.method,
    targetUri: request.url,
    headers: [...Object.entries(fields), ['cale-key', device.keyid]],
    content: utf8(request.body),
  };
}

interface Sent {
  readonly nonce: string;
  readonly body: Bytes;
  readonly fields?: Record<string, string>;
  readonly id?: string;
}

const send = ({ nonce, body, fields = {}, id = guid }: Sent): Promise<Answer> =>
  ask(harness, SEALED, id, {
    method: 'POST',
    headers: { ...WHOLE_ANSWER, 'Content-Type': TYPE, 'CALE-Nonce': nonce, ...fields },
    body,
  });

/** What the client finds inside of the answer to a request that is sealed. */
async function inside(request: (nonce: string) => BinaryRequest | Promise<BinaryRequest>): Promise<Inside> {
  const nonce = randomNonce();
  const body = await sealedTo(originKey, encodeRequest(await request(nonce)));
  return openWhole(device, await send({ nonce, body }));
}

const count = async (): Promise<number> =>
  (await openWhole(device, await ask(harness, '/count', guid, { headers: WHOLE_ANSWER }))).json as number;

const problem = (reason: string, status: number) => ({
  status,
  json: { type: `urn:cale:problem:${reason}`, status },
});
const NOT_VALID = problem('sealed-request-not-valid', 400);

async function expectDecoy(answer: Answer): Promise<void> {
  expect(answer.status).toBe(200);
  await expect(openWhole(device, answer)).rejects.toThrow(OpenError);
}

describe('a sealed request', () => {
  test.each(['GET', 'OPTIONS', 'HEAD'])('by %s is done without a signature', async (method) => {
    const { status, json } = await inside((nonce) => inner(nonce, { method }, [['x-field', 'a value']]));
    const answer = { method, search: '?a=b', isSealed: true, proof: 'reading', headers: { 'x-field': 'a value' } };
    expect({ status, json }).toMatchObject({ status: 200, json: method === 'HEAD' ? null : answer } as object);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('by %s is done with one', async (method) => {
    const { status, json } = await inside((nonce) => innerWrite(nonce, { method, url: urlOf('/mirror') }));
    expect({ status, json }).toMatchObject({
      status: 200,
      json: { method, body: 'a body', isSealed: true, proof: 'signature' },
    });
  });

  test('has no fields with underscores, which servers take for others', async () => {
    const fields = ['cale_pem', 'cale_owner', 'x_own'].map((name) => [name, 'mallory'] as const);
    const { status, json } = await inside((nonce) => inner(nonce, {}, fields));
    expect(status).toBe(200);
    expect(JSON.stringify(json)).not.toContain('mallory');
  });

  test('has the certificate of its client sent on (B.2.5), and nothing else that the edge says', async () => {
    const { json } = await inside((nonce) => inner(nonce, { targetUri: urlOf('/resource') }));
    expect(json).toMatchObject({ owner: 'alice', aggregate: { foo: 'bar' } });
    const { headers } = (await inside((nonce) => inner(nonce))).json as { headers: Record<string, string> };
    expect(headers['cale-pem']).toMatch(/^"MII/);
    for (const name of ['cale-guid', 'cipher', 'content-type']) expect(headers).not.toHaveProperty(name);
  });

  test('is done once: sent again it is answered by a decoy, and under another nonce refused', async () => {
    const nonce = randomNonce();
    const body = await sealedTo(originKey, encodeRequest(await innerWrite(nonce)));
    const before = await count();
    const answers = await Promise.all(Array.from({ length: 16 }, () => send({ nonce, body })));
    const opened = await Promise.all(answers.map((answer) => openWhole(device, answer).catch(() => undefined)));
    expect(opened.filter((each) => each !== undefined)).toMatchObject([{ status: 200 }]);
    expect(await openWhole(device, await send({ nonce: randomNonce(), body }))).toMatchObject(NOT_VALID);
    expect(await count()).toBe(before + 1);
  });

  test('is of no use under the credential of another client', async () => {
    const bob = await registeredDevice(harness, 'P-256', BOB);
    for (const make of [innerWrite, async (nonce: string) => inner(nonce)]) {
      const nonce = randomNonce();
      const body = await sealedTo(originKey, encodeRequest(await make(nonce)));
      expect(await openWhole(bob.device, await send({ nonce, body, id: bob.guid }))).toMatchObject(NOT_VALID);
    }
  });
});

describe('refused inside, as no request of this client:', () => {
  test.each<[string, (nonce: string) => Promise<Bytes>]>([
    [
      'one that is sealed to another key',
      async (nonce) => sealedTo((await createKey('P-256')).spki, encodeRequest(inner(nonce))),
    ],
    [
      'one that is sealed to the key of the client',
      async (nonce) => sealedTo((await createKey('RSA-2048')).spki, encodeRequest(inner(nonce))),
    ],
    [
      'one whose content is not authenticated',
      async (nonce) => sealedTo(originKey, encodeRequest(inner(nonce)), 'AES-256-CBC'),
    ],
    ['nothing', async () => new Uint8Array(0)],
    ['what is not CMS', async () => utf8('hello')],
    ['what is not Binary HTTP', async () => sealedTo(originKey, utf8('hello'))],
    ['an empty content', async () => sealedTo(originKey, new Uint8Array(0))],
    [
      'an answer',
      async () => sealedTo(originKey, encodeResponse({ status: 200, headers: [], content: new Uint8Array(0) })),
    ],
    ['one that is cut off', async (nonce) => (await sealedTo(originKey, encodeRequest(inner(nonce)))).slice(0, -1)],
    [
      'one with a byte behind it',
      async (nonce) => Uint8Array.from([...(await sealedTo(originKey, encodeRequest(inner(nonce)))), 0]),
    ],
    [
      'one with a bit flipped',
      async (nonce) => {
        const body = await sealedTo(originKey, encodeRequest(inner(nonce)));
        return body.with(body.length - 40, (body.at(-40) ?? 0) ^ 1);
      },
    ],
    [
      'padding that is not of zeros',
      async (nonce) => sealedTo(originKey, Uint8Array.from([...encodeRequest(inner(nonce)), 1])),
    ],
  ])('%s', async (_, make) => {
    const nonce = randomNonce();
    expect(await openWhole(device, await send({ nonce, body: await make(nonce) }))).toMatchObject(NOT_VALID);
  });

  test.each<[string, (nonce: string) => BinaryRequest]>([
    ['one in another', (nonce) => inner(nonce, { method: 'POST', targetUri: urlOf(SEALED) })],
    ['one in another, with a query', (nonce) => inner(nonce, { targetUri: urlOf(`${SEALED}?x`) })],
    ['one to another host', (nonce) => inner(nonce, { targetUri: 'http://elsewhere.example/mirror' })],
    ['one to another port', (nonce) => inner(nonce, { targetUri: 'http://127.0.0.1:1/mirror' })],
    ['one by another scheme', (nonce) => inner(nonce, { targetUri: urlOf('/mirror').replace('http:', 'https:') })],
    ['a GET with a body', (nonce) => inner(nonce, { content: utf8('a body') })],
    ['an OPTIONS with a body', (nonce) => inner(nonce, { method: 'OPTIONS', content: utf8('a body') })],
    ['one whose fields name another method', (nonce) => inner(nonce, {}, [['x-http-method-override', 'DELETE']])],
    ['one with a user', (nonce) => inner(nonce, { targetUri: urlOf('/mirror').replace('//', '//user@') })],
    [
      'one whose address is not in its normal form',
      (nonce) => inner(nonce, { targetUri: urlOf('/').replace(/$/, 'a/../mirror') }),
    ],
    ['one whose path leads to the sealed ones', (nonce) => inner(nonce, { targetUri: `${urlOf('/')}a/..${SEALED}` })],
    ['one without a nonce', () => inner('', { headers: [['cale-key', device.keyid]] })],
    ['one with another nonce', () => inner(randomNonce())],
    ['one with two nonces', (nonce) => inner(nonce, {}, [['cale-nonce', randomNonce()]])],
    ['one with its nonce twice', (nonce) => inner(nonce, {}, [['cale-nonce', nonce]])],
    ['one without a client', (nonce) => inner(nonce, { headers: [['cale-nonce', nonce]] })],
    [
      'one of another client',
      (nonce) =>
        inner(nonce, {
          headers: [
            ['cale-nonce', nonce],
            ['cale-key', 'A'.repeat(27)],
          ],
        }),
    ],
    ['one of two clients', (nonce) => inner(nonce, {}, [['cale-key', 'A'.repeat(27)]])],
  ])('%s', async (_, make) => {
    expect(await inside(make)).toMatchObject(NOT_VALID);
  });

  test('is said alike to all, with no word of which it was', async () => {
    const answers = [
      await inside(() => inner(randomNonce())),
      await inside((nonce) => inner(nonce, { targetUri: urlOf(SEALED) })),
    ];
    const requestId = expect.any(String);
    expect(answers[0]?.json).toEqual({ ...Object(answers[1]?.json), requestId });
  });
});

describe('refused inside, for its proof:', () => {
  const NO_PROOF = problem('proof-not-valid', 401);

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'get'])('%s without a signature', async (method) => {
    const before = await count();
    expect(await inside((nonce) => inner(nonce, { method, targetUri: urlOf('/count') }))).toMatchObject(NO_PROOF);
    expect(await count()).toBe(before);
  });

  test.each<[string, (nonce: string) => Promise<BinaryRequest>]>([
    [
      'a signature for another method',
      async (nonce) => ({ ...(await innerWrite(nonce, { method: 'PUT' })), method: 'POST' }),
    ],
    [
      'a signature for the address that it is sent to',
      async (nonce) => ({ ...(await innerWrite(nonce, { url: urlOf(SEALED) })), targetUri: urlOf('/count') }),
    ],
    ['a signature for another body', async (nonce) => ({ ...(await innerWrite(nonce)), content: utf8('another') })],
    [
      'a signature for no body',
      async (nonce) => ({ ...(await innerWrite(nonce, { body: '' })), content: utf8('a body') }),
    ],
    [
      'a signature twice',
      async (nonce) => {
        const request = await innerWrite(nonce);
        return {
          ...request,
          headers: [...request.headers, ...request.headers.filter(([name]) => name.startsWith('signature'))],
        };
      },
    ],
    [
      'a signature of another client',
      async (nonce) => {
        const { device: other } = await registeredDevice(harness, 'P-256', BOB);
        const request: Unsigned = { method: 'POST', url: urlOf('/count'), nonce, body: '', contentType: undefined };
        const fields = { 'cale-nonce': nonce };
        const signature = await signatureOf(other, request, fields, partsOf(device, request));
        return inner(nonce, { method: 'POST', targetUri: request.url }, Object.entries(signature));
      },
    ],
  ])('%s', async (_, make) => {
    const before = await count();
    expect(await inside(make)).toMatchObject(NO_PROOF);
    expect(await count()).toBe(before);
  });

  test('a signature outside is none inside', async () => {
    const nonce = randomNonce();
    const request: Unsigned = { method: 'POST', url: urlOf('/count'), nonce, body: '', contentType: undefined };
    const { 'cale-nonce': _, ...fields } = await signedFields(device, request);
    const body = await sealedTo(originKey, encodeRequest(inner(nonce, { method: 'POST', targetUri: request.url })));
    expect(await openWhole(device, await send({ nonce, body, fields }))).toMatchObject(NO_PROOF);
  });
});

test('more than 10 MiB is refused inside, and 10 MiB are read', async () => {
  const MAX = 10 * 1024 * 1024;
  const tooLarge = problem('content-too-large', 413);
  const size = async (content: number): Promise<[string, Bytes]> => {
    const nonce = randomNonce();
    const request = await innerWrite(nonce, { url: urlOf('/digest'), body: 'x'.repeat(content) });
    return [nonce, await sealedTo(originKey, encodeRequest(request))];
  };
  const [, { length }] = await size(MAX - 1000);
  const [nonce, body] = await size(MAX - 1000 + MAX - length);
  expect(body.length).toBe(MAX);
  expect(await openWhole(device, await send({ nonce, body }))).toMatchObject({ status: 200 });
  const [other, more] = await size(MAX - 1000 + MAX - length + 1);
  expect(more.length).toBe(MAX + 1);
  expect(await openWhole(device, await send({ nonce: other, body: more }))).toMatchObject(tooLarge);
});

describe('refused outside, alike for every GUID:', () => {
  async function expectRefused(make: (id: string) => Promise<Answer>, status: number, reason: string): Promise<void> {
    const seen = await Promise.all(
      [guid, crypto.randomUUID(), 'x'].map(async (id) => {
        const answer = await make(id);
        const fields = [...answer.headers].filter(([name]) => name !== 'date');
        const { requestId: _, ...body } = (await answer.json()) as { requestId: string };
        return { status: answer.status, fields, body };
      }),
    );
    expect(seen[0]?.status).toBe(status);
    expect(seen[0]?.body).toMatchObject(problem(reason, status).json);
    for (const other of seen) expect(other).toEqual(seen[0]);
  }
  const bodyFor = (nonce: string) => sealedTo(originKey, encodeRequest(inner(nonce)));

  test.each(['', 'application/octet-stream', 'application/x-pkcs7-mime', 'message/bhttp', 'application/pkcs7-mimex'])(
    'the media type %j',
    async (type) => {
      const nonce = randomNonce();
      const body = await bodyFor(nonce);
      const sendAs = async (id: string) => {
        const answer = await send({ nonce, body, id, fields: { 'Content-Type': type } });
        expect(answer.headers.get('Accept')).toBe('application/pkcs7-mime');
        return answer;
      };
      await expectRefused(sendAs, 415, 'media-type-not-supported');
      // It was not admitted for that.
      expect(await openWhole(device, await send({ nonce, body }))).toMatchObject({ status: 200 });
    },
  );

  test('no nonce', async () => {
    const body = await bodyFor(randomNonce());
    const headers = { ...WHOLE_ANSWER, 'Content-Type': TYPE };
    await expectRefused(
      (id) => ask(harness, SEALED, id, { method: 'POST', headers, body }),
      403,
      'secondary-proof-required',
    );
  });

  test('a malformed nonce', async () => {
    const body = await bodyFor(randomNonce());
    await expectRefused((id) => send({ nonce: 'x', body, id }), 400, 'nonce-malformed');
  });

  test('and unknown GUIDs get a decoy that nothing tells from an answer', async () => {
    const fieldsOf = ({ headers }: Answer) =>
      [...headers].filter(([name]) => !['date', 'content-length'].includes(name));
    const nonce = randomNonce();
    const real = await send({ nonce, body: await bodyFor(nonce) });
    for (const id of [crypto.randomUUID(), 'x']) {
      const decoy = await send({ nonce, body: await bodyFor(nonce), id });
      expect(fieldsOf(decoy)).toEqual(fieldsOf(real));
      await expectDecoy(decoy);
    }
  });

  test.each([-310, 310])('and a nonce of %i seconds from now gets one', async (seconds) => {
    const nonce = randomNonce(Math.floor(Date.now() / 1000) + seconds);
    await expectDecoy(await send({ nonce, body: await bodyFor(nonce) }));
  });
});

test('by another method the address is one of the application', async () => {
  const answer = await ask(harness, SEALED, guid, { headers: WHOLE_ANSWER });
  expect(await openWhole(device, answer)).toMatchObject({ status: 404, json: { error: 'not found' } });
});

test('an origin without a key for it says so inside, and the edge names no endpoint', async () => {
  const secrets = { origin: { ORIGIN_ENCRYPTION_KEY: '', ORIGIN_ENCRYPTION_CERTIFICATES: '' } };
  const other = await startHarness({ secrets });
  try {
    const { device, guid } = await registeredDevice(other);
    const nonce = randomNonce();
    const headers = { ...WHOLE_ANSWER, 'Content-Type': TYPE, 'CALE-Nonce': nonce };
    const body = await sealedTo(originKey, encodeRequest(inner(nonce)));
    const answer = await ask(other, SEALED, guid, { method: 'POST', headers, body });
    expect(await openWhole(device, answer)).toMatchObject(problem('sealed-requests-not-supported', 501));
    const document = (await (await other.server.fetch('/.well-known/cale')).json()) as Record<string, unknown>;
    expect(Object.keys(document['endpoints'] as object).sort()).toEqual(['credentials', 'registration', 'whoami']);
    expect(document).not.toHaveProperty('originEncryptionCertificate');
    expect(document).toHaveProperty('originCertificates');
  } finally {
    await other.server.close();
  }
});

test('an origin that refuses writes says so inside, of sealed ones too, and answers the others', async () => {
  const other = await startWithTestOrigin({ edge: { UNSAFE_METHODS: 'refuse' }, origin: { UNSAFE_METHODS: 'refuse' } });
  try {
    const { device, guid } = await registeredDevice(other);
    const key = await originKeyOf(other);
    const ofDevice: Fields = [['cale-key', device.keyid]];
    for (const [method, expected] of [
      ['GET', { status: 200 }],
      ['POST', problem('method-refused', 403)],
    ] as const) {
      const nonce = randomNonce();
      const url = new URL('/count', other.url).href;
      const request: Unsigned = { method, url, nonce, body: '', contentType: undefined };
      const fields = Object.entries(await signedFields(device, request));
      const message = { method, targetUri: url, headers: [...fields, ...ofDevice], content: new Uint8Array(0) };
      const body = await sealedTo(key, encodeRequest(message));
      const headers = { ...WHOLE_ANSWER, 'Content-Type': TYPE, 'CALE-Nonce': nonce };
      const answer = await ask(other, SEALED, guid, { method: 'POST', headers, body });
      expect(await openWhole(device, answer)).toMatchObject(expected);
    }
  } finally {
    await other.server.close();
  }
});
