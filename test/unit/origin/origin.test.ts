import { beforeAll, describe, expect, test, vi } from 'vitest';
import { sealRequest } from '../../../client/exchange/seal-request.ts';
import { signRequest } from '../../../client/exchange/sign-request.ts';
import { isSignedAnswer } from '../../../client/exchange/verify-answer.ts';
import type { OriginOptions } from '../../../origin/options.ts';
import { type Application, createOrigin, type Origin } from '../../../origin/origin.ts';
import type { Client } from '../../../origin/prepare.ts';
import { open } from '../../../shared/cms/open.ts';
import { importRecipient } from '../../../shared/cms/recipients/recipients.ts';
import { seal } from '../../../shared/cms/seal.ts';
import { encodeRequest } from '../../../shared/encoding/bhttp/request.ts';
import type { BinaryResponse } from '../../../shared/encoding/bhttp/response.ts';
import { concat, parseUtf8, utf8 } from '../../../shared/encoding/bytes.ts';
import { ORIGIN_CERTIFICATES_PATH, SEALED_PATH } from '../../../shared/protocol/endpoints.ts';
import type { FieldLines, RequestMessage } from '../../../shared/protocol/http-signature.ts';
import { type Nonce, newNonce } from '../../../shared/protocol/nonce.ts';
import type { OriginPublicKey } from '../../../shared/protocol/origin-certificate.ts';
import { IDENTITY } from '../../support/issuing.ts';
import {
  createOriginStage,
  createTestDevice,
  EDGE,
  type Forwarded,
  forwardedRequest,
  jsonOf,
  type OriginStage,
  openedAnswer,
  type TestDevice,
} from '../../support/origin-stage.ts';

const NONE = new Uint8Array(0);

let stage: OriginStage;
let options: OriginStage['options'];
let keys: OriginStage['keys'];
let device: TestDevice;
let origin: Origin;
beforeAll(async () => {
  stage = await createOriginStage();
  ({ options, keys, device } = stage);
  origin = createOrigin(options);
});

const forwarded = (path: string, request?: Forwarded) => forwardedRequest(stage, path, request);

const echo = vi.fn<Application>(async (request, client) =>
  Response.json({
    method: request.method,
    url: request.url,
    body: await request.text(),
    proof: client.proof,
    isSealed: client.isSealed,
  }),
);

/** The application's last call. */
const lastCall = (): [request: Request, client: Client] => echo.mock.lastCall ?? expect.unreachable();

const opened = (response: Response, by = device): Promise<BinaryResponse> => openedAnswer(response, by);

/** The problem that the client reads; the application is not asked. */
async function problemOf(request: Request, by = origin): Promise<string> {
  echo.mockClear();
  const answer = await opened(await by.handle(request, echo));
  expect(echo).not.toHaveBeenCalled();
  const { type, status } = jsonOf(answer) as { type: string; status: number };
  expect(answer.status).toBe(status);
  return `${status} ${type.replace('urn:cale:problem:', '')}`;
}

async function answerTo(request: Request, by = origin): Promise<BinaryResponse> {
  return opened(await by.handle(request, echo));
}

describe('a request without a good certificate', () => {
  test('is refused without a word, and its reason told', async () => {
    const onRefusal = vi.fn();
    const party = createOrigin({ ...options, onRefusal });
    echo.mockClear();
    const request = await forwarded('/');
    request.headers.delete('Cipher');
    for (const each of [new Request(EDGE), request]) {
      const response = await party.handle(each, echo);
      expect([response.status, response.body, response.headers.get('Cache-Control')]).toEqual([403, null, 'no-store']);
    }
    expect(onRefusal.mock.calls).toEqual([['certificate-missing'], ['cipher-missing']]);
    expect(echo).not.toHaveBeenCalled();
  });

  test('is answered at one path, with the certificates of the keys that there are', async () => {
    const ask = async (party: Origin) =>
      (await party.handle(new Request(EDGE + ORIGIN_CERTIFICATES_PATH), echo)).json();
    expect(await ask(origin)).toEqual({
      signing: options.signing.certificates,
      encryption: options.encryption.certificates,
    });
    expect(await ask(createOrigin({ authorities: options.authorities }))).toEqual({});
    // With a certificate it is a path of the application.
    await answerTo(await forwarded(ORIGIN_CERTIFICATES_PATH));
    expect(lastCall()[0].url).toBe(EDGE + ORIGIN_CERTIFICATES_PATH);
  });
});

describe('an application that fails', () => {
  const SECRET = 'the balance of alice is 7';
  const rejected = (reason: unknown): Promise<never> => Promise.reject(reason);
  const thrown = (reason: unknown) => (): never => {
    throw reason;
  };
  const broken = (): Response =>
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(utf8('part'));
          controller.error(new Error(SECRET));
        },
      }),
    );

  const CASES: [string, Application, reason: string][] = [
    ['throws an Error', thrown(new RangeError(SECRET)), 'origin-failed: RangeError at '],
    ['throws a text', thrown(SECRET), 'origin-failed: the application threw what is no Error, but of type string'],
    ['throws an object', thrown({ status: 403, message: SECRET }), 'no Error, but of type object'],
    ['throws nothing', thrown(undefined), 'no Error, but of type undefined'],
    ['throws a Response', thrown(new Response(SECRET, { status: 403 })), 'no Error, but of type object'],
    ['rejects with a text', () => rejected(SECRET), 'no Error, but of type string'],
    ['cannot parse', () => JSON.parse(SECRET), 'origin-failed: SyntaxError at '],
    ['has a body that breaks', broken, 'origin-failed: Error at '],
    ['gives no Response', () => undefined as never, 'origin-failed: the application gave no Response'],
  ];

  test.each(CASES)(
    'in that it %s is answered with a sealed problem, and told of without a word of it',
    async (_, fails, reason) => {
      const lines = vi.spyOn(console, 'error').mockImplementation(() => undefined);
      for (const nonce of [undefined, newNonce(Date.now())]) {
        lines.mockClear();
        const answer = await opened(await origin.handle(await forwarded('/', nonce && { nonce }), fails));
        expect([answer.status, jsonOf(answer)]).toMatchObject([500, { type: 'urn:cale:problem:origin-failed' }]);
        expect(answer.headers).toContainEqual(['content-type', 'application/problem+json']);
        expect(answer.headers.some(([name]) => name === 'signature')).toBe(nonce !== undefined);
        expect(lines.mock.calls).toEqual([[expect.stringContaining(reason)]]);
        expect(JSON.stringify([lines.mock.calls, jsonOf(answer)])).not.toContain('balance');
      }
      lines.mockRestore();
    },
  );

  test('gives those who ask for no more than the body the problem as the body', async () => {
    const request = await forwarded('/', { fields: [['CALE-Accept', '']] });
    const response = await createOrigin({ ...options, onFailure: () => undefined }).handle(request, thrown('x'));
    const content = await open(new Uint8Array(await response.arrayBuffer()), device.privateKey);
    expect(JSON.parse(parseUtf8(content))).toMatchObject({ type: 'urn:cale:problem:origin-failed', status: 500 });
  });

  test('is told of to `onFailure`, with all that it threw', async () => {
    const onFailure = vi.fn();
    await createOrigin({ ...options, onFailure }).handle(await forwarded('/'), thrown('a text'));
    expect(onFailure.mock.calls).toEqual([['origin-failed', 'a text']]);
  });

  test('fails for its caller where answers are in the clear', async () => {
    const party = createOrigin({ authorities: options.authorities, answers: 'clear' });
    const request = await forwarded('/');
    request.headers.delete('Cipher');
    await expect(party.handle(request, thrown(new Error('no database')))).rejects.toThrow('no database');
  });

  test.each<[string, Partial<OriginOptions>, Application, string]>([
    ['is too large', { maxAnswerBytes: 9 }, () => new Response('ten bytes.'), '500 answer-too-large'],
    ['hangs', { deadlineMs: 10 }, () => new Promise<Response>(() => undefined), '504 origin-too-slow'],
    ['does not end in time', { deadlineMs: 10 }, () => new Response(new ReadableStream()), '504 answer-not-ended'],
    ['has no end', { maxAnswerSeconds: 0.01 }, () => new Response(new ReadableStream()), '504 answer-not-ended'],
    [
      'is a WebSocket',
      {},
      () => new Response(null, { status: 101, webSocket: new WebSocketPair()[0] }),
      '501 upgrade-not-supported',
    ],
  ])(
    'to give an answer that can be sealed, because it %s, is refused by name',
    async (_, limits, application, problem) => {
      const party = createOrigin({ ...options, ...limits, onFailure: () => undefined });
      const answer = await opened(await party.handle(await forwarded('/'), application));
      const { type } = jsonOf(answer) as { type: string };
      expect(`${answer.status} ${type.replace('urn:cale:problem:', '')}`).toBe(problem);
    },
  );
});

test('answers of many sizes that are sealed at the same time stay apart', async () => {
  // One after the other and at once: the memory of an answer is used for the next one.
  for (const count of [1, 1, 8, 8]) {
    const sizes = Array.from({ length: count }, (_, at) => 40_000 - 4000 * at);
    const answers = sizes.map(async (size, at) => {
      const nonce = newNonce(Date.now());
      const application = () => new Response(new Uint8Array(size).fill(at + 1));
      const answer = await opened(await origin.handle(await forwarded('/', { nonce }), application));
      expect(answer.content).toEqual(new Uint8Array(size).fill(at + 1));
    });
    await Promise.all(answers);
  }
});

describe('an answer', () => {
  const isSignedFor = (answer: BinaryResponse, nonce: Nonce, method = 'GET', path = '/balance') => {
    const fields: FieldLines = [
      ['cale-nonce', nonce],
      ['cale-key', device.keyid],
    ];
    const request = { method, targetUri: EDGE + path, fields };
    return isSignedAnswer(answer, [request], async () => keys.signing, crypto.subtle);
  };

  test('is signed for the request and its client, whatever its status', async () => {
    for (const status of [200, 404, 503]) {
      const nonce = newNonce(Date.now());
      const request = await forwarded('/balance', { nonce, tied: 'none' });
      const answer = await opened(await origin.handle(request, () => new Response('1', { status })));
      expect(answer.status).toBe(status);
      expect(await isSignedFor(answer, nonce)).toBe(true);
      expect(await isSignedFor(answer, newNonce(Date.now()))).toBe(false);
    }
  });

  test('is signed for the client of the certificate, whatever client the request names', async () => {
    const nonce = newNonce(Date.now());
    const other = await createTestDevice();
    const fields = [['CALE-Key', device.keyid]] as const;
    const response = await origin.handle(await forwarded('/balance', { nonce, from: other, fields }), echo);
    expect(await isSignedFor(await opened(response, other), nonce)).toBe(false);
  });

  test('is not signed without a nonce, or without a key', async () => {
    const names = ({ headers }: BinaryResponse) => headers.map(([name]) => name);
    expect(names(await answerTo(await forwarded('/')))).not.toContain('signature');
    const nonce = newNonce(Date.now());
    const party = createOrigin({ authorities: options.authorities });
    expect(names(await answerTo(await forwarded('/', { nonce }), party))).not.toContain('signature');
    expect(names(await answerTo(await forwarded('/', { nonce })))).toContain('signature');
  });

  test('is not given when the key that signs is not that of its certificate, and a problem is that is not signed', async () => {
    const signing = { key: options.encryption.key, certificates: options.signing.certificates };
    const onFailure = vi.fn();
    const party = createOrigin({ ...options, signing, onFailure });
    for (let time = 0; time < 2; time++) {
      const answer = await answerTo(await forwarded('/', { nonce: newNonce(Date.now()) }), party);
      expect([answer.status, jsonOf(answer)]).toMatchObject([500, { type: 'urn:cale:problem:origin-failed' }]);
      expect(answer.headers.map(([name]) => name)).not.toContain('signature');
    }
    expect(String(onFailure.mock.calls[0]?.[1])).toContain('not the key of the first certificate');
  });

  test('has one digest and one signature, those of the library', async () => {
    const nonce = newNonce(Date.now());
    const headers = { 'Content-Digest': 'sha-256=:AAAA:', Signature: 'cale=:AAAA:', 'Signature-Input': 'cale=()' };
    const answer = await opened(
      await origin.handle(await forwarded('/balance', { nonce }), () => new Response('', { headers })),
    );
    const names = answer.headers.map(([name]) => name);
    for (const name of Object.keys(headers))
      expect(names.filter((each) => each === name.toLowerCase())).toHaveLength(1);
    expect(await isSignedFor(answer, nonce)).toBe(true);
  });

  test('is in the form that the edge asks for, or, without its word, that the client accepts', async () => {
    const typeFor = async (fields: FieldLines) => {
      const response = await origin.handle(await forwarded('/', { fields }), echo);
      return response.headers.get('Content-Type')?.split(';')[0];
    };
    const [der, base64] = ['application/pkcs7-mime', 'application/x-pkcs7-mime'];
    expect(await typeFor([])).toBe(der);
    expect(
      await typeFor([
        ['CALE-Envelope', base64],
        ['Accept', der],
      ]),
    ).toBe(base64);
    const request = await forwarded('/', { fields: [['Accept', der]] });
    request.headers.delete('CALE-Envelope');
    expect((await origin.handle(request, echo)).headers.get('Content-Type')).toContain(der);
  });

  test('is its body alone where Binary HTTP is not asked for', async () => {
    const request = await forwarded('/', { nonce: newNonce(Date.now()), fields: [['CALE-Accept', '']] });
    const response = await origin.handle(request, () => new Response('the body', { status: 404 }));
    expect(parseUtf8(await open(new Uint8Array(await response.arrayBuffer()), device.privateKey))).toBe('the body');
  });
});

/** A message of the client, signed. */
async function signed(
  method: string,
  path: string,
  nonce: Nonce,
  content = NONE,
  by: TestDevice = device,
): Promise<RequestMessage> {
  const fields: FieldLines = [
    ['cale-nonce', nonce],
    ['cale-key', by.keyid],
    ...(content.length > 0 ? ([['content-type', 'application/json']] as const) : []),
  ];
  return signRequest({ method, targetUri: EDGE + path, fields }, content, by.accountKey, crypto.subtle);
}

describe('a request that can change something', () => {
  const CONTENT = utf8('{"to":"bob"}');

  test('reaches the application when the client signed it, with all that it was', async () => {
    const nonce = newNonce(Date.now());
    const { fields } = await signed('POST', '/transfer', nonce, CONTENT);
    const request = await forwarded('/transfer', { method: 'POST', nonce, fields, body: CONTENT });
    expect(jsonOf(await answerTo(request))).toEqual({
      method: 'POST',
      url: `${EDGE}/transfer`,
      body: '{"to":"bob"}',
      proof: 'signature',
      isSealed: false,
    });
    const [received, client] = lastCall();
    expect(received.headers.get('Content-Type')).toBe('application/json');
    expect(client).toMatchObject({ ...IDENTITY, nonce });
  });

  test('reaches it without content too', async () => {
    const nonce = newNonce(Date.now());
    const { fields } = await signed('DELETE', '/orders/1', nonce);
    const request = await forwarded('/orders/1', { method: 'DELETE', nonce, fields });
    expect(jsonOf(await answerTo(request))).toMatchObject({ method: 'DELETE', body: '', proof: 'signature' });
  });

  test('does not reach it when it is not signed, or the certificate is not tied to it', async () => {
    const nonce = newNonce(Date.now());
    const unsigned = await forwarded('/transfer', { method: 'POST', nonce, body: CONTENT });
    expect(await problemOf(unsigned)).toBe('401 proof-not-valid');
    const { fields } = await signed('POST', '/transfer', nonce, CONTENT);
    const untied = { method: 'POST', nonce, tied: 'none', fields, body: CONTENT } as const;
    expect(await problemOf(await forwarded('/transfer', untied))).toBe('401 proof-not-valid');
    const other = { method: 'POST', nonce, fields, body: utf8('{"to":"eve"}') };
    expect(await problemOf(await forwarded('/transfer', other))).toBe('401 proof-not-valid');
  });

  test('needs no signature where the origin allows that, and is then proved by reading', async () => {
    const party = createOrigin({ ...options, unsafeMethods: 'allow' });
    const request = await forwarded('/transfer', { method: 'POST', body: CONTENT });
    expect(jsonOf(await answerTo(request, party))).toMatchObject({ body: '{"to":"bob"}', proof: 'reading' });
  });

  test('is refused where the origin takes none, however it is signed', async () => {
    const party = createOrigin({ ...options, unsafeMethods: 'refuse' });
    const nonce = newNonce(Date.now());
    const { fields } = await signed('POST', '/transfer', nonce, CONTENT);
    const request = await forwarded('/transfer', { method: 'POST', nonce, fields, body: CONTENT });
    expect(await problemOf(request, party)).toBe('403 method-refused');
  });

  test('is read up to the limit', async () => {
    const party = createOrigin({ ...options, maxRequestBytes: CONTENT.length });
    for (const [content, outcome] of [
      [CONTENT, undefined],
      [concat([CONTENT, utf8(' ')]), '413 content-too-large'],
    ] as const) {
      const nonce = newNonce(Date.now());
      const { fields } = await signed('POST', '/transfer', nonce, content);
      const request = await forwarded('/transfer', { method: 'POST', nonce, fields, body: content });
      if (outcome === undefined) expect((await answerTo(request, party)).status).toBe(200);
      else expect(await problemOf(request, party)).toBe(outcome);
    }
  });
});

describe('a sealed request', () => {
  const CONTENT = utf8('{"to":"bob"}');
  const messageTo = (path: string, nonce: Nonce, method = 'GET', key = device.keyid): RequestMessage => ({
    method,
    targetUri: EDGE + path,
    fields: [
      ['cale-nonce', nonce],
      ['cale-key', key],
      ['x-language', 'de'],
    ],
  });
  const sealed = async (
    message: RequestMessage,
    nonce: Nonce,
    {
      content = NONE,
      from = device,
      tied = nonce,
    }: { content?: typeof NONE; from?: TestDevice; tied?: Nonce | 'none' | undefined } = {},
  ) =>
    forwarded(SEALED_PATH, {
      method: 'POST',
      nonce,
      tied,
      from,
      body: await sealRequest(message, content, keys.encryption, crypto),
    });

  test('is opened, and reaches the application in its place', async () => {
    const nonce = newNonce(Date.now());
    const request = await sealed(messageTo('/balance?of=all', nonce), nonce);
    expect(jsonOf(await answerTo(request))).toEqual({
      method: 'GET',
      url: `${EDGE}/balance?of=all`,
      body: '',
      proof: 'reading',
      isSealed: true,
    });
    const [received] = lastCall();
    expect(received.headers.get('X-Language')).toBe('de');
    // For the resource server (B.2.5): the certificate of the outer request, and not what the client wrote.
    expect(received.headers.get('CALE-PEM')).toBe(request.headers.get('CALE-PEM'));
    expect(received.headers.get('Cipher')).toBeNull();
  });

  test('is signed inside where it can change something', async () => {
    const nonce = newNonce(Date.now());
    const message = await signed('POST', '/transfer', nonce, CONTENT);
    expect(jsonOf(await answerTo(await sealed(message, nonce, { content: CONTENT })))).toEqual({
      method: 'POST',
      url: `${EDGE}/transfer`,
      body: '{"to":"bob"}',
      proof: 'signature',
      isSealed: true,
    });
    const unsigned = messageTo('/transfer', nonce, 'POST');
    expect(await problemOf(await sealed(unsigned, nonce, { content: CONTENT }))).toBe('401 proof-not-valid');
    const other = await signed('POST', '/transfer', nonce, utf8('{"to":"eve"}'));
    expect(await problemOf(await sealed(other, nonce, { content: CONTENT }))).toBe('401 proof-not-valid');
  });

  test('cannot say another certificate than the one that the edge gave', async () => {
    const nonce = newNonce(Date.now());
    const message = messageTo('/', nonce);
    const forged: RequestMessage = { ...message, fields: [...message.fields, ['cale-pem', '"MAA="']] };
    const request = await sealed(forged, nonce);
    await answerTo(request);
    expect(lastCall()[0].headers.get('CALE-PEM')).toBe(request.headers.get('CALE-PEM'));
  });

  test('hands on the fields of the client, without those of a hop and those that only other parties say', async () => {
    const nonce = newNonce(Date.now());
    const message = await signed('POST', '/transfer', nonce, CONTENT);
    const more: FieldLines = [
      ['accept', 'application/json'],
      ['accept-encoding', 'gzip'],
      ['authorization', 'Bearer x'],
      ['connection', 'x-hop'],
      ['x-hop', '1'],
      ['te', 'trailers'],
      ['cipher', 'NULL'],
      ['cale-guid', 'x'],
      ['cale-identity', 'cn="root"'],
      ['cale-admit', '?1'],
      ['cale-envelope', 'x'],
      ['content-length', '1'],
    ];
    const request = await sealed({ ...message, fields: [...message.fields, ...more] }, nonce, { content: CONTENT });
    expect((await answerTo(request)).status).toBe(200);
    const { headers } = lastCall()[0];
    expect(Object.fromEntries(headers)).toMatchObject({
      accept: 'application/json',
      authorization: 'Bearer x',
      'content-length': String(CONTENT.length),
      'content-type': 'application/json',
    });
    const others = more
      .map(([name]) => name)
      .filter((name) => !['accept', 'authorization', 'content-length'].includes(name));
    for (const name of others) expect(headers.has(name), name).toBe(false);
  });

  const NOT_VALID = '400 sealed-request-not-valid';

  test('is refused when it cannot be opened', async () => {
    const nonce = newNonce(Date.now());
    const sealedTo = async (key: OriginPublicKey) => sealRequest(messageTo('/', nonce), NONE, key, crypto);
    const good = await sealedTo(keys.encryption);
    const bodies = [
      NONE,
      utf8('hello'),
      good.slice(0, -1),
      await sealedTo({ ...keys.encryption, publicKey: device.key.publicKey }),
      await sealedTo({ ...keys.encryption, keyIdentifier: device.keyIdentifier }),
    ];
    for (const body of bodies) {
      const request = await forwarded(SEALED_PATH, { method: 'POST', nonce, body });
      expect(await problemOf(request)).toBe(NOT_VALID);
    }
  });

  test('is refused when its content is no request, or is not authenticated', async () => {
    const nonce = newNonce(Date.now());
    const recipient = await importRecipient(keys.encryption.publicKey, keys.encryption.keyIdentifier);
    const { fields: headers, ...message } = messageTo('/', nonce);
    const request = encodeRequest({ ...message, headers, content: NONE });
    for (const [encryption, content, outcome] of [
      ['AES-256-GCM', request, '200'],
      ['AES-128-GCM', request, '200'],
      ['AES-256-CBC', request, NOT_VALID],
      ['AES-256-GCM', utf8('GET / HTTP/1.1\r\n\r\n'), NOT_VALID],
      ['AES-256-GCM', NONE, NOT_VALID],
    ] as const) {
      const body = concat(await seal(recipient, encryption, content));
      const each = await forwarded(SEALED_PATH, { method: 'POST', nonce, body });
      if (outcome === '200') expect((await answerTo(each)).status).toBe(200);
      else expect(await problemOf(each)).toBe(outcome);
    }
  });

  test('is refused under the nonce of another request, or of none', async () => {
    const [nonce, other] = [newNonce(Date.now()), newNonce(Date.now())];
    expect(await problemOf(await sealed(messageTo('/', other), nonce))).toBe(NOT_VALID);
    const untied = await sealed(messageTo('/', nonce), nonce, { tied: 'none' });
    expect(await problemOf(untied)).toBe(NOT_VALID);
    const message = messageTo('/', nonce);
    for (const fields of [message.fields.slice(1), [...message.fields, ['cale-nonce', nonce] as const]]) {
      expect(await problemOf(await sealed({ ...message, fields }, nonce))).toBe(NOT_VALID);
    }
  });

  test('is refused when another client sealed it: a body that was seen is of no use under another GUID', async () => {
    const nonce = newNonce(Date.now());
    const other = await createTestDevice();
    expect(await problemOf(await sealed(messageTo('/', nonce, 'GET', other.keyid), nonce))).toBe(NOT_VALID);
    const message = messageTo('/', nonce);
    const unnamed = message.fields.filter(([name]) => name !== 'cale-key');
    expect(await problemOf(await sealed({ ...message, fields: unnamed }, nonce))).toBe(NOT_VALID);
  });

  test('is refused for another origin, in another form of its URI, and for this endpoint itself', async () => {
    const nonce = newNonce(Date.now());
    for (const targetUri of [
      'https://other.example.com/',
      'http://api.example.com/',
      'https://api.example.com:8443/',
      'https://API.example.com/',
      'https://api.example.com:443/',
      'https://api.example.com/a/../b',
      'https://user@api.example.com/',
      EDGE + SEALED_PATH,
      `${EDGE}${SEALED_PATH}?again`,
    ]) {
      expect(await problemOf(await sealed({ ...messageTo('/', nonce), targetUri }, nonce)), targetUri).toBe(NOT_VALID);
    }
  });

  test('is refused when it is one that no application could be handed', async () => {
    const nonce = newNonce(Date.now());
    expect(await problemOf(await sealed(messageTo('/', nonce), nonce, { content: CONTENT }))).toBe(NOT_VALID);
    const party = createOrigin({ ...options, unsafeMethods: 'allow' });
    for (const method of ['CONNECT', 'TRACK']) {
      expect(await problemOf(await sealed(messageTo('/', nonce, method), nonce), party), method).toBe(NOT_VALID);
    }
  });

  test('is read up to the limit', async () => {
    const nonce = newNonce(Date.now());
    const request = await sealed(messageTo('/', nonce), nonce);
    const { byteLength } = await request.clone().arrayBuffer();
    const limited = (maxRequestBytes: number) => createOrigin({ ...options, maxRequestBytes });
    expect((await answerTo(request.clone() as Request, limited(byteLength))).status).toBe(200);
    expect(await problemOf(request, limited(byteLength - 1))).toBe('413 content-too-large');
  });

  test('is opened by each of several keys, whose certificates are in their order', async () => {
    const nonce = newNonce(Date.now());
    const request = await sealed(messageTo('/', nonce), nonce);
    const { encryption: other } = (await createOriginStage()).options;
    const both = (certificates: readonly string[]) =>
      createOrigin({
        ...options,
        encryption: { key: `${other.key}\n${options.encryption.key}`, certificates: certificates.join('\n') },
      });
    const certificates = [other.certificates, options.encryption.certificates];
    expect((await answerTo(request.clone() as Request, both(certificates))).status).toBe(200);
    expect(await problemOf(request.clone() as Request, both(certificates.reverse()))).toBe(NOT_VALID);
    expect(() => both([other.certificates])).toThrow('a PRIVATE KEY has no certificate');
  });

  test('is not opened by an origin without a key for it', async () => {
    const nonce = newNonce(Date.now());
    const party = createOrigin({ ...options, encryption: undefined });
    expect(await problemOf(await sealed(messageTo('/', nonce), nonce), party)).toBe(
      '501 sealed-requests-not-supported',
    );
  });

  test("is one by POST only: other methods at its endpoint are the application's", async () => {
    expect(jsonOf(await answerTo(await forwarded(SEALED_PATH)))).toMatchObject({ method: 'GET', isSealed: false });
  });
});

test('a party that answers in the clear hands on what the application answers, not to be stored', async () => {
  const party = createOrigin({ authorities: options.authorities, answers: 'clear' });
  const request = await forwarded('/aggregate');
  request.headers.delete('Cipher');
  const headers = { 'Cache-Control': 'max-age=60', 'X-Own': 'a value' };
  const answer = await party.handle(request, () => new Response('the answer', { status: 203, headers }));
  expect([answer.status, await answer.text(), answer.headers.get('X-Own')]).toEqual([203, 'the answer', 'a value']);
  // It is of one client.
  expect(answer.headers.get('Cache-Control')).toBe('no-store');
});
