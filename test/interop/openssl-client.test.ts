/**
 * A client made of nothing but openssl. Only AES is negotiated here, because `openssl cms` (3.0) cannot read
 * ChaCha20-Poly1305 in CMS; it is read by other means in second-opinion-cms.test.ts.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDevelopmentSecrets } from '../../scripts/development-secrets.ts';
import { ID_KP_WHOAMI } from '../../shared/protocol/oids.ts';
import { ask, type Harness, register, startHarness } from '../support/harness.ts';
import {
  createClient,
  createRequest,
  decrypt,
  OPENSSL_KEY_TYPES,
  type OpensslClient,
  openssl,
  verify,
  x509,
} from '../support/openssl.ts';

let harness: Harness;
let authorities: string;
beforeAll(async () => {
  harness = await startHarness();
  authorities = await authorityCertificates(harness);
});
afterAll(() => harness.server.close());

const SUBJECT = '/C=DE/O=Müller & Söhne/CN=phone';
const RESOURCE = {
  owner: 'alice',
  organization: 'example.com',
  scopes: ['read', 'write'],
  aggregate: { foo: 'bar' },
};

/** TLS ciphers, and what openssl calls the content encryption that goes with them. */
const TLS_CIPHERS = [
  ['AEAD-AES128-GCM-SHA256', 'aes-128-gcm'],
  ['AEAD-AES256-GCM-SHA384', 'aes-256-gcm'],
  ['ECDHE-RSA-AES128-SHA256', 'aes-128-cbc'],
  ['ECDHE-RSA-AES256-SHA', 'aes-256-cbc'],
] as const;

async function authorityCertificates({ server }: Harness): Promise<string> {
  const document = (await (await server.fetch('/.well-known/cale')).json()) as { authorityCertificates: string[] };
  return document.authorityCertificates.join('');
}

/** DER of an answer, whose body is base64. */
const derOf = async (response: Pick<Response, 'text'>): Promise<Buffer> => Buffer.from(await response.text(), 'base64');

async function registered(of: Harness, client: OpensslClient, tlsCipher?: string): Promise<string> {
  const response = await register(of, String(await createRequest(client, SUBJECT, 'PEM')), {}, tlsCipher);
  return decrypt(client, await derOf(response), 'DER');
}

const whoami = async (of: Harness, client: OpensslClient, guid: string): Promise<string> =>
  decrypt(client, await derOf(await ask(of, '/whoami', guid)), 'DER');

describe.each(OPENSSL_KEY_TYPES)('openssl with %s', (keyType) => {
  let client: OpensslClient;
  let guid: string;
  beforeAll(async () => {
    client = await createClient(keyType);
    guid = await registered(harness, client);
  });

  test.each(TLS_CIPHERS)('registers and opens what it asks for over %s, in %s', async (tlsCipher, algorithm) => {
    const own = await registered(harness, client, tlsCipher);
    expect(own).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const answer = await derOf(await ask(harness, '/resource', own, { tlsCipher }));
    expect(String(await openssl(['cms', '-cmsout', '-print', '-inform', 'DER'], answer))).toContain(algorithm);
    expect(JSON.parse(await decrypt(client, answer, 'DER', 'by certificate'))).toEqual(RESOURCE);
    expect(JSON.parse(await decrypt(client, answer, 'DER', 'by key'))).toEqual(RESOURCE);
    const certificate = await derOf(await ask(harness, '/whoami', own, { tlsCipher }));
    expect(await x509(await decrypt(client, certificate, 'DER'), '-subject')).toContain('phone');
  });

  test('may send its CSR as DER', async () => {
    const csr = Uint8Array.from(await createRequest(client, SUBJECT, 'DER'));
    const own = await decrypt(client, await derOf(await register(harness, csr)), 'DER');
    expect(JSON.parse(await decrypt(client, await derOf(await ask(harness, '/resource', own)), 'DER'))).toEqual(
      RESOURCE,
    );
  });

  test('finds the certificate of whoami signed by the authority, and expired', async () => {
    const certificate = await whoami(harness, client, guid);
    expect(await verify(certificate, authorities, '-no_check_time', '-x509_strict')).toMatchObject({ ok: true });
    const checked = await verify(certificate, authorities);
    expect(checked.ok).toBe(false);
    expect(checked.stderr).toContain('certificate has expired');
  });

  test('reads in it the owner, the device, and what it may be used for', async () => {
    const certificate = await whoami(harness, client, guid);
    const request = await createRequest(client, SUBJECT, 'PEM');
    const names = ['-nameopt', 'RFC2253,show_type'];
    const requested = String(await openssl(['req', '-noout', '-subject', ...names], request)).trim();
    expect(await x509(certificate, '-subject', ...names)).toBe(requested);
    const authority = await x509(authorities, '-subject', ...names);
    expect(await x509(certificate, '-issuer', ...names)).toBe(authority.replace('subject=', 'issuer='));
    const own = await x509(String(await openssl(['x509', '-in', client.certificate])), '-ext', 'subjectKeyIdentifier');
    expect(await x509(certificate, '-ext', 'subjectKeyIdentifier')).toBe(own);

    const usage = keyType.startsWith('RSA') ? 'Key Encipherment' : 'Key Agreement';
    const text = (await x509(certificate, '-text')).replace(/\s+/g, ' ');
    expect(text).toContain('Version: 3 (0x2)');
    expect(text).toContain('X509v3 Basic Constraints: critical CA:FALSE ');
    expect(text).toContain(`X509v3 Key Usage: critical ${usage} X509v3`);
    expect(text).toContain(`X509v3 Extended Key Usage: ${ID_KP_WHOAMI} X509v3`);
    expect(text).toContain(
      'X509v3 Subject Alternative Name: DirName:/DC=com/DC=example/OU=read/OU=write/CN=alice X509v3',
    );
    // By its number up to 3.0, by its name in later ones.
    expect(text).toMatch(/(2\.5\.29\.56|X509v3 No Revocation Available): /);
  });

  test('opens nothing with another key', async () => {
    const answer = await derOf(await ask(harness, '/resource', guid));
    await expect(decrypt(await createClient(keyType), answer, 'DER')).rejects.toThrow('Error decrypting CMS');
  });

  test('reads DER where it asks for it', async () => {
    const response = await ask(harness, '/resource', guid, { headers: { Accept: 'application/pkcs7-mime' } });
    const der = Buffer.from(await response.arrayBuffer());
    expect(JSON.parse(await decrypt(client, der, 'DER'))).toEqual(RESOURCE);
  });

  test.each(TLS_CIPHERS)('reads header fields and body as they come, as S/MIME, over %s', async (tlsCipher) => {
    const response = await ask(harness, '/resource', guid, { tlsCipher });
    const fields = [...response.headers].map(([name, value]) => `${name}: ${value}\n`).join('');
    expect(JSON.parse(await decrypt(client, `${fields}\n${await response.text()}`, 'SMIME'))).toEqual(RESOURCE);
  });

  test('would have verified the certificate that the authority issued for a request, for ten seconds', async () => {
    const headers = { 'CALE-GUID': guid };
    const response = await harness.server.getWorker('cale-authority').fetch('https://authority/validate', { headers });
    const certificate = await response.text();
    expect(await verify(certificate, authorities, '-x509_strict')).toMatchObject({ ok: true });
    const dates = await x509(certificate, '-dates');
    const [notBefore = Number.NaN, notAfter = Number.NaN] = dates
      .split('\n')
      .map((line) => Date.parse(line.slice(line.indexOf('=') + 1)));
    expect(notAfter - notBefore).toBe(10_000);
  });
});

describe.each(['RSA-2048', 'P-384'] as const)('under an authority with %s', (authorityKeyType) => {
  let other: Harness;
  let otherAuthorities: string;
  beforeAll(async () => {
    other = await startHarness({ secrets: await createDevelopmentSecrets(authorityKeyType) });
    otherAuthorities = await authorityCertificates(other);
  });
  afterAll(() => other.server.close());

  test.each(['RSA-2048', 'P-256'] as const)(
    'openssl with %s registers, asks, and verifies its certificate',
    async (keyType) => {
      const client = await createClient(keyType);
      const guid = await registered(other, client);
      expect(JSON.parse(await decrypt(client, await derOf(await ask(other, '/resource', guid)), 'DER'))).toEqual(
        RESOURCE,
      );
      const certificate = await whoami(other, client, guid);
      expect(await verify(certificate, otherAuthorities, '-no_check_time', '-x509_strict')).toMatchObject({ ok: true });
      expect(await verify(certificate, authorities, '-no_check_time')).toMatchObject({ ok: false });
    },
  );
});
