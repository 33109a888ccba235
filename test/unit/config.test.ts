import { describe, expect, test } from 'vitest';
import { createDevelopmentSecrets } from '../../scripts/development-secrets.ts';
import { readConfig as readAuthorityConfig } from '../../workers/authority/config.ts';
import { readConfig as readEdgeConfig } from '../../workers/edge/config.ts';

const secrets = await createDevelopmentSecrets();
const EDGE = {
  ...secrets.edge,
  ORGANIZATION: 'example.com',
  IDENTITY_METHODS: 'basic,bearer',
  BEARER_ISSUER: 'https://issuer.example.com/',
  BEARER_AUDIENCE: 'api',
  BEARER_JWKS_URL: 'https://issuer.example.com/jwks',
  UNSAFE_METHODS: 'refuse',
  ALLOWED_ORIGINS: 'https://app.example.com, http://localhost:5173',
  DEMO: 'off',
};
const AUTHORITY = {
  ...secrets.authority,
  ORGANIZATION: 'example.com',
  CERTIFICATE_LIFETIME_SECONDS: '10',
  AUTHORITY_SHARDS: '64',
};

const edge = (changes: Record<string, string | undefined>) => () => readEdgeConfig({ ...EDGE, ...changes } as never);
const authority = (changes: Record<string, string | undefined>) => () =>
  readAuthorityConfig({ ...AUTHORITY, ...changes } as never);

const user = (password: string, scopes: unknown = ['read']) => JSON.stringify({ alice: { password, scopes } });

const SALT = 'A'.repeat(22);
const MIXED_COSTS = JSON.stringify({
  alice: { password: `$scrypt$ln=14,r=8,p=1$${SALT}$${SALT}`, scopes: [] },
  bob: { password: `$scrypt$ln=14,r=8,p=2$${SALT}$${SALT}`, scopes: [] },
});

test('good settings are taken', () => {
  expect(edge({})()).toMatchObject({ organization: 'example.com', unsafeMethodsAllowed: false, tlsCipher: undefined });
  expect(edge({ ADMIN_TOKEN: '', TLS_CIPHER: 'X' })()).toMatchObject({ adminToken: undefined, tlsCipher: 'X' });
  expect(authority({})()).toMatchObject({ certificateLifetimeSeconds: 10, shardCount: 64 });
});

describe('a bad setting of the edge is a sentence that names it:', () => {
  test.each([
    [{ DECOY_SECRET: undefined }, 'DECOY_SECRET is missing'],
    [{ DECOY_SECRET: 'c2hvcnQ=' }, 'DECOY_SECRET is not usable: it has fewer than 32 octets'],
    [{ BASIC_USERS: undefined }, 'BASIC_USERS is missing'],
    [{ BASIC_USERS: '{' }, 'BASIC_USERS is not usable: it is not a JSON object'],
    [{ BASIC_USERS: '{}' }, 'BASIC_USERS is not usable: it names no user'],
    [{ BASIC_USERS: user('wonderland') }, 'BASIC_USERS is not usable: a password is not of the form'],
    [{ BASIC_USERS: user('$scrypt$ln=10,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA') }, 'cost below'],
    [{ BASIC_USERS: user('$scrypt$ln=20,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA') }, 'more than 64 MiB'],
    [{ BASIC_USERS: user(`$scrypt$ln=14,r=8,p=9$${SALT}$${SALT}`) }, 'at most ln=14,r=8,p=8'],
    [{ BASIC_USERS: MIXED_COSTS }, 'do not all have the same ln, r, p and length'],
    [{ BASIC_USERS: user('$scrypt$ln=14,r=8,p=1$AAAA$AAAA') }, 'fewer than 16 octets'],
    [{ IDENTITY_METHODS: '' }, 'IDENTITY_METHODS must name'],
    [{ IDENTITY_METHODS: 'basic,magic' }, 'IDENTITY_METHODS must name'],
    [{ BEARER_JWKS_URL: 'http://issuer.example.com/jwks' }, 'BEARER_JWKS_URL must be an https URL'],
    [{ BEARER_AUDIENCE: '' }, 'BEARER_AUDIENCE is missing'],
    [{ UNSAFE_METHODS: 'yes' }, 'UNSAFE_METHODS must be one of: refuse, allow'],
    [{ ALLOWED_ORIGINS: 'https://app.example.com/' }, 'ALLOWED_ORIGINS must hold origins'],
    [{ DEMO: 'yes' }, 'DEMO must be one of: on, off'],
    [{ ORGANIZATION: 'Example Inc.' }, 'ORGANIZATION must be a domain name'],
  ])('%o', (changes, sentence) => {
    expect(edge(changes)).toThrow(sentence);
  });
});

describe('a bad setting of the authority is a sentence that names it:', () => {
  test.each([
    [{ AUTHORITY_KEY: undefined }, 'AUTHORITY_KEY is missing'],
    [{ AUTHORITY_KEY: 'x' }, 'AUTHORITY_KEY is not usable: it is not one PRIVATE KEY in PEM (PKCS#8)'],
    [{ AUTHORITY_CERTIFICATES: 'x' }, 'AUTHORITY_CERTIFICATES is not usable: there is no certificate in PEM in it'],
    [{ CERTIFICATE_LIFETIME_SECONDS: '1' }, 'CERTIFICATE_LIFETIME_SECONDS must be a whole number from 2 to 300'],
    [{ CERTIFICATE_LIFETIME_SECONDS: 'ten' }, 'CERTIFICATE_LIFETIME_SECONDS must be a whole number'],
    [{ AUTHORITY_SHARDS: '1.5' }, 'AUTHORITY_SHARDS must be a whole number'],
  ])('%o', (changes, sentence) => {
    expect(authority(changes)).toThrow(sentence);
  });
});

test.each([
  edge({ BASIC_USERS: user('hunter2') }),
  authority({ AUTHORITY_KEY: 'hunter2' }),
  edge({ DECOY_SECRET: 'hunter2' }),
])('no sentence quotes a secret (%#)', (attempt) => {
  let sentence = '';
  try {
    attempt();
  } catch (error) {
    sentence = String(error);
  }
  expect(sentence).toContain('is not usable');
  expect(sentence).not.toContain('hunter2');
});
