import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../../../scripts/certificates.ts';
import { parsePublicKey } from '../../../shared/crypto/keys/public-key.ts';
import { LruCache } from '../../../shared/crypto/lru-cache.ts';
import { parsePem } from '../../../shared/encoding/pem.ts';
import {
  type ClientCertificate,
  type Subject,
  type VerifyClientOptions,
  verifyClientCertificate,
} from '../../../shared/protocol/client-certificate.ts';
import { newNonce } from '../../../shared/protocol/nonce.ts';
import { formatName } from '../../../shared/x509/name.ts';
import type { TrustAnchor } from '../../../shared/x509/trust-anchor.ts';
import type { Issue } from '../../../workers/authority/issuance/issue.ts';
import { type Issuer, importIssuer } from '../../../workers/authority/issuance/issuer.ts';
import {
  encodeSubjectTemplate,
  parseSubjectTemplate,
  type SubjectTemplate,
} from '../../../workers/authority/issuance/subject-template.ts';
import { createIssuer, createTemplate, IDENTITY, issue as issueFor } from '../../support/issuing.ts';
import { createKey } from '../../support/keys.ts';
import { certify } from '../../support/minting.ts';

const NOW = Date.parse('2027-01-01T00:00:00.900Z');

let issuer: Issuer;
let anchor: TrustAnchor;
beforeAll(async () => {
  ({ issuer } = await createIssuer());
  anchor = issuer.anchor;
});

/** A certificate of ten seconds. */
const issue = (template: SubjectTemplate, notBefore = NOW, by = issuer, changes: Partial<Issue> = {}) =>
  issueFor(by, template, { notBefore, ...changes });

/** One that signs with a key of its own in the name of the authority. */
async function createPretender(): Promise<Issuer> {
  const { issuer: other } = await createIssuer();
  return { ...other, anchor, authorityKeyIdentifier: issuer.authorityKeyIdentifier };
}

async function verified(
  der: Uint8Array<ArrayBuffer>,
  subjects = new LruCache<Subject>(10),
): Promise<ClientCertificate> {
  const result = await verifyClientCertificate(der, { anchors: [anchor], now: NOW, purpose: 'request', subjects });
  return result.ok ? result.value : expect.unreachable(result.fault);
}

test('a certificate says who it is for, and is valid from its second on for its lifetime', async () => {
  const der = await issue(await createTemplate());
  const client = await verified(der);
  expect(client).toMatchObject(IDENTITY);
  expect(formatName(client.device)).toBe('');
  expect(client.notBefore).toBe(Date.parse('2027-01-01T00:00:00Z'));
  expect(client.notAfter).toBe(Date.parse('2027-01-01T00:00:10Z'));
  expect(client.der).toEqual(der);
});

test('what an application does to a client that it was given, it does to none that comes after', async () => {
  const template = await createTemplate();
  const subjects = new LruCache<Subject>(10);
  const client = await verified(await issue(template), subjects);
  Object.assign(client, { owner: 'root' });
  expect(() => (client.scopes as string[]).push('write')).toThrow(TypeError);
  expect(await verified(await issue(template), subjects)).toMatchObject(IDENTITY);
});

test('a certificate that is tied to a request says its nonce', async () => {
  const nonce = newNonce(NOW);
  const template = await createTemplate();
  expect(await verified(await issue(template, NOW, issuer, { nonce }))).toMatchObject({ ...IDENTITY, nonce });
  expect((await verified(await issue(template))).nonce).toBeUndefined();
});

test('a certificate that is tied to a request is not remembered, because it does not come again', async () => {
  const subjects = new LruCache<Subject>(1);
  const template = await createTemplate();
  const { publicKey } = await verified(await issue(template), subjects);
  const nonce = newNonce(NOW);
  const tied = await issue(await createTemplate(), NOW, issuer, { nonce });
  expect((await verified(tied, subjects)).publicKey).not.toBe((await verified(tied, subjects)).publicKey);
  // It took no place: the other client is still remembered, and is not taken for one that is tied.
  const again = await verified(await issue(template), subjects);
  expect(again.publicKey).toBe(publicKey);
  expect(again.nonce).toBeUndefined();
});

test('a certificate for whoami is verified as one, whatever its dates', async () => {
  const whoami = { purpose: 'whoami', seconds: 0, nonce: newNonce(NOW) } as const;
  const der = await issue(await createTemplate(), NOW - 86_400_000, issuer, whoami);
  const result = await verifyClientCertificate(der, { anchors: [anchor], now: NOW, purpose: 'whoami' });
  expect(result).toMatchObject({ ok: true, value: { ...IDENTITY, nonce: whoami.nonce, notAfter: NOW - 86_400_900 } });
});

test('the key of a client whose certificate was seen before is the same object', async () => {
  const template = await createTemplate();
  const subjects = new LruCache<Subject>(10);
  const [first, second] = [
    await verified(await issue(template), subjects),
    await verified(await issue(template), subjects),
  ];
  expect(second.publicKey).toBe(first.publicKey);
});

test('serial numbers are positive, differ, and are of 16 bytes or just over', async () => {
  const template = await createTemplate();
  const serials = await Promise.all(
    Array.from({ length: 20 }, async () => new X509Certificate(await issue(template)).serialNumber),
  );
  expect(new Set(serials).size).toBe(20);
  for (const serial of serials) expect(serial).toMatch(/^[0-9A-F]{24,32}$/);
});

describe('a certificate is refused', () => {
  const fault = async (der: Uint8Array<ArrayBuffer>, options: Partial<VerifyClientOptions> = {}) => {
    const result = await verifyClientCertificate(der, { anchors: [anchor], now: NOW, purpose: 'request', ...options });
    return result.ok ? 'none' : result.fault;
  };

  test('after its notAfter and well before its notBefore, not at its ends', async () => {
    const der = await issue(await createTemplate());
    const start = Date.parse('2027-01-01T00:00:00Z');
    expect(await fault(der, { now: start + 10_000 })).toBe('none');
    expect(await fault(der, { now: start + 10_001 })).toBe('expired');
    expect(await fault(der, { now: start - 2_000 })).toBe('none');
    expect(await fault(der, { now: start - 2_001 })).toBe('not-yet-valid');
  });

  test('when it is for whoami and wanted for a request, or the other way round', async () => {
    const template = await createTemplate();
    // Valid otherwise, and beside one that is remembered.
    const subjects = new LruCache<Subject>(10);
    expect(await fault(await issue(template), { subjects })).toBe('none');
    const whoami = await issue(template, NOW, issuer, { purpose: 'whoami' });
    expect(await fault(whoami, { subjects })).toBe('wrong-purpose');
    expect(await fault(await issue(template), { purpose: 'whoami' })).toBe('wrong-purpose');
    expect(await fault(whoami, { purpose: 'whoami' })).toBe('none');
  });

  test('when it is valid for more than five minutes', async () => {
    const template = await createTemplate();
    expect(await fault(await issue(template, NOW, issuer, { seconds: 300 }))).toBe('none');
    expect(await fault(await issue(template, NOW, issuer, { seconds: 301 }))).toBe('lifetime-too-long');
    const nonce = newNonce(NOW);
    expect(await fault(await issue(template, NOW, issuer, { seconds: 301, nonce }))).toBe('lifetime-too-long');
  });

  test("when it is an origin's", async () => {
    for (const keyUsage of ['digitalSignature', 'keyAgreement'] as const) {
      const { certificate } = await certify({ issuer, certificate: '' }, { keyUsage });
      const [der = expect.unreachable()] = parsePem('CERTIFICATE', certificate);
      const expected = keyUsage === 'keyAgreement' ? 'wrong-purpose' : 'not-a-client-certificate';
      expect(await fault(der, { now: Date.now(), purpose: 'whoami' })).toBe(expected);
      expect(await fault(der, { now: Date.now() })).not.toBe('none');
    }
  });

  test('when another authority issued it, of the same name or not', async () => {
    const { issuer: other } = await createIssuer();
    const der = await issue(await createTemplate(), NOW, other);
    expect(await fault(der)).toBe('issuer-unknown');
    expect(await fault(der, { anchors: [] })).toBe('issuer-unknown');
    expect(await fault(der, { anchors: [anchor, other.anchor] })).toBe('none');
    expect(await fault(await issue(await createTemplate(), NOW, await createPretender()))).toBe('signature-bad');
  });

  test('when its holder is known, and it is not signed, or not of the time', async () => {
    const template = await createTemplate();
    const subjects = new LruCache<Subject>(10);
    expect(await fault(await issue(template), { subjects })).toBe('none');
    expect(await fault(await issue(template, NOW, await createPretender()), { subjects })).toBe('signature-bad');
    expect(await fault(await issue(template, NOW - 20_000), { subjects })).toBe('expired');
  });

  test('without a trace, when it is forged: no client that is remembered makes room', async () => {
    const subjects = new LruCache<Subject>(1);
    const template = await createTemplate();
    const { publicKey } = await verified(await issue(template), subjects);
    const pretender = await createPretender();
    for (let i = 0; i < 3; i++) {
      expect(await fault(await issue(await createTemplate(), NOW, pretender), { subjects })).toBe('signature-bad');
    }
    expect((await verified(await issue(template), subjects)).publicKey).toBe(publicKey);
  });

  test('when the authority itself has expired, or is not valid yet', async () => {
    for (const now of [anchor.notAfter + 1000, anchor.notBefore - 1000]) {
      expect(await fault(await issue(await createTemplate(), now), { now })).toBe('authority-expired');
    }
  });

  test.each(['unknown', 'known'])('when a bit of it is altered, wherever, its holder being %s', async (holder) => {
    const der = await issue(await createTemplate());
    const subjects = new LruCache<Subject>(10);
    if (holder === 'known') expect(await fault(der, { subjects })).toBe('none');
    for (let at = 0; at < der.length; at++) {
      const altered = der.slice();
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect(await fault(altered, { subjects })).not.toBe('none');
    }
  });

  test("when it is the authority's own, or one that says no identity", async () => {
    expect(await fault(anchor.certificate)).toBe('issuer-unknown');
    const unnamed = await createTemplate({ owner: '', organization: 'example.com', scopes: [] });
    expect(await fault(await issue(unnamed))).toBe('identity-malformed');
  });

  test('when its key usage is not that of its key', async () => {
    const { subject, spki } = parseSubjectTemplate(await createTemplate());
    const { publicKey } = await createKey('RSA-2048');
    // The key usage is that of RSA, the key is not.
    const mixed = encodeSubjectTemplate({
      subject,
      publicKey: { ...publicKey, spki: parsePublicKey(spki).spki },
      keyIdentifier: new Uint8Array(20),
      identity: IDENTITY,
    });
    expect(await fault(await issue(mixed))).toBe('not-a-client-certificate');
  });

  test('when it is no certificate', async () => {
    expect(await fault(new Uint8Array(0))).toBe('malformed');
    expect(await fault(crypto.getRandomValues(new Uint8Array(500)))).toBe('malformed');
  });
});

test('a key that is not that of the certificate is not taken for issuing', async () => {
  const { key } = await createAuthority('another');
  const [pkcs8 = expect.unreachable()] = parsePem('PRIVATE KEY', key);
  await expect(importIssuer(anchor, pkcs8)).rejects.toThrow('AUTHORITY_KEY is not the key of the first certificate');
});
