import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Device } from '../support/device.ts';
import { ask, type Harness, register, startHarness } from '../support/harness.ts';

const ISSUER = 'https://issuer.example.com/';
const AUDIENCE = 'https://api.example.com';

let issuer: Server;
let isUp = true;
let harness: Harness;
const keys = await generateKeyPair('ES256');
const otherKeys = await generateKeyPair('ES256');

beforeAll(async () => {
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'ES256' }] });
  issuer = createServer((_, response) =>
    response.writeHead(isUp ? 200 : 500, { 'Content-Type': 'application/json' }).end(jwks),
  );
  await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
  const { port } = issuer.address() as AddressInfo;
  harness = await startHarness({
    vars: {
      edge: {
        IDENTITY_METHODS: 'basic,bearer',
        BEARER_ISSUER: ISSUER,
        BEARER_AUDIENCE: AUDIENCE,
        BEARER_JWKS_URL: `http://127.0.0.1:${port}/jwks`,
      },
    },
  });
});
afterAll(async () => {
  await harness.server.close();
  issuer.close();
});

interface Changes {
  readonly claims?: Record<string, unknown>;
  readonly issuer?: string;
  readonly audience?: string;
  readonly expires?: string;
  readonly key?: CryptoKey;
}

const token = ({ claims = {}, ...changes }: Changes = {}) =>
  new SignJWT({ sub: 'auth0|carol', scope: 'read profile', ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .setIssuer(changes.issuer ?? ISSUER)
    .setAudience(changes.audience ?? AUDIENCE)
    .setExpirationTime(changes.expires ?? '5m')
    .sign(changes.key ?? keys.privateKey);

const registerWith = async (device: Device, jwt: string) =>
  register(harness, device.csr, { Authorization: `Bearer ${jwt}` });

// First, since the keys are kept once they were had.
test("while the issuer's keys cannot be had, no one is refused: the service is unavailable", async () => {
  isUp = false;
  const response = await registerWith(await Device.create('P-256', ''), await token());
  isUp = true;
  expect(response.status).toBe(503);
  expect(response.headers.get('Retry-After')).toBe('5');
});

test("a token's subject is the owner and its scope the scopes", async () => {
  const device = await Device.create('P-256', '');
  const response = await registerWith(device, await token());
  expect(response.status).toBe(200);
  const guid = await device.open(await response.text());
  const resource = await device.open(await (await ask(harness, '/resource', guid)).text());
  expect(JSON.parse(resource)).toMatchObject({
    owner: 'auth0|carol',
    organization: 'example.com',
    scopes: ['read', 'profile'],
  });
});

test('a token of another issuer, audience, key or time proves nothing', async () => {
  const { csr } = await Device.create('P-256', '');
  const none = `${btoa('{"alg":"none"}')}.${btoa(`{"sub":"carol","iss":"${ISSUER}","aud":"${AUDIENCE}","exp":99999999999}`)}.`;
  const hmac = await new SignJWT({ sub: 'carol' })
    .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setExpirationTime('5m')
    .sign(new TextEncoder().encode('x'.repeat(32)));
  const tokens = [
    await token({ issuer: 'https://evil.example.com/' }),
    await token({ audience: 'another' }),
    await token({ expires: '1 second ago' }),
    await token({ key: otherKeys.privateKey }),
    await token({ claims: { sub: undefined } }),
    `${await token()}x`,
    none.replaceAll('=', ''),
    hmac,
    'x.y.z',
    'x',
  ];
  for (const jwt of tokens) {
    const response = await register(harness, csr, { Authorization: `Bearer ${jwt}` });
    expect(response.status).toBe(401);
    expect(response.headers.get('WWW-Authenticate')).toBe(
      'Basic realm="example.com", charset="UTF-8", Bearer realm="example.com"',
    );
  }
});

test('an owner whom a certificate cannot name is told so', async () => {
  const { csr } = await Device.create('P-256', '');
  const response = await register(harness, csr, {
    Authorization: `Bearer ${await token({ claims: { sub: 'x'.repeat(65) } })}`,
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ type: 'urn:cale:problem:identity-not-representable' });
});

test('/.well-known/cale names both methods and the issuer', async () => {
  const document = await (await harness.server.fetch('/.well-known/cale')).json();
  expect(document).toMatchObject({ identityMethods: ['basic', 'bearer'], bearerIssuer: ISSUER });
});
