import { beforeAll, describe, expect, test } from 'vitest';
import { admit, createTrust, type Trust } from '../../../origin/admit.ts';
import { PemError } from '../../../shared/encoding/pem.ts';
import { encodeCalePem } from '../../../shared/protocol/cale-pem.ts';
import { issueCertificate } from '../../../workers/authority/issuance/issue.ts';
import { createIssuer, createTemplate, IDENTITY, type TestIssuer } from '../../support/issuing.ts';

let authority: TestIssuer;
let trust: Trust;
let calePem: string;
beforeAll(async () => {
  authority = await createIssuer();
  trust = createTrust(authority.certificate);
  const lifetime = { notBefore: Date.now(), seconds: 300 };
  calePem = encodeCalePem(await issueCertificate(authority.issuer, await createTemplate(), lifetime));
});

const ask = (headers: Record<string, string>) => admit(new Request('https://origin/', { headers }), trust);

test.each([
  ['ECDHE-RSA-AES256-SHA', 'AES-256-CBC'],
  ['AEAD-AES128-GCM-SHA256', 'AES-128-GCM'],
])(
  'a request with a good certificate and the cipher %s is let in, to be answered in %s',
  async (cipher, encryption) => {
    expect(await ask({ 'CALE-PEM': calePem, Cipher: cipher })).toMatchObject({
      ok: true,
      value: { client: IDENTITY, encryption },
    });
  },
);

test('a request without a cipher is let in, to be answered in the clear', async () => {
  expect(await ask({ 'CALE-PEM': calePem })).toMatchObject({
    ok: true,
    value: { client: IDENTITY, encryption: undefined },
  });
});

describe('a request is refused', () => {
  test.each([
    ['without a certificate', {}, 'certificate-missing'],
    ['with an empty one', { 'CALE-PEM': '""' }, 'certificate-missing'],
    ['with one that is not base64', { 'CALE-PEM': '"*"' }, 'certificate-missing'],
    ['with what is none', { 'CALE-PEM': '"MAA="' }, 'malformed'],
  ])('%s', async (_, headers, fault) => {
    expect(await ask(headers)).toEqual({ ok: false, fault });
  });

  test('for a cipher that is not accepted, which is not taken for none', async () => {
    for (const cipher of ['RC4-SHA', 'nonsense', '']) {
      expect(await ask({ 'CALE-PEM': calePem, Cipher: cipher })).toEqual({ ok: false, fault: 'cipher-not-accepted' });
    }
  });

  test('with the certificate of another authority', async () => {
    const { certificate } = await createIssuer();
    const request = new Request('https://origin/', { headers: { 'CALE-PEM': calePem } });
    expect(await admit(request, createTrust(certificate))).toEqual({ ok: false, fault: 'issuer-unknown' });
  });
});

test('a list of authorities that is none is refused at once', () => {
  expect(() => createTrust(authority.certificate.trimEnd() + authority.certificate)).toThrow(PemError);
});
