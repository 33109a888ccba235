import { describe, expect, test } from 'vitest';
import { createDevelopmentSecrets } from '../../../../scripts/development-secrets.ts';
import { ConfigError } from '../../../../shared/settings.ts';
import { edgeFromSettings } from '../../../../workers/edge/config.ts';

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
  DEMO: 'off',
};

const edge = (changes: Record<string, string | undefined>) => () => edgeFromSettings({ ...EDGE, ...changes } as never);

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
    tlsCipher: { name: 'ECDHE-RSA-AES256-SHA', encryption: 'AES-256-CBC' },
  });
  expect(edge({ ALLOWED_ORIGINS: '*' })().allowedOrigins).toEqual(new Set(['*']));
});

describe('a bad setting of the edge is a sentence that names it:', () => {
  test.each([
    [{ DECOY_SECRET: undefined }, 'DECOY_SECRET is missing'],
    [{ DECOY_SECRET: 'c2hvcnQ=' }, 'DECOY_SECRET is not usable: it has fewer than 32 bytes'],
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
    [{ ALLOWED_ORIGINS: 'https://app.example.com/' }, 'ALLOWED_ORIGINS must hold origins'],
    [{ DEMO: 'yes' }, 'DEMO must be one of: on, off'],
    [{ TLS_CIPHER: 'nonsense' }, 'TLS_CIPHER must be a TLS cipher such as ECDHE-RSA-AES256-GCM-SHA384, not nonsense'],
    [{ TLS_CIPHER: 'RC4-SHA' }, 'TLS_CIPHER must be a TLS cipher'],
    [
      { ORGANIZATION: 'Example Inc.' },
      'ORGANIZATION is not usable: it is not a domain name in lower case of at most 100 characters',
    ],
  ])('%o', (changes, sentence) => {
    expect(edge(changes)).toThrow(ConfigError);
    expect(edge(changes)).toThrow(sentence);
  });
});

test.each([edge({ BASIC_USERS: user('hunter2') }), edge({ DECOY_SECRET: 'hunter2' })])(
  'no sentence quotes a secret (%#)',
  (attempt) => {
    expect(attempt).toThrow(ConfigError);
    expect(attempt).toThrow(/^(?!.*hunter2).*is not usable/);
  },
);
