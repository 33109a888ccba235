import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksOf } from '../support/blocks.ts';
import { Device } from '../support/device.ts';
import { ask, type Harness, register, startHarness } from '../support/harness.ts';

const ISSUER = 'https://issuer.example.com/';
const AUDIENCE = 'https://api.example.com';

let issuer: Server;
let harness: Harness;
const keys = await generateKeyPair('ES256');
const otherKeys = await generateKeyPair('ES256');
/** Two without a name, and two of one name. */
const rsaKeys = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
const twins = await Promise.all([generateKeyPair('ES384'), generateKeyPair('ES384')]);

beforeAll(async () => {
  const exported = (pairs: CryptoKeyPair[], members: object) =>
    Promise.all(pairs.map(async ({ publicKey }) => ({ ...(await exportJWK(publicKey)), ...members })));
  const jwks = JSON.stringify({
    keys: [
      ...(await exported([keys], { kid: 'k1', alg: 'ES256' })),
      ...(await exported(rsaKeys, { use: 'sig' })),
      ...(await exported(twins, { kid: 'twin' })),
    ],
  });
  issuer = createServer((_, response) => response.writeHead(200, { 'Content-Type': 'application/json' }).end(jwks));
  await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
  harness = await startHarness({
    vars: {
      edge: {
        IDENTITY_METHODS: 'basic,bearer',
        BEARER_ISSUER: ISSUER,
        BEARER_AUDIENCE: AUDIENCE,
        BEARER_JWKS_URL: jwksUrl(),
      },
    },
  });
});
afterAll(async () => {
  await harness.server.close();
  issuer.close();
});

const jwksUrl = (): string => `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/jwks`;

interface Changes {
  readonly claims?: Record<string, unknown>;
  readonly issuer?: string;
  readonly audience?: string;
  readonly expires?: string;
  readonly notBefore?: number;
  readonly key?: CryptoKey;
  readonly header?: { readonly alg: string; readonly kid?: string; readonly typ?: string };
  readonly issuedAt?: number;
}

const now = (): number => Math.floor(Date.now() / 1000);

const token = ({ claims = {}, ...changes }: Changes = {}) =>
  new SignJWT({ sub: 'auth0|carol', scope: 'read profile', iat: changes.issuedAt ?? now(), ...claims })
    .setProtectedHeader({ typ: 'at+jwt', ...(changes.header ?? { alg: 'ES256', kid: 'k1' }) })
    .setNotBefore(changes.notBefore ?? 0)
    .setIssuer(changes.issuer ?? ISSUER)
    .setAudience(changes.audience ?? AUDIENCE)
    .setExpirationTime(changes.expires ?? '5m')
    .sign(changes.key ?? keys.privateKey);

/** The lines that the Workers logged. */
/** The log, without the lines that every request has. */
const logged = ({ server } = harness): string =>
  server
    .getLogs()
    .map(({ message }) => message)
    .filter((message) => !message.startsWith('{"event":"request",'))
    .join('\n');

const registerWith = async (device: Device, jwt: string, at = harness) =>
  register(at, device.csr, { Authorization: `Bearer ${jwt}` });

/** The identity that the origin sees of a device that registers with the token. */
async function identityOf(jwt: string, at = harness): Promise<unknown> {
  const device = await Device.create('P-256', '');
  const response = await registerWith(device, jwt, at);
  expect(response.status).toBe(200);
  const guid = await device.open(await response.text());
  return JSON.parse(await device.open(await (await ask(at, '/resource', guid)).text()));
}

test("a token's subject is the owner and its scope the scopes", async () => {
  expect(await identityOf(await token())).toMatchObject({
    owner: 'auth0|carol',
    organization: 'example.com',
    scopes: ['read', 'profile'],
  });
});

test.each<[string, Record<string, unknown>, string[]]>([
  ['scope as a list', { scope: ['read', 'write'] }, ['read', 'write']],
  ['scp as a text (Entra ID)', { scope: undefined, scp: 'read write' }, ['read', 'write']],
  ['scp as a list (Okta)', { scope: undefined, scp: ['read', 'write'] }, ['read', 'write']],
  ['scope, where there is scp too', { scope: 'read', scp: ['write'] }, ['read']],
  ['the same scope twice', { scope: 'read read' }, ['read']],
  ['neither', { scope: undefined }, []],
])('the scopes of a token are those of %s', async (_, claims, scopes) => {
  expect(await identityOf(await token({ claims }))).toMatchObject({ scopes });
});

const [, SECOND] = rsaKeys;
const [, TWIN] = twins;
test.each<[string, Changes]>([
  ['names no key, by the second of two that have no name', { key: SECOND.privateKey, header: { alg: 'RS256' } }],
  ['names no key, by the one that fits its alg', { header: { alg: 'ES256' } }],
  ['names two keys, by the second of them', { key: TWIN.privateKey, header: { alg: 'ES384', kid: 'twin' } }],
  ['is valid a little later by the clock of its issuer', { notBefore: Date.now() / 1000 + 30 }],
  ['has 9 KB', { claims: { groups: Array.from({ length: 180 }, () => crypto.randomUUID()) } }],
])('a token proves an identity that %s', async (_, changes) => {
  expect(await identityOf(await token(changes))).toMatchObject({ owner: 'auth0|carol' });
});

const NO_JWT = 'The token is not a signed JWT.';
const [FIRST_RSA] = rsaKeys;
const none = `${btoa('{"alg":"none"}')}.${btoa(`{"sub":"carol","iss":"${ISSUER}","aud":"${AUDIENCE}","exp":99999999999}`)}.`;
const hmac = new SignJWT({ sub: 'carol' })
  .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
  .setIssuer(ISSUER)
  .setAudience(AUDIENCE)
  .setExpirationTime('5m');

test.each<[string, () => string | Promise<string>, string]>([
  [
    'of another issuer',
    () => token({ issuer: 'https://evil.example.com/' }),
    'The claim iss of the token is not the expected one.',
  ],
  ['for another audience', () => token({ audience: 'other' }), 'The claim aud of the token is not the expected one.'],
  ['that has expired', () => token({ expires: '1 second ago' }), 'The token has expired, by its claim exp.'],
  [
    'that is valid much later',
    () => token({ notBefore: Date.now() / 1000 + 600 }),
    'The token is not valid yet, by its claim nbf.',
  ],
  [
    'of another type, such as an ID token',
    () => token({ header: { alg: 'ES256', kid: 'k1', typ: 'JWT' } }),
    'The typ of the token is not that of an access token of the issuer.',
  ],
  [
    'that was issued two days ago',
    () => token({ issuedAt: now() - 2 * 86_400 }),
    'The token is older than is taken for a registration, by its claim iat.',
  ],
  ['that does not say when it was issued', () => token({ claims: { iat: undefined } }), 'The token has no claim iat.'],
  [
    'that is bound to a key',
    () => token({ claims: { cnf: { jkt: 'x'.repeat(43) } } }),
    'The token is bound to a key, by its claim cnf.',
  ],
  ['without a subject', () => token({ claims: { sub: undefined } }), 'The token has no claim sub.'],
  ['whose subject is a number', () => token({ claims: { sub: 5 } }), 'The claim sub of the token is no text.'],
  [
    'whose time is a text',
    () => token({ claims: { iat: 'now' } }),
    'The claim iat of the token is of another type than it has to be.',
  ],
  [
    'whose scopes are numbers',
    () => token({ claims: { scope: [1, 2] } }),
    'The claim scope or scp of the token is neither a text nor a list of texts.',
  ],
  [
    'by another key',
    () => token({ key: otherKeys.privateKey }),
    'The signature of the token is not by a key of the issuer.',
  ],
  [
    'that names no key, by none of those that fit',
    async () => token({ key: (await generateKeyPair('RS256')).privateKey, header: { alg: 'RS256' } }),
    'The signature of the token is not by a key of the issuer.',
  ],
  [
    'for another audience, by a key of two that fit',
    () => token({ audience: 'other', key: FIRST_RSA.privateKey, header: { alg: 'RS256' } }),
    'The claim aud of the token is not the expected one.',
  ],
  [
    'that names a key that the issuer does not have',
    () => token({ header: { alg: 'ES256', kid: 'k2' } }),
    'The issuer has no key that fits the kid and the alg of the token.',
  ],
  ['with a byte more', async () => `${await token()}x`, 'The signature of the token is not by a key of the issuer.'],
  ['without a signature', () => none.replaceAll('=', ''), 'The alg of the token is none that is taken.'],
  [
    'by a shared secret',
    () => hmac.sign(new TextEncoder().encode('x'.repeat(32))),
    'The alg of the token is none that is taken.',
  ],
  ['in three parts that are no JSON', () => 'x.y.z', NO_JWT],
  ['that is no JWT', () => 'x', NO_JWT],
])('a token %s proves nothing, and client and operator are told why', async (_, create, detail) => {
  const jwt = await create();
  harness.server.clearLogs();
  const response = await registerWith(await Device.create('P-256', ''), jwt);
  expect(response.status).toBe(401);
  expect(response.headers.get('WWW-Authenticate')).toBe(
    'Basic realm="example.com", charset="UTF-8", ' +
      `Bearer realm="example.com", error="invalid_token", error_description="${detail}"`,
  );
  expect(await response.json()).toEqual({
    type: 'urn:cale:problem:identity-required',
    title: 'The proof of identity is missing, or is not good.',
    status: 401,
    detail,
    requestId: expect.any(String),
  });
  expect(logged()).toBe(JSON.stringify({ event: 'identity-refused', method: 'bearer', reason: detail }));
});

test('the answer to a token that has expired is the one that docs/protocol/registration.md shows', async () => {
  const [head = '', body = ''] = blocksOf('docs/protocol/registration.md')('HTTP/1.1 401').text.split('\n\n');
  const challenges = [...head.matchAll(/^WWW-Authenticate: (.*)$/gm)].map(([, value]) => value);
  const response = await registerWith(await Device.create('P-256', ''), await token({ expires: '1 second ago' }));
  expect([response.status, await response.json()]).toEqual([
    401,
    { ...JSON.parse(body), requestId: expect.any(String) },
  ]);
  expect(response.headers.get('WWW-Authenticate')).toBe(challenges.join(', '));
});

test('no error is said of a token to a client that sent none (RFC 6750 3.1), and nothing is logged', async () => {
  const { csr } = await Device.create('P-256', '');
  harness.server.clearLogs();
  const response = await register(harness, csr, { Authorization: '' });
  expect(response.headers.get('WWW-Authenticate')).toBe(
    'Basic realm="example.com", charset="UTF-8", Bearer realm="example.com"',
  );
  expect(await response.json()).toMatchObject({ detail: 'The request has no Authorization field.' });
  expect(logged()).toBe('');
});

test('the place of a subject that is too long for a certificate is taken by its digest', async () => {
  const sub = `https://issuer.example.com/users/${'x'.repeat(60)}`;
  const digest = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(sub))).toString('base64url');
  expect(await identityOf(await token({ claims: { sub } }))).toMatchObject({ owner: `sha-256:${digest}` });
});

test('an owner whom a certificate cannot name is told so', async () => {
  const { csr } = await Device.create('P-256', '');
  const response = await register(harness, csr, {
    Authorization: `Bearer ${await token({ claims: { sub: '' } })}`,
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    type: 'urn:cale:problem:identity-not-representable',
    detail: "The owner's name has 0 characters; it may have 1 to 64.",
  });
});

test.each([
  ['turns the direction of writing', 'ali\u202ece', 'turns the direction of writing'],
  ['is a control of C1', 'ali\u009bce', 'has a control character'],
  ['is decomposed', 'ju\u0308rgen', 'Unicode form NFC'],
])('an owner with a character that %s is not registered', async (_, sub, words) => {
  const { csr } = await Device.create('P-256', '');
  const response = await register(harness, csr, { Authorization: `Bearer ${await token({ claims: { sub } })}` });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    type: 'urn:cale:problem:identity-not-representable',
    detail: expect.stringContaining(words),
  });
});

test('/.well-known/cale names both methods and the issuer', async () => {
  const document = await (await harness.server.fetch('/.well-known/cale')).json();
  expect(document).toMatchObject({ identityMethods: ['basic', 'bearer'], bearerIssuer: ISSUER });
});

describe('with other settings', () => {
  const RULES = { BEARER_TYPE: 'any', BEARER_SCOPE_CLAIM: 'roles', BEARER_MAX_AGE_SECONDS: '0' };
  let asked = 0;
  let down: Server;
  let lenient: Harness;
  let orphaned: Harness;
  beforeAll(async () => {
    down = createServer((_, response) => {
      asked++;
      response.writeHead(500).end();
    });
    await new Promise<void>((resolve) => down.listen(0, '127.0.0.1', resolve));
    const { port } = down.address() as AddressInfo;
    const bearer = { IDENTITY_METHODS: 'bearer', BEARER_ISSUER: ISSUER, BEARER_AUDIENCE: AUDIENCE };
    [lenient, orphaned] = await Promise.all([
      startHarness({ vars: { edge: { ...bearer, ...RULES, BEARER_JWKS_URL: jwksUrl() } } }),
      startHarness({ vars: { edge: { ...bearer, BEARER_JWKS_URL: `http://127.0.0.1:${port}/jwks` } } }),
    ]);
  });
  afterAll(async () => {
    await Promise.all([lenient.server.close(), orphaned.server.close()]);
    down.close();
  });

  test('tokens of any type and age are taken, with the scopes of the claim that is named', async () => {
    const old = await token({
      header: { alg: 'ES256', kid: 'k1', typ: 'JWT' },
      issuedAt: now() - 40 * 86_400,
      claims: { roles: ['Resource.Read', 'Resource.Write'] },
    });
    expect(await identityOf(old, lenient)).toMatchObject({ scopes: ['Resource.Read', 'Resource.Write'] });
  });

  test('while the keys of the issuer cannot be had no one is refused, and the issuer is asked once', async () => {
    const device = await Device.create('P-256', '');
    for (const jwt of [await token(), await token({ header: { alg: 'ES256', kid: 'other' } }), await token()]) {
      const response = await registerWith(device, jwt, orphaned);
      expect([response.status, response.headers.get('Retry-After')]).toEqual([503, '5']);
      await response.text();
    }
    expect(asked).toBe(1);
    expect(logged(orphaned)).toContain(
      'IssuerUnavailable: the keys of BEARER_JWKS_URL cannot be had or used: ERR_JOSE_GENERIC: Expected 200 OK',
    );
  });
});
