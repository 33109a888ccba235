/** APIs that know nothing of this protocol, behind the gateway: what they are asked, and what of their answers comes back. */

import { createHash, createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDevelopmentSecrets } from '../../scripts/development-secrets.ts';
import { hashPassword } from '../../scripts/scrypt-hash.ts';
import { blocksOf } from '../support/blocks.ts';
import { type DevServer, startDev } from '../support/dev-server.ts';
import { Device } from '../support/device.ts';
import { ALICE, ask, BOB, register, registeredDevice } from '../support/harness.ts';
import { createRawClient, type RawClient, type RawInit } from '../support/raw-client.ts';
import { type Received, type Reply, startUpstream, type UpstreamServer } from '../support/upstream.ts';

const SECRET = 'a-secret-of-the-gateway-and-the-API';
const OWNER = 'Jürgen "J" 50%, Söhne';
const TEXT = 'text '.repeat(200);
/** A file that is compressed by itself. */
const ARCHIVE = gzipSync('an archive');

/** Replies of the API with a body in a content coding. */
const coded =
  (coding: string, body: Buffer): Reply =>
  (response) =>
    response.setHeader('Content-Encoding', coding).setHeader('ETag', '"a"').end(body);

const REDIRECT: Reply = (response, { target }) =>
  response.writeHead(302, { Location: new URLSearchParams(target.split('?')[1]).get('to') ?? '' }).end();

const REPLIES: Record<string, Reply> = {
  '/gzip': coded('gzip', gzipSync(TEXT)),
  '/br': coded('br', brotliCompressSync(TEXT)),
  '/deflate': coded('deflate', deflateSync(TEXT)),
  '/twice': coded('deflate, x-gzip', gzipSync(deflateSync(TEXT))),
  '/zstd': coded('zstd', zstdCompressSync(TEXT)),
  '/identity': coded('identity', Buffer.from(TEXT)),
  '/archive': coded('gzip', gzipSync(ARCHIVE)),
  '/unknown-coding': coded('rot13', Buffer.from('grkg')),
  '/not-gzip': coded('gzip', Buffer.from('no gzip')),
  '/chunked': (response) => {
    response.write('one ');
    setTimeout(() => response.end('two'), 20);
  },
  '/cookies': (response) => response.setHeader('Set-Cookie', ['a=1; Path=/', 'b=2, 3; HttpOnly']).end('cookies'),
  '/hints': (response) => {
    response.writeContinue();
    response.writeEarlyHints({ link: '</style.css>; rel=preload' }, () => response.end('after the hints'));
  },
  '/hop': (response) =>
    response
      .setHeader('Connection', 'x-of-this-hop')
      .setHeader('X-Of-This-Hop', 'a')
      .setHeader('Keep-Alive', 'timeout=5')
      .setHeader('Upgrade', 'h2c')
      .setHeader('Trailer', 'X-Trailer')
      .end('hop'),
  '/redirect': REDIRECT,
  '/status': (response, { target }) => response.writeHead(Number(target.split('?')[1])).end(),
  '/switch': (response) => response.writeHead(101, { Connection: 'upgrade', Upgrade: 'x' }).end(),
  '/breaks': (response) => {
    response.setHeader('Content-Length', '100').write('a part');
    setTimeout(() => response.destroy(), 20);
  },
  '/large': (response) => response.end(Buffer.alloc(MAX_ANSWER_BYTES + 1)),
  '/largest': (response) => response.end('x'.repeat(MAX_ANSWER_BYTES)),
  '/slow/never': () => undefined,
  '/slow/half': (response) => response.write('a half'),
};
const MAX_ANSWER_BYTES = 300_000;

let api: UpstreamServer;
let orders: UpstreamServer;
let edge: DevServer;
let alice: RawClient;
let bob: RawClient;
beforeAll(async () => {
  [api, orders] = await Promise.all([startUpstream(REPLIES), startUpstream({ '/v1/redirect': REDIRECT })]);
  const { edge: secrets } = await createDevelopmentSecrets();
  const users = JSON.parse(secrets['BASIC_USERS'] ?? '');
  users[OWNER] = { password: hashPassword('x', 1), scopes: [] };
  edge = await startDev(
    Object.entries({
      BASIC_USERS: JSON.stringify(users),
      UPSTREAM_SECRET: SECRET,
      MAX_ANSWER_BYTES: String(MAX_ANSWER_BYTES),
      UPSTREAMS: JSON.stringify([
        { url: api.url },
        { prefix: '/slow', url: api.url, deadline: 1 },
        { prefix: '/down', url: await urlOfNoServer() },
        { prefix: '/orders', url: `${orders.url}/v1/`, strip: true, scopes: ['read', 'write'], auth: 'none' },
        { prefix: '/orders/signed', url: orders.url, auth: 'signature' },
      ]),
    }).flatMap(([name, value]) => ['--var', `${name}:${value}`]),
  );
  alice = createRawClient(edge, await registeredDevice(edge, 'P-256', ALICE));
  bob = createRawClient(edge, await registeredDevice(edge, 'P-256', BOB));
});
afterAll(async () => {
  await edge.end();
  await Promise.all([api.close(), orders.close()]);
});
beforeEach(() => {
  api.take();
  orders.take();
});

/** A URL that nothing listens at. */
async function urlOfNoServer(): Promise<string> {
  const server = await startUpstream();
  await server.close();
  return server.url;
}

/** Plain and sealed requests. */
const WAYS: [string, (client: RawClient, path: string, init?: RawInit) => ReturnType<RawClient['ask']>][] = [
  ['plain', (client, path, init) => client.ask(path, init)],
  ['sealed', (client, path, init) => client.askSealed(path, init)],
];

/** The one request that an API was asked. */
function only(server: UpstreamServer): Received {
  const [received, ...others] = server.take();
  expect(others).toEqual([]);
  return received ?? expect.unreachable('the API was not asked');
}

/** The fields of a request to the API that the runtimes of client and gateway add. */
const OF_THE_RUNTIME = [
  'accept',
  'accept-language',
  'cache-control',
  'cf-worker',
  'connection',
  'pragma',
  'sec-fetch-mode',
  'user-agent',
];

/** The fields of a request that are not the runtime's, each once. */
const fieldsOf = ({ fields }: Received): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => !OF_THE_RUNTIME.includes(name))
      .map(([name, lines]) => [name, lines.length === 1 ? (lines[0] ?? '') : expect.unreachable(`${name} twice`)]),
  );

const CLIENT_FIELDS = {
  'cale-pem': expect.stringMatching(/^"MII[\w+/=]+"$/),
  'cale-owner': 'alice',
  'cale-organization': 'example.com',
  'cale-scopes': 'read write',
  'cale-device': 'CN%3Dtest%20device',
  'cale-request-id': expect.stringMatching(/^[\w-]{22}$/),
};
const API_FIELDS = {
  'accept-encoding': 'gzip',
  authorization: `Bearer ${SECRET}`,
  host: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
  'x-forwarded-for': expect.stringMatching(/^2001:/),
  'x-forwarded-host': expect.stringMatching(/^127\.0\.0\.1:\d+$/),
  'x-forwarded-proto': 'http',
};

describe.each(WAYS)('a %s request', (_, askBy) => {
  test('reaches the API with its client in fields, and with no field of the protocol', async () => {
    const fields = [
      ['x-own', 'a value'],
      ['cookie', 'a=b; c=d'],
    ] as const;
    const answer = await askBy(alice, '/a/path?a=b%20c&d', { fields });
    const received = only(api);
    expect(answer.status).toBe(200);
    expect(received).toMatchObject({ method: 'GET', target: '/a/path?a=b%20c&d', body: '' });
    expect(fieldsOf(received)).toEqual({ ...CLIENT_FIELDS, ...API_FIELDS, ...Object.fromEntries(fields) });
    // What the transport accepts is not for the API.
    expect(received.fields['accept'] ?? ['*/*']).toEqual(['*/*']);
    expect(received.fields['host']).toEqual([new URL(api.url).host]);
    expect(received.fields['x-forwarded-host']).toEqual([edge.url.host]);
  });

  test('cannot say who it is from, in any spelling of the fields', async () => {
    const names = ['CALE-Owner', 'CALE_OWNER', 'cale.owner', 'Cale_Owner', 'CALE-Scopes', 'CALE_SCOPES', 'CALE-Admin'];
    names.push(
      'CALE-GUID_',
      'Cale-Pem',
      'X-Forwarded-For',
      'X_Forwarded_For',
      'X-Forwarded-User',
      'X-Real-IP',
      'Forwarded',
    );
    names.push('Authorization_', 'AUTHORIZATION', 'CF-Access-Authenticated-User-Email', 'Proxy', 'Cipher', 'Signature');
    await askBy(bob, '/', { fields: names.map((name) => [name, 'mallory']) });
    const received = only(api);
    expect(JSON.stringify(received)).not.toContain('mallory');
    expect(fieldsOf(received)).toEqual({ ...CLIENT_FIELDS, ...API_FIELDS, 'cale-owner': 'bob', 'cale-scopes': 'read' });
  });

  test('has no other path for the API than the one that was verified', async () => {
    const names = ['X-Original-URL', 'X-Rewrite-URL', 'X_HTTP_Method_Override'];
    await askBy(alice, '/a', { fields: names.map((name) => [name, 'DELETE']) });
    expect(Object.keys(fieldsOf(only(api))).toSorted()).toEqual(
      Object.keys({ ...CLIENT_FIELDS, ...API_FIELDS }).toSorted(),
    );
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('by %s has its body, and a length that is true', async (method) => {
    const body = 'ä body '.repeat(20_000);
    expect(await askBy(alice, '/write', { method, body })).toMatchObject({ status: 200 });
    const received = only(api);
    expect(received).toMatchObject({ method, body });
    expect(fieldsOf(received)).toEqual({
      ...CLIENT_FIELDS,
      ...API_FIELDS,
      'content-length': String(Buffer.byteLength(body)),
      'content-type': 'text/plain',
      'content-digest': `sha-256=:${createHash('sha256').update(body).digest('base64')}:`,
    });
  });

  test('without a body is one without a body', async () => {
    expect(await askBy(alice, '/write', { method: 'DELETE' })).toMatchObject({ status: 200 });
    expect(only(api)).toMatchObject({ method: 'DELETE', body: '' });
  });

  test('cannot choose another host, or leave its prefix', async () => {
    const paths = ['//evil.example/x', '/http://evil.example/', '/@evil.example', '/a?to=//evil.example', '/:80'];
    for (const path of paths) {
      expect(await askBy(alice, path)).toMatchObject({ status: 200 });
      expect(only(api).target).toBe(path);
    }
    const refused = ['/..%2forders', '/a/%2e%2e%2f%2e%2e/x', '/a/..;/b', '/%252e%252e%252fx', '/a%5c..%5cb', '/a%00b'];
    for (const path of refused) {
      const answer = await askBy(alice, path);
      expect({ path, status: answer.status, problem: problemOf(answer) }).toEqual({
        path,
        status: 400,
        problem: 'path-not-accepted',
      });
    }
    expect(api.take()).toEqual([]);
  });

  test('for a part of a file asks for no coding', async () => {
    await askBy(alice, '/file', {
      fields: [
        ['range', 'bytes=0-9'],
        ['accept-encoding', 'br, zstd'],
      ],
    });
    expect(fieldsOf(only(api))).toMatchObject({ range: 'bytes=0-9', 'accept-encoding': 'identity' });
  });
});

const problemOf = ({ text }: { readonly text: string }): string =>
  JSON.parse(text).type.replace('urn:cale:problem:', '');

describe('a sealed request', () => {
  test('cannot smuggle another one: its length is that of its content', async () => {
    const fields = [
      ['content-length', '3'],
      ['transfer-encoding', 'chunked'],
      ['connection', 'cale-owner, close'],
    ] as const;
    const body = 'abcGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
    expect(await alice.askSealed('/write', { method: 'POST', body, fields })).toMatchObject({ status: 200 });
    const received = only(api);
    expect(received).toMatchObject({ target: '/write', body });
    expect(fieldsOf(received)).toMatchObject({ ...CLIENT_FIELDS, 'content-length': String(body.length) });
    expect(received.fields).not.toHaveProperty('transfer-encoding');
  });
});

test('a path that the edge answers itself is reached by a sealed request', async () => {
  for (const path of ['/whoami', '/registration', '/admin/a', '/.well-known/cale']) {
    expect(await alice.askSealed(path)).toMatchObject({ status: 200 });
    expect(only(api).target).toBe(path);
  }
});

describe('a request over a connection', () => {
  /** Sends bytes to the edge as they are. */
  const raw = (bytes: string): Promise<string> =>
    new Promise((resolve) => {
      const { hostname, port } = edge.url;
      let answer = '';
      const socket = connect(Number(port), hostname, () => socket.end(bytes));
      socket.on('data', (chunk) => {
        answer += chunk.toString('latin1');
      });
      socket.on('close', () => resolve(answer));
      socket.on('error', () => resolve(answer));
    });

  test('in absolute form goes to the API, and to no host of its choice', async () => {
    const { guid } = await registeredDevice(edge);
    const evil = await startUpstream();
    const answer = await raw(
      `GET ${evil.url}/a HTTP/1.1\r\nHost: ${new URL(evil.url).host}\r\nCALE-GUID: ${guid}\r\nConnection: close\r\n\r\n`,
    );
    await evil.close();
    expect(answer).toMatch(/^HTTP\/1\.1 (200|400)/);
    expect(evil.take()).toEqual([]);
    for (const { target } of api.take()) expect(target).toBe('/a');
  });

  test('with two lengths is one request or none', async () => {
    const { guid } = await registeredDevice(edge);
    const smuggled = `GET /smuggled HTTP/1.1\r\nHost: x\r\nCALE-GUID: ${guid}\r\n\r\n`;
    const fields = `Host: x\r\nCALE-GUID: ${guid}\r\nContent-Length: ${smuggled.length + 5}\r\nTransfer-Encoding: chunked\r\n`;
    await raw(`GET /a HTTP/1.1\r\n${fields}\r\n0\r\n\r\n${smuggled}`);
    // The edge may read two requests, both of this client; the API hears of each by itself.
    for (const { body } of api.take()) expect(body).toBe('');
  });
});

describe('what a client chose itself', () => {
  test.each([
    ['CRLF', 'x\r\nCALE-Owner: mallory'],
    ['quotes', '", CALE-Owner="mallory"'],
    ['other scripts', 'Ноутбук 💻 %41'],
    ['nothing', ''],
  ])('its device with %s, is one field', async (_, subject) => {
    const device = await Device.create('P-256', subject);
    const guid = await device.open(await (await register(edge, device.csr)).text());
    await createRawClient(edge, { device, guid }).ask('/');
    const fields = fieldsOf(only(api));
    expect(fields['cale-owner']).toBe('alice');
    expect(fields['cale-device']).toMatch(/^[\w%.!~*'()-]*$/);
    const escaped = subject.replace(/[\r\n]/g, (each) => `\\0${each === '\r' ? 'd' : 'a'}`).replace(/[",=]/g, '\\$&');
    expect(decodeURIComponent(fields['cale-device'] ?? '')).toBe(subject === '' ? '' : `CN=${escaped}`);
  });

  test('its device is left out when it is long', async () => {
    const device = await Device.create('P-256', ','.repeat(900));
    const guid = await device.open(await (await register(edge, device.csr)).text());
    expect(await createRawClient(edge, { device, guid }).ask('/')).toMatchObject({ status: 200 });
    const fields = fieldsOf(only(api));
    expect(fields).not.toHaveProperty('cale-device');
    expect(fields['cale-owner']).toBe('alice');
  });

  test('an owner of any characters is read back by one decoding', async () => {
    const authorization = `Basic ${Buffer.from(`${OWNER}:x`).toString('base64')}`;
    await createRawClient(edge, await registeredDevice(edge, 'P-256', authorization)).ask('/');
    const fields = fieldsOf(only(api));
    expect(fields['cale-owner']).toMatch(/^[\w%.!~*'()-]+$/);
    expect(decodeURIComponent(fields['cale-owner'] ?? '')).toBe(OWNER);
    expect(fields['cale-scopes']).toBe('');
  });
});

describe('an answer', () => {
  test.each(['gzip', 'br', 'deflate', 'zstd', 'twice', 'identity'])(
    'in %s is sealed as what it says',
    async (coding) => {
      const answer = await alice.ask(`/${coding}`);
      expect(answer).toMatchObject({ status: 200, text: TEXT });
      const fields = new Headers(answer.fields as [string, string][]);
      expect(fields.get('content-encoding')).toBeNull();
      expect(fields.get('content-length') ?? String(TEXT.length)).toBe(String(TEXT.length));
      expect(fields.get('etag')).toBe('"a"');
    },
  );

  test('in a coding that a body has no place for is opened by openssl as text', async () => {
    const { device, guid } = await registeredDevice(edge);
    expect(await device.open(await (await ask(edge, '/gzip', guid)).text())).toBe(TEXT);
  });

  test('that is a compressed file in a coding is that file', async () => {
    const { device, guid } = await registeredDevice(edge);
    const message = await (await ask(edge, '/archive', guid)).text();
    expect(Buffer.from(await device.openBytes(message))).toEqual(ARCHIVE);
  });

  test('in chunks is whole', async () => {
    expect(await alice.ask('/chunked')).toMatchObject({ status: 200, text: 'one two' });
  });

  test('has every cookie by itself', async () => {
    const { fields } = await alice.ask('/cookies');
    expect(fields.filter(([name]) => name === 'set-cookie').map(([, value]) => value)).toEqual([
      'a=1; Path=/',
      'b=2, 3; HttpOnly',
    ]);
  });

  test('is the last one, behind those that only inform', async () => {
    expect(await alice.ask('/hints')).toMatchObject({ status: 200, text: 'after the hints' });
  });

  test('has no field of the hop between API and gateway', async () => {
    const names = (await alice.ask('/hop')).fields.map(([name]) => name);
    const ofHop = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'trailer', 'x-of-this-hop'];
    expect(names.filter((name) => ofHop.includes(name))).toEqual([]);
  });

  test.each([201, 204, 205, 304, 400, 401, 403, 404, 410, 418, 429, 500, 503, 599])(
    'of status %d has it inside',
    async (status) => {
      expect(await alice.ask(`/status?${status}`)).toMatchObject({ status, text: '' });
    },
  );

  test('as large as the limit is whole', async () => {
    expect((await alice.ask('/largest')).text).toHaveLength(MAX_ANSWER_BYTES);
  });
});

describe('a redirect', () => {
  const locationOf = async (path: string, to: string): Promise<string | undefined> => {
    const { status, fields } = await alice.ask(`${path}?to=${encodeURIComponent(to)}`);
    expect(status).toBe(302);
    return fields.find(([name]) => name === 'location')?.[1];
  };
  const atEdge = (path: string): string => edge.url.origin + path;

  test('is not followed, and leads to the edge where it led to the API', async () => {
    for (const to of [`${api.url}/next?a#b`, '/next?a#b', 'next?a#b', `${api.url.replace('http', 'https')}/next?a#b`]) {
      expect(await locationOf('/redirect', to)).toBe(atEdge('/next?a#b'));
    }
    expect(new Set(api.take().map(({ target }) => target.split('?')[0]))).toEqual(new Set(['/redirect']));
  });

  test('to another place is as it is', async () => {
    for (const to of ['https://login.example/a?b', 'mailto:a@example.com', 'http://127.0.0.1:1/x']) {
      expect(await locationOf('/redirect', to)).toBe(to);
    }
  });

  test('cannot be made one to another host', async () => {
    expect(await locationOf('/redirect', `${api.url}//evil.example/x`)).toBe(atEdge('//evil.example/x'));
  });

  test('of an API under a prefix has the prefix, and leads to no place outside of that API', async () => {
    const redirect = '/orders/redirect';
    expect(await locationOf(redirect, '/v1/next')).toBe(atEdge('/orders/next'));
    expect(await locationOf(redirect, `${orders.url}/v1/next?a`)).toBe(atEdge('/orders/next?a'));
    expect(await locationOf(redirect, 'next')).toBe(atEdge('/orders/next'));
    expect(await locationOf(redirect, '/v2/next')).toBeUndefined();
  });
});

describe('an API with a prefix of its own', () => {
  test('is asked without the prefix, where it is taken off, and told of it', async () => {
    expect(await alice.ask('/orders/7?a=b')).toMatchObject({ status: 200 });
    const received = only(orders);
    expect(received.target).toBe('/v1/7?a=b');
    expect(fieldsOf(received)).toMatchObject({ 'x-forwarded-prefix': '/orders' });
    expect(received.fields).not.toHaveProperty('authorization');
  });

  test('needs all of its scopes; who lacks one is told which', async () => {
    const answer = await bob.ask('/orders/7');
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.text)).toEqual({
      type: 'urn:cale:problem:scope-missing',
      title: expect.any(String),
      status: 403,
      detail: 'It needs: write.',
      scopes: ['write'],
      requestId: expect.any(String),
    });
    for (const path of ['/orders%2f7', '/ORDERS/7', '//orders/7', '/x/..%2forders/7', '/orders;/7']) {
      expect(await bob.ask(path)).toMatchObject({ status: 400 });
    }
    expect([...orders.take(), ...api.take()]).toEqual([]);
  });
});

describe('an API that is shown a signature', () => {
  /** The signature base (RFC 9421 2.5), of the request as it came in. */
  function baseOf({ method, target, fields }: Received, input: string): string {
    const derived: Record<string, string> = { '@method': method, '@target-uri': orders.url + target };
    const names = [...(/\((.*?)\)/.exec(input)?.[1] ?? '').matchAll(/"([^"]+)"/g)].map(([, name = '']) => name);
    const lines = names.map((name) => `"${name}": ${derived[name] ?? fields[name]?.join(', ')}\n`);
    return `${lines.join('')}"@signature-params": ${input}`;
  }

  test.each([
    ['GET', undefined],
    ['POST', 'a body'],
  ])('can verify it: of a %s', async (method, body) => {
    const init = { method, ...(body !== undefined && { body }) };
    expect(await alice.ask('/orders/signed/1?a', init)).toMatchObject({ status: 200 });
    const received = only(orders);
    const fields = fieldsOf(received);
    const input = fields['signature-input']?.replace(/^cale=/, '') ?? '';
    const covered = [
      '@method',
      '@target-uri',
      'cale-owner',
      'cale-organization',
      'cale-scopes',
      'cale-device',
      'cale-pem',
    ];
    if (body !== undefined) covered.push('content-digest', 'content-type');
    for (const name of covered) expect(input).toContain(`"${name}"`);
    expect(input).toMatch(/;created=\d+;keyid="cale-gateway";alg="hmac-sha256";tag="cale-gateway"$/);
    expect(Math.abs(Number(/created=(\d+)/.exec(input)?.[1]) - Date.now() / 1000)).toBeLessThan(60);
    const mac = createHmac('sha256', SECRET).update(baseOf(received, input)).digest('base64');
    expect(fields['signature']).toBe(`cale=:${mac}:`);
    if (body !== undefined) {
      expect(fields['content-digest']).toBe(`sha-256=:${createHash('sha256').update(body).digest('base64')}:`);
      expect(received.body).toBe(body);
    }
    expect(fields).not.toHaveProperty('authorization');
  });

  test('can verify it by what docs/gateway.md has for that, and finds what was altered', async () => {
    const program = blocksOf('docs/gateway.md')('// verify.mjs').text;
    const { isFromGateway } = await import(`data:text/javascript,${encodeURIComponent(program)}`);
    await alice.ask('/orders/signed/1?a', { method: 'POST', body: 'a body' });
    const received = only(orders);
    const headers = fieldsOf(received);
    const request = { method: 'POST', url: received.target, headers };
    const verify = (changes: object = {}, body = 'a body', secret = SECRET) =>
      isFromGateway({ ...request, ...changes }, Buffer.from(body), orders.url, secret);
    expect(verify()).toBe(true);
    expect(verify({ method: 'PUT' })).toBe(false);
    expect(verify({ url: '/orders/signed/2?a' })).toBe(false);
    expect(verify({ headers: {} })).toBe(false);
    for (const name of ['cale-owner', 'cale-scopes', 'cale-organization', 'cale-device', 'cale-pem', 'content-type']) {
      expect(verify({ headers: { ...headers, [name]: 'mallory' } })).toBe(false);
    }
    expect(verify({ headers: { ...headers, 'cale-admin': 'yes' } })).toBe(false);
    expect(verify({}, 'another body')).toBe(false);
    expect(verify({}, 'a body', `${SECRET}x`)).toBe(false);
    vi.setSystemTime(Date.now() + 61_000);
    expect(verify()).toBe(false);
    vi.useRealTimers();
  });
});

describe('failures', () => {
  /** The lines of the log since the test began. */
  const lines = (): string[] => edge.output().slice(begun).split('\n');
  let begun = 0;
  beforeEach(() => {
    begun = edge.output().length;
  });

  /** @returns the event that the operator is told. It comes behind the answer, by a pipe of its own. */
  const failure = (): Promise<unknown> =>
    vi.waitFor(() => JSON.parse(lines().find((line) => line.includes('upstream-failed')) ?? ''), 5000);

  test.each([
    ['/down', /fetch failed|connection|refused|lost/i],
    ['/breaks', /./],
    ['/not-gzip', /./],
    ['/unknown-coding', /in a coding that is not known/],
    ['/large', /larger than 300000 bytes/],
    ['/status?999', /it answered 999/],
    ['/switch', /it answered 101|connection/i],
  ])('%s: 502 inside, and the operator is told why', async (path, reason) => {
    const answer = await alice.ask(path);
    expect(answer.status).toBe(502);
    expect(JSON.parse(answer.text)).toEqual({
      type: 'urn:cale:problem:upstream-failed',
      title: expect.any(String),
      status: 502,
      detail: 'The log of the gateway has the reason.',
      requestId: expect.any(String),
    });
    expect(await failure()).toEqual({
      event: 'upstream-failed',
      upstream: path === '/down' ? '/down' : '/',
      reason: expect.stringMatching(reason),
      requestId: expect.any(String),
    });
  });

  test.each(['/slow/never', '/slow/half'])('%s: 504 inside, when its time is over', async (path) => {
    const answer = await alice.ask(path);
    expect(answer.status).toBe(504);
    expect(problemOf(answer)).toBe('upstream-too-slow');
    expect(await failure()).toMatchObject({ upstream: '/slow', reason: 'GatewayError: no whole answer within 1 s' });
  });
});
