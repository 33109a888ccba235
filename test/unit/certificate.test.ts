import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../../scripts/development-secrets.ts';
import { type Authority, readAuthorities } from '../../shared/certificate/authority.ts';
import { checkCertificate } from '../../shared/certificate/check.ts';
import { type Issuer, importIssuer, issueCertificate } from '../../shared/certificate/issue.ts';
import { encodeProfile, type Profile, profileFields } from '../../shared/certificate/profile.ts';
import { encode, sequence } from '../../shared/der/write.ts';
import { keyIdentifier, readPublicKey } from '../../shared/keys/public-key.ts';
import { formatName } from '../../shared/name/name.ts';
import { decodePemBlocks } from '../../shared/wire/pem.ts';

const NOW = Date.parse('2027-01-01T00:00:00.900Z');
const IDENTITY = { owner: 'alice', organization: 'example.com', scopes: ['read'] };

async function createIssuer(): Promise<Issuer> {
  const { key, certificate } = await createAuthority('test authority');
  const [pkcs8] = decodePemBlocks('PRIVATE KEY', key);
  return importIssuer(readAuthorities(certificate)[0], pkcs8 ?? expect.unreachable());
}

async function profileOf(identity = IDENTITY): Promise<Profile> {
  const ecdh = { name: 'ECDH', namedCurve: 'P-256' };
  const { publicKey } = (await crypto.subtle.generateKey(ecdh, false, ['deriveBits'])) as CryptoKeyPair;
  const spki = new Uint8Array((await crypto.subtle.exportKey('spki', publicKey)) as ArrayBuffer);
  const bits = readPublicKey(spki)?.bits ?? expect.unreachable();
  return encodeProfile(encode(sequence()), spki, 'EC', await keyIdentifier(bits), identity);
}

let issuer: Issuer;
let authority: Authority;
beforeAll(async () => {
  issuer = await createIssuer();
  authority = issuer.authority;
});

test('a certificate says who it is for, and is valid from its second on for its lifetime', async () => {
  const der = await issueCertificate(issuer, await profileOf(), NOW, 10);
  const client = await checkCertificate(der, [authority], NOW);
  if ('fault' in client) expect.unreachable(client.fault);
  expect(client).toMatchObject(IDENTITY);
  expect(formatName(client.device)).toBe('');
  expect(client.notBefore).toBe(Date.parse('2027-01-01T00:00:00Z'));
  expect(client.notAfter).toBe(Date.parse('2027-01-01T00:00:10Z'));
});

test('what an application does to a client that it was given, it does to none that comes after', async () => {
  const profile = await profileOf();
  const check = async () => {
    const client = await checkCertificate(await issueCertificate(issuer, profile, NOW, 10), [authority], NOW);
    return 'fault' in client ? expect.unreachable(client.fault) : client;
  };
  const client = await check();
  Object.assign(client, { owner: 'root' });
  expect(() => (client.scopes as string[]).push('write')).toThrow(TypeError);
  expect(await check()).toMatchObject(IDENTITY);
});

test('serial numbers are positive, differ, and are of 16 octets or just over', async () => {
  const profile = await profileOf();
  const serials = await Promise.all(
    Array.from(
      { length: 20 },
      async () => new X509Certificate(await issueCertificate(issuer, profile, NOW, 1)).serialNumber,
    ),
  );
  expect(new Set(serials).size).toBe(20);
  for (const serial of serials) expect(serial).toMatch(/^[0-9A-F]{24,32}$/);
});

describe('a certificate is refused', () => {
  const fault = async (der: Uint8Array<ArrayBuffer>, now = NOW, authorities = [authority]) => {
    const result = await checkCertificate(der, authorities, now);
    return 'fault' in result ? result.fault : 'none';
  };

  test('after its notAfter and well before its notBefore, not at its ends', async () => {
    const der = await issueCertificate(issuer, await profileOf(), NOW, 10);
    const start = Date.parse('2027-01-01T00:00:00Z');
    expect(await fault(der, start + 10_000)).toBe('none');
    expect(await fault(der, start + 10_001)).toBe('expired');
    expect(await fault(der, start - 2_000)).toBe('none');
    expect(await fault(der, start - 2_001)).toBe('not-yet-valid');
  });

  test('when another authority issued it, of the same name or not', async () => {
    const other = await createIssuer();
    const der = await issueCertificate(other, await profileOf(), NOW, 10);
    expect(await fault(der)).toBe('issuer-unknown');
    expect(await fault(der, NOW, [])).toBe('issuer-unknown');
    expect(await fault(der, NOW, [authority, other.authority])).toBe('none');
    const pretender = { ...other, authority, authorityKeyIdentifier: issuer.authorityKeyIdentifier };
    expect(await fault(await issueCertificate(pretender, await profileOf(), NOW, 10))).toBe('signature-bad');
  });

  test('when its holder is known, and it is not signed, or not of the time', async () => {
    const profile = await profileOf();
    expect(await fault(await issueCertificate(issuer, profile, NOW, 10))).toBe('none');
    const other = await createIssuer();
    const pretender = { ...other, authority, authorityKeyIdentifier: issuer.authorityKeyIdentifier };
    expect(await fault(await issueCertificate(pretender, profile, NOW, 10))).toBe('signature-bad');
    expect(await fault(await issueCertificate(issuer, profile, NOW - 20_000, 10))).toBe('expired');
  });

  test('when the authority itself has expired', async () => {
    const later = authority.notAfter + 1;
    expect(await fault(await issueCertificate(issuer, await profileOf(), later, 10), later)).toBe('authority-expired');
  });

  test.each(['unknown', 'known'])('when a bit of it is altered, wherever, its holder being %s', async (holder) => {
    const der = await issueCertificate(issuer, await profileOf(), NOW, 10);
    if (holder === 'known') expect(await fault(der)).toBe('none');
    for (let at = 0; at < der.length; at++) {
      const altered = der.slice();
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect(await fault(altered)).not.toBe('none');
    }
  });

  test("when it is the authority's own, or one that says no identity", async () => {
    expect(await fault(authority.certificate)).toBe('issuer-unknown');
    const nobody = await profileOf({ owner: '', organization: 'example.com', scopes: [] });
    expect(await fault(await issueCertificate(issuer, nobody, NOW, 10))).toBe('identity-malformed');
  });

  test('when its key usage is not that of its key', async () => {
    const { subject, subjectPublicKeyInfo } = profileFields(await profileOf());
    const mixed = encodeProfile(subject, subjectPublicKeyInfo, 'RSA', new Uint8Array(20), IDENTITY);
    expect(await fault(await issueCertificate(issuer, mixed, NOW, 10))).toBe('not-a-client-certificate');
  });

  test('when it is no certificate', async () => {
    expect(await fault(new Uint8Array(0))).toBe('malformed');
    expect(await fault(crypto.getRandomValues(new Uint8Array(500)))).toBe('malformed');
  });
});

test('a key that is not that of the certificate is not taken for issuing', async () => {
  const { key } = await createAuthority('another');
  const [pkcs8] = decodePemBlocks('PRIVATE KEY', key);
  await expect(importIssuer(authority, pkcs8 ?? expect.unreachable())).rejects.toThrow(
    'not that of the first certificate',
  );
});
