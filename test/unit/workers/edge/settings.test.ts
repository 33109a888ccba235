import { describe, expect, test } from 'vitest';
import { createDevelopmentSecrets } from '../../../../scripts/development-secrets.ts';
import { ConfigError } from '../../../../shared/settings.ts';
import { createEdge } from '../../../../workers/edge/app.ts';
import { edgeFromSettings } from '../../../../workers/edge/settings.ts';
import { upstreamAt } from '../../../../workers/edge/upstream-at.ts';

const secrets = await createDevelopmentSecrets();
const EDGE = {
  ...secrets.edge,
  ORGANIZATION: 'example.com',
  IDENTITY_METHODS: 'basic,bearer',
  BEARER_ISSUER: 'https://issuer.example.com/',
  BEARER_AUDIENCE: 'api',
  BEARER_JWKS_URL: 'https://issuer.example.com/jwks',
  UNSAFE_METHODS: 'signed',
  CBC_CIPHERS: 'refuse',
  ALLOWED_ORIGINS: 'https://app.example.com, http://localhost:5173',
  AUTHORITY: { fetch: () => undefined },
  ADMINISTRATION: { fetch: () => undefined },
  ORIGIN: { fetch: () => undefined },
  REGISTRATION_LIMITER: { limit: () => undefined },
  REQUEST_LIMITER: { limit: () => undefined },
  SITE_LIMITER: { limit: () => undefined },
  GUID_LIMITER: { limit: () => undefined },
  OWNER_LIMITER: { limit: () => undefined },
  PASSWORDS: { idFromName: () => undefined },
};

const edge = (changes: Record<string, unknown>) => () => edgeFromSettings({ ...EDGE, ...changes });

const LIMITER = { limit: async () => ({ success: true }) };
const CIPHER = { cf: { tlsCipher: 'AEAD-AES256-GCM-SHA384' } };
const VISIT = () => new Request('https://edge.example.com/', CIPHER);
const TOKEN = 'a-token-of-enough-characters';

const user = (password: string, scopes: unknown = ['read']) => JSON.stringify({ alice: { password, scopes } });

const SALT = 'A'.repeat(22);
const GOOD = { password: `$scrypt$ln=14,r=8,p=1$${SALT}$${SALT}`, scopes: [] };
const TWICE = JSON.stringify({ jürgen: GOOD, 'ju\u0308rgen': GOOD });
const MIXED_COSTS = JSON.stringify({
  alice: { password: `$scrypt$ln=14,r=8,p=1$${SALT}$${SALT}`, scopes: [] },
  bob: { password: `$scrypt$ln=14,r=8,p=2$${SALT}$${SALT}`, scopes: [] },
});

test('good settings are taken', () => {
  expect(edge({})()).toMatchObject({
    organization: 'example.com',
    unsafeMethods: 'signed',
    cbcCiphersAllowed: false,
    tlsCipher: undefined,
  });
  for (const unsafeMethods of ['refuse', 'signed', 'allow']) {
    expect(edge({ UNSAFE_METHODS: unsafeMethods })()).toMatchObject({ unsafeMethods });
  }
  expect(edge({ CBC_CIPHERS: 'allow' })()).toMatchObject({ cbcCiphersAllowed: true });
  expect(edge({ ADMIN_TOKEN: '', TLS_CIPHER: 'ECDHE-RSA-AES256-SHA' })()).toMatchObject({
    adminToken: undefined,
    tlsCipher: 'ECDHE-RSA-AES256-SHA',
  });
  expect(edge({ ALLOWED_ORIGINS: '*' })().allowedOrigins).toEqual(['*']);
  expect(edge({ CLIENT_ADDRESS_FIELD: 'X-Real-IP' })()).toMatchObject({ clientAddressField: 'X-Real-IP' });
});

test('without rate limits no limiter is needed', () => {
  const none = { REGISTRATION_LIMITER: undefined, REQUEST_LIMITER: undefined, SITE_LIMITER: undefined };
  const off = edge({ ...none, GUID_LIMITER: undefined, OWNER_LIMITER: undefined, RATE_LIMITS: 'off' })();
  expect(createEdge(off).fetch).toBeTypeOf('function');
  expect(Object.keys(edge({ RATE_LIMITS: 'off' })()).filter((name) => name.endsWith('Limiter'))).toEqual([]);
});

test('where no passwords are taken, no object that checks them is needed', () => {
  expect(edge({ IDENTITY_METHODS: 'bearer', PASSWORDS: undefined, BASIC_USERS: undefined })).not.toThrow();
});

test('the settings that may be missing have their defaults', () => {
  expect(edge({ UNSAFE_METHODS: undefined, CBC_CIPHERS: '', ALLOWED_ORIGINS: undefined })()).toMatchObject({
    unsafeMethods: 'signed',
    cbcCiphersAllowed: true,
    allowedOrigins: [],
    clientAddressField: 'CF-Connecting-IP',
    upstreamDeadlineMs: 30_000,
    registrationLimiter: EDGE.REGISTRATION_LIMITER,
  });
});

describe('an edge can be made of plain values', () => {
  const options = edge({})();

  test('it takes what the settings amount to', () => {
    expect(createEdge(options).fetch).toBeTypeOf('function');
  });

  test.each([
    [{ organization: 'Example Inc.' }, 'organization is not usable: it is not a domain name'],
    [{ identityMethods: [] }, 'identityMethods must hold at least one'],
    [{ tlsCipher: 'RC4-SHA' }, 'tlsCipher is not usable: RC4-SHA is not a TLS cipher'],
    [{ unsafeMethods: 'yes' as never }, 'unsafeMethods must be one of: refuse, signed, allow'],
    [{ allowedOrigins: ['https://app.example.com/'] }, 'allowedOrigins is not usable'],
    [{ clientAddressField: '' }, 'clientAddressField is not usable'],
    [{ upstreamDeadlineMs: 99 }, 'upstreamDeadlineMs must be a whole number from 100 to 600000'],
  ])('a bad one is a sentence that names it: %o', (changes, sentence) => {
    expect(() => createEdge({ ...options, ...changes })).toThrow(ConfigError);
    expect(() => createEdge({ ...options, ...changes })).toThrow(sentence);
  });

  test('a page is shown to visitors of / only where one is given', async () => {
    const visit = (page?: string) => createEdge({ ...options, page, requestLimiter: LIMITER }).fetch(VISIT());
    expect(await (await visit('<h1>hello</h1>')).text()).toBe('<h1>hello</h1>');
    expect((await visit()).status).not.toBe(200);
  });
});

describe('there is administration only', () => {
  const reasonOf = async (changes: Record<string, unknown>): Promise<unknown> => {
    const asked = createEdge(edgeFromSettings({ ...EDGE, RATE_LIMITS: 'off', ADMIN_TOKEN: undefined, ...changes }));
    const answer = await asked.fetch(new Request('https://edge.example.com/admin/status', CIPHER));
    return ((await answer.json()) as { type: string }).type.replace('urn:cale:problem:', '');
  };

  test.each([
    [{ ADMIN_TOKEN: 'x' }, 'admin-token-required'],
    [{ ADMIN_TOKENS: `{"alice":"${TOKEN}"}` }, 'admin-token-required'],
    [{}, 'guid-required'],
    [{ ADMIN_TOKENS: '{}' }, 'guid-required'],
    [{ ADMIN_TOKEN: 'x', ADMIN_TOKENS: `{"alice":"${TOKEN}"}`, ADMINISTRATION: undefined }, 'guid-required'],
    [{ ACCESS_TEAM_DOMAIN: 'acme.cloudflareaccess.com', ACCESS_AUDIENCE: 'a' }, 'guid-required'],
  ])('with a token and the binding: %o', async (changes, reason) => {
    expect(await reasonOf(changes)).toBe(reason);
  });
});

describe('a bad setting of the edge is a sentence that names it:', () => {
  test.each([
    [{ UPSTREAM_DEADLINE_MS: '30s' }, 'UPSTREAM_DEADLINE_MS must be a whole number from 100 to 600000'],
    [{ BASIC_USERS: undefined }, 'BASIC_USERS is missing'],
    [{ BASIC_USERS: '{' }, 'BASIC_USERS is not usable: it is not a JSON object'],
    [{ BASIC_USERS: '{}' }, 'BASIC_USERS is not usable: it names no user'],
    [{ BASIC_USERS: user('wonderland') }, 'BASIC_USERS is not usable: a password is not of the form'],
    [{ BASIC_USERS: user('$scrypt$ln=10,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA') }, 'cost below'],
    [{ BASIC_USERS: user('$scrypt$ln=20,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA') }, 'more than 64 MiB'],
    [{ BASIC_USERS: user(`$scrypt$ln=14,r=8,p=9$${SALT}$${SALT}`) }, 'at most ln=14,r=8,p=8'],
    [{ BASIC_USERS: TWICE }, 'BASIC_USERS is not usable: two user names are the same in NFC'],
    [{ BASIC_USERS: MIXED_COSTS }, 'do not all have the same ln, r, p and length'],
    [{ BASIC_USERS: user('$scrypt$ln=14,r=8,p=1$AAAA$AAAA') }, 'fewer than 16 bytes'],
    [{ IDENTITY_METHODS: '' }, 'IDENTITY_METHODS must name'],
    [{ IDENTITY_METHODS: 'basic,magic' }, 'IDENTITY_METHODS must name'],
    [{ BEARER_JWKS_URL: 'http://issuer.example.com/jwks' }, 'BEARER_JWKS_URL must be an https URL'],
    [{ BEARER_AUDIENCE: '' }, 'BEARER_AUDIENCE is missing'],
    [{ UNSAFE_METHODS: 'yes' }, 'UNSAFE_METHODS must be one of: refuse, signed, allow'],
    [{ CBC_CIPHERS: 'yes' }, 'CBC_CIPHERS must be one of: allow, refuse'],
    [{ ALLOWED_ORIGINS: 'https://app.example.com/' }, 'ALLOWED_ORIGINS is not usable: https://app.example.com/ is not'],
    [{ ALLOWED_ORIGINS: 'https://app.example.com:*' }, 'ALLOWED_ORIGINS is not usable'],
    [{ ALLOWED_ORIGINS: 'http://localhost:80:*' }, 'ALLOWED_ORIGINS is not usable'],
    [{ ALLOWED_ORIGINS: 'http://localhost/:*' }, 'ALLOWED_ORIGINS is not usable'],
    [{ ALLOWED_ORIGINS: ':*' }, 'ALLOWED_ORIGINS is not usable'],
    [{ TLS_CIPHER: 'nonsense' }, 'TLS_CIPHER is not usable: nonsense is not a TLS cipher such as ECDHE-RSA-AES256'],
    [{ TLS_CIPHER: 'RC4-SHA' }, 'TLS_CIPHER is not usable'],
    [{ AUTHORITY: undefined }, 'AUTHORITY is missing: bind it in the configuration of this Worker'],
    [{ ADMINISTRATION: 'https://authority.example.com' }, 'ADMINISTRATION is missing: bind it'],
    [{ ADMIN_TOKENS: '{' }, 'ADMIN_TOKENS is not usable: it is not a JSON object'],
    [{ ADMIN_TOKENS: `["${TOKEN}"]` }, 'ADMIN_TOKENS is not usable: it is not a JSON object'],
    [{ ADMIN_TOKENS: '{"alice":"fifteen letters"}' }, 'ADMIN_TOKENS is not usable: a token is not 16 or more'],
    [{ ADMIN_TOKENS: '{"alice":"fifteen-letters"}' }, 'a token is not 16 or more printable characters'],
    [{ ADMIN_TOKENS: '{"alice":1234567890123456}' }, 'a token is not 16 or more printable characters'],
    [{ ADMIN_TOKENS: `{"":"${TOKEN}"}` }, 'a name is not 1 to 64 printable characters'],
    [{ ADMIN_TOKENS: `{"${'a'.repeat(65)}":"${TOKEN}"}` }, 'a name is not 1 to 64 printable characters'],
    [{ ADMIN_TOKENS: `{"a\\nb":"${TOKEN}"}` }, 'a name is not 1 to 64 printable characters'],
    [{ ADMIN_TOKENS: `{"alice, bob":"${TOKEN}"}` }, 'characters of ASCII without a comma'],
    [{ ADMIN_TOKENS: `{"alice":"${TOKEN}","bob":"${TOKEN}"}` }, 'two names have the same token'],
    [{ ACCESS_TEAM_DOMAIN: 'acme.cloudflareaccess.com' }, 'ACCESS_AUDIENCE is missing'],
    [{ ACCESS_AUDIENCE: 'a' }, 'ACCESS_TEAM_DOMAIN is missing'],
    [{ ACCESS_TEAM_DOMAIN: 'https://acme.cloudflareaccess.com', ACCESS_AUDIENCE: 'a' }, 'it is not a domain such as'],
    [{ ACCESS_TEAM_DOMAIN: 'acme.cloudflareaccess.com/', ACCESS_AUDIENCE: 'a' }, 'it is not a domain such as acme'],
    [{ ACCESS_TEAM_DOMAIN: 'a@b.example.com', ACCESS_AUDIENCE: 'a' }, 'ACCESS_TEAM_DOMAIN is not usable'],
    [{ ORIGIN: 'https://origin.example.com' }, 'ORIGIN is missing'],
    [{ REGISTRATION_LIMITER: undefined }, 'REGISTRATION_LIMITER is missing'],
    [{ REQUEST_LIMITER: undefined }, 'REQUEST_LIMITER is missing'],
    [{ SITE_LIMITER: undefined }, 'SITE_LIMITER is missing'],
    [{ GUID_LIMITER: undefined }, 'GUID_LIMITER is missing'],
    [{ OWNER_LIMITER: undefined }, 'OWNER_LIMITER is missing'],
    [{ RATE_LIMITS: 'no' }, 'RATE_LIMITS must be one of: on, off'],
    [
      { CLIENT_ADDRESS_FIELD: 'X Real IP' },
      'CLIENT_ADDRESS_FIELD is not usable: X Real IP is not the name of a header',
    ],
    [{ PASSWORDS: undefined }, 'PASSWORDS is missing: bind it in the configuration of this Worker'],
    [
      { ORGANIZATION: 'Example Inc.' },
      'ORGANIZATION is not usable: it is not a domain name in lower case of at most 100 characters',
    ],
  ])('%o', (changes, sentence) => {
    expect(edge(changes)).toThrow(ConfigError);
    expect(edge(changes)).toThrow(sentence);
  });
});

test('no sentence quotes a secret', () => {
  const attempt = edge({ BASIC_USERS: user('hunter2') });
  expect(attempt).toThrow(ConfigError);
  expect(attempt).toThrow(/^(?!.*hunter2).*is not usable/);
  for (const tokens of ['{"hunter2":"short"}', '{"alice":"hunter2"}', `{"hunter2\\n":"${TOKEN}"}`, 'hunter2']) {
    expect(edge({ ADMIN_TOKENS: tokens })).toThrow(/^(?!.*(hunter2|short)).*is not usable/);
  }
});

describe('an upstream at a URL', () => {
  test.each(['https://origin.example.com', 'https://origin.example.com:8443/', 'http://127.0.0.1:5005'])(
    '%s is taken',
    (url) => {
      expect(upstreamAt(url).fetch).toBeTypeOf('function');
    },
  );

  test.each([
    'http://origin.example.com',
    'https://origin.example.com/api',
    'https://u:p@origin.example.com',
    'ftp://x',
    'x',
  ])('%s is not', (url) => {
    expect(() => upstreamAt(url)).toThrow(ConfigError);
    expect(() => upstreamAt(url)).toThrow('must be one of https, without a path');
  });
});
