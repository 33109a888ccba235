import { beforeAll, describe, expect, test } from 'vitest';
import { admit } from '../../../origin/admit.ts';
import { createParty, type Party } from '../../../origin/options.ts';
import { PemError } from '../../../shared/encoding/pem.ts';
import { encodeCalePem } from '../../../shared/protocol/cale-pem.ts';
import { newNonce } from '../../../shared/protocol/nonce.ts';
import type { Issue } from '../../../workers/authority/issuance/issue.ts';
import type { SubjectTemplate } from '../../../workers/authority/issuance/subject-template.ts';
import { createIssuer, createTemplate, IDENTITY, issue, type TestIssuer } from '../../support/issuing.ts';

const CIPHER = 'AEAD-AES256-GCM-SHA384';

let authority: TestIssuer;
let template: SubjectTemplate;
let origin: Party;
let resource: Party;
let calePem: string;
beforeAll(async () => {
  authority = await createIssuer();
  template = await createTemplate();
  origin = createParty({ authorities: authority.certificate });
  resource = createParty({ authorities: authority.certificate, answers: 'clear' });
  calePem = await issued();
});

const issued = async (changes: Partial<Issue> = {}) =>
  encodeCalePem(await issue(authority.issuer, template, { seconds: 300, ...changes }));
const ask = (headers: Record<string, string>, party = origin) =>
  admit(new Request('https://origin/', { headers }), party);

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

test('a party that answers in the clear lets a request in that names no cipher', async () => {
  expect(await ask({ 'CALE-PEM': calePem }, resource)).toMatchObject({
    ok: true,
    value: { client: IDENTITY, encryption: undefined },
  });
});

test('a certificate that is tied to a nonce is let in with its nonce', async () => {
  const nonce = newNonce(Date.now());
  const headers = { 'CALE-PEM': await issued({ nonce }), Cipher: CIPHER, 'CALE-Nonce': nonce };
  expect(await ask(headers)).toMatchObject({ ok: true, value: { client: { nonce } } });
});

test('a certificate that is tied to none is let in beside a nonce', async () => {
  const headers = { 'CALE-PEM': calePem, Cipher: CIPHER, 'CALE-Nonce': newNonce(Date.now()) };
  expect(await ask(headers)).toMatchObject({ ok: true, value: { client: { nonce: undefined } } });
});

describe('a request is refused', () => {
  test.each([
    ['without a certificate', {}, 'certificate-missing'],
    ['with an empty one', { 'CALE-PEM': '""' }, 'certificate-missing'],
    ['with one that is not base64', { 'CALE-PEM': '"*"' }, 'certificate-missing'],
    ['with what is none', { 'CALE-PEM': '"MAA="' }, 'malformed'],
  ])('%s', async (_, headers, fault) => {
    expect(await ask({ Cipher: CIPHER, ...headers })).toEqual({ ok: false, fault });
  });

  test('for a cipher that is not accepted, which is not taken for none', async () => {
    for (const cipher of ['RC4-SHA', 'nonsense', '']) {
      expect(await ask({ 'CALE-PEM': calePem, Cipher: cipher })).toEqual({ ok: false, fault: 'cipher-not-accepted' });
    }
  });

  test('without a cipher, because an answer in the clear would be for the edge to read', async () => {
    expect(await ask({ 'CALE-PEM': calePem })).toEqual({ ok: false, fault: 'cipher-missing' });
  });

  test('with a cipher, by a party that answers in the clear', async () => {
    const headers = { 'CALE-PEM': calePem, Cipher: CIPHER };
    expect(await ask(headers, resource)).toEqual({ ok: false, fault: 'cipher-not-expected' });
  });

  test('with the certificate of another authority', async () => {
    const { certificate } = await createIssuer();
    const other = createParty({ authorities: certificate });
    expect(await ask({ 'CALE-PEM': calePem, Cipher: CIPHER }, other)).toEqual({ ok: false, fault: 'issuer-unknown' });
  });

  test('with the certificate of another request, or of one that is not named', async () => {
    const [nonce, other] = [newNonce(Date.now()), newNonce(Date.now())];
    const headers = { 'CALE-PEM': await issued({ nonce }), Cipher: CIPHER };
    const refusal = { ok: false, fault: 'certificate-of-another-request' };
    for (const value of [other, '', `${nonce}, ${nonce}`]) {
      expect(await ask({ ...headers, 'CALE-Nonce': value })).toEqual(refusal);
    }
    expect(await ask(headers)).toEqual(refusal);
    expect(await ask({ 'CALE-PEM': headers['CALE-PEM'] }, resource)).toEqual(refusal);
  });

  test('with a certificate for whoami', async () => {
    const whoami = await issued({ purpose: 'whoami' });
    expect(await ask({ 'CALE-PEM': whoami, Cipher: CIPHER })).toEqual({ ok: false, fault: 'wrong-purpose' });
  });
});

test('a list of authorities that is none is refused at once', () => {
  expect(() => createParty({ authorities: authority.certificate.trimEnd() + authority.certificate })).toThrow(PemError);
});
