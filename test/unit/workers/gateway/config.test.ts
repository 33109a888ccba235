import { beforeAll, describe, expect, test } from 'vitest';
import { createDevelopmentSecrets } from '../../../../scripts/development-secrets.ts';
import { ConfigError } from '../../../../shared/settings.ts';
import { gatewayFromSettings } from '../../../../workers/gateway/config.ts';

const VARS = {
  UPSTREAM: 'https://api.example.com',
  UPSTREAMS: '',
  UPSTREAM_AUTH: 'bearer',
  UPSTREAM_HTTP: 'loopback',
  UNSAFE_METHODS: 'signed',
  MAX_REQUEST_BYTES: '10485760',
  MAX_ANSWER_BYTES: '10485760',
};
const SECRET = 'hunter2-hunter2-hunter2';

let secrets: Record<string, string>;
beforeAll(async () => {
  ({ gateway: secrets } = await createDevelopmentSecrets());
});

const settings = (changes: Record<string, unknown> = {}) => gatewayFromSettings({ ...secrets, ...VARS, ...changes });
const table = (...entries: unknown[]) => ({ UPSTREAM: '', UPSTREAMS: JSON.stringify(entries) });

/** The fields that an API is shown its caller by. */
async function shown(changes: Record<string, unknown>): Promise<string[]> {
  const { upstreams } = settings(changes);
  const request = new Request('https://api.example.com/', { headers: { 'CALE-Owner': 'alice' } });
  const { headers } = (await upstreams[0]?.credential(request)) ?? expect.unreachable();
  return ['authorization', 'signature'].filter((name) => headers.has(name));
}

test('one API is an entry with all that is the default', () => {
  const { upstreams, options, maxAnswerBytes } = settings();
  const url = new URL('https://api.example.com');
  expect(upstreams).toMatchObject([{ prefix: '/', url, strip: false, scopes: [], deadline: 25 }]);
  expect(options).toMatchObject({ maxRequestBytes: 10_485_760, unsafeMethods: 'signed' });
  expect(maxAnswerBytes).toBe(10_485_760);
});

test('several APIs are ordered by the length of their prefixes', () => {
  const { upstreams } = settings(
    table(
      { url: 'https://a.example' },
      { prefix: '/orders', url: 'https://b.example/v1/', strip: true, scopes: ['read', 'x:y'], deadline: 1.5 },
      { prefix: '/o', url: 'http://127.0.0.1:5005' },
    ),
  );
  expect(upstreams.map(({ prefix }) => prefix)).toEqual(['/orders', '/o', '/']);
  expect(upstreams[0]).toMatchObject({ strip: true, scopes: ['read', 'x:y'], deadline: 1.5 });
});

test('a table can be spelled out in the configuration', () => {
  const { upstreams } = settings({ UPSTREAM: '', UPSTREAMS: [{ prefix: '/a', url: 'https://a.example' }] });
  expect(upstreams).toMatchObject([{ prefix: '/a' }]);
});

describe('an API is shown who calls it', () => {
  const url = 'https://api.example.com';
  test.each([
    ['by nothing, where there is no secret', {}, []],
    ['by a bearer token', { UPSTREAM_SECRET: SECRET }, ['authorization']],
    ['by a signature', { UPSTREAM_SECRET: SECRET, UPSTREAM_AUTH: 'signature' }, ['signature']],
    ['as its entry says', { UPSTREAM_SECRET: SECRET, ...table({ url, auth: 'signature' }) }, ['signature']],
    ['by nothing, as its entry says', { UPSTREAM_SECRET: SECRET, ...table({ url, auth: 'none' }) }, []],
    ['by a secret of its own', { OWN: SECRET, ...table({ url, secret: 'OWN' }) }, ['authorization']],
  ])('%s', async (_, changes, fields) => {
    expect(await shown(changes)).toEqual(fields);
  });
});

test('an API is called through the binding of its entry, by http too', async () => {
  const asked: string[] = [];
  const API = { fetch: async (request: Request) => new Response(String(asked.push(request.url))) };
  const { upstreams } = settings({ API, ...table({ url: 'http://internal:80', binding: 'API' }) });
  await upstreams[0]?.fetch(new Request('http://internal/a'));
  expect(asked).toEqual(['http://internal/a']);
});

test('http may lead to other machines where that is set', () => {
  const { upstreams } = settings({ UPSTREAM: 'http://api:5005', UPSTREAM_HTTP: 'anywhere' });
  expect(upstreams[0]?.url.href).toBe('http://api:5005/');
});

describe('a bad setting of the gateway is a sentence that names it:', () => {
  const url = 'https://api.example.com';
  test.each<[Record<string, unknown>, string]>([
    [{ UPSTREAM: '' }, 'UPSTREAM is missing'],
    [{ UPSTREAM: 'localhost:5005' }, 'UPSTREAM is not usable: it must be a URL such as https://'],
    [{ UPSTREAM: 'ftp://localhost' }, 'UPSTREAM is not usable: it must be a URL'],
    [{ UPSTREAM: 'https://a.example/?a' }, 'UPSTREAM is not usable: it must be a URL'],
    [{ UPSTREAM: 'https://user:hunter2@a.example' }, 'UPSTREAM is not usable: it must be a URL'],
    [{ UPSTREAM: 'http://api:5005' }, 'UPSTREAM is not usable: http would take answers to api:5005 without TLS'],
    [{ UPSTREAMS: '[]' }, 'UPSTREAM and UPSTREAMS are both set'],
    [table(), 'UPSTREAMS is not usable: it is not a list of one entry or more'],
    [{ UPSTREAM: '', UPSTREAMS: '{' }, 'UPSTREAMS is not usable: it is not a list'],
    [table(null), 'UPSTREAMS is not usable: entry 1: it is not an object'],
    [table({ url }, { prefix: '/a' }), 'UPSTREAMS is not usable: entry 2: it must be a URL'],
    [table({ url, scope: 'read' }), 'UPSTREAMS is not usable: entry 1: "scope" is none of: prefix, url'],
    [table({ url, scopes: 'read' }), 'entry 1: "scopes" must be a list of scopes such as ["read"], not "read"'],
    [table({ url, scopes: ['a b'] }), 'entry 1: "scopes" must be'],
    [table({ url, strip: 'yes' }), 'entry 1: "strip" must be true or false, not "yes"'],
    [table({ url, deadline: 0 }), 'entry 1: "deadline" must be seconds from 1 to 300, not 0'],
    [table({ url, deadline: '10' }), 'entry 1: "deadline" must be'],
    [table({ url, auth: 'basic' }), 'entry 1: "auth" must be one of: bearer, signature, none'],
    [table({ url, binding: 'API' }), 'API is no binding that the API of / can be called through'],
    [table({ url, secret: 'OWN' }), 'OWN is missing: the API of / is to know its caller by it'],
    [table({ url, auth: 'bearer' }), 'UPSTREAM_SECRET is missing'],
    [table({ url }, { url }), 'entry 2: the prefix / is there already'],
    [table({ prefix: '/a', url }, { prefix: '/A', url }), 'entry 2: the prefix /A is there already'],
    ...['', 'a', '/a/', '//a', '/a//b', '/..', '/a/../b', '/a/.', '/a%2fb', '/a;b', '/a?b', '/a b', '/ä'].map(
      (prefix): [Record<string, unknown>, string] => [table({ prefix, url }), 'entry 1: "prefix" must be a path'],
    ),
    [{ UPSTREAM_SECRET: 'hunter2' }, 'UPSTREAM_SECRET must be 16 or more characters of ASCII'],
    [{ UPSTREAM_SECRET: `${SECRET}\n` }, 'UPSTREAM_SECRET must be'],
    [{ UPSTREAM_AUTH: 'none' }, 'UPSTREAM_AUTH must be one of: bearer, signature'],
    [{ UPSTREAM_HTTP: 'yes' }, 'UPSTREAM_HTTP must be one of: loopback, anywhere'],
    [{ MAX_ANSWER_BYTES: '1e6' }, 'MAX_ANSWER_BYTES must be a whole number'],
    [{ MAX_REQUEST_BYTES: '0' }, 'MAX_REQUEST_BYTES must be a whole number'],
    [{ AUTHORITY_CERTIFICATES: '' }, 'AUTHORITY_CERTIFICATES is missing'],
  ])('%o', (changes, sentence) => {
    expect(() => settings(changes)).toThrow(ConfigError);
    expect(() => settings(changes)).toThrow(sentence);
    expect(() => settings(changes)).toThrow(/^(?!.*hunter2)/s);
  });
});
