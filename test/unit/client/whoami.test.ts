import { beforeAll, describe, expect, test } from 'vitest';
import type { Account } from '../../../client/account.ts';
import { CaleError } from '../../../client/errors.ts';
import { readWhoami } from '../../../client/whoami.ts';
import { importPrivateKey } from '../../../shared/cms/recipients/recipients.ts';
import { keyIdentifier } from '../../../shared/crypto/keys/public-key.ts';
import { utf8 } from '../../../shared/encoding/bytes.ts';
import { encodePem } from '../../../shared/encoding/pem.ts';
import { type Nonce, newNonce } from '../../../shared/protocol/nonce.ts';
import { encodeCommonName } from '../../../shared/x509/name.ts';
import type { Issue } from '../../../workers/authority/issuance/issue.ts';
import { encodeSubjectTemplate, type SubjectTemplate } from '../../../workers/authority/issuance/subject-template.ts';
import { createIssuer, createTemplate, IDENTITY, issue, type TestIssuer } from '../../support/issuing.ts';
import { createKey } from '../../support/keys.ts';

const NOW = Date.UTC(2027, 0, 1);
const NONCE = newNonce(NOW);

let authority: TestIssuer;
let account: Account;
let template: SubjectTemplate;
beforeAll(async () => {
  authority = await createIssuer();
  const { publicKey, pkcs8 } = await createKey('P-256');
  const identifier = await keyIdentifier(publicKey);
  template = encodeSubjectTemplate({
    subject: encodeCommonName('phone'),
    publicKey,
    keyIdentifier: identifier,
    identity: IDENTITY,
  });
  account = {
    edge: 'https://api.example.com',
    name: 'default',
    guid: crypto.randomUUID(),
    authorities: authority.certificate,
    registeredAt: NOW,
    key: await importPrivateKey(identifier, pkcs8, crypto.subtle),
  };
});

/** The content of an answer: a certificate that has expired when it is issued. */
const contentOf = async (of = template, by = authority, changes: Partial<Issue> = {}) => {
  const whoami = { purpose: 'whoami', notBefore: NOW, seconds: 0, nonce: NONCE } as const;
  return utf8(encodePem('CERTIFICATE', await issue(by.issuer, of, { ...whoami, ...changes })));
};
const read = (content: Uint8Array<ArrayBuffer>, nonce: string = NONCE) =>
  readWhoami(content, account, nonce, crypto.subtle);
const codeOf = (content: Uint8Array<ArrayBuffer>, nonce?: Nonce): Promise<string> =>
  read(content, nonce).then(
    (whoami) => (whoami === undefined ? 'authority unknown' : 'read'),
    (error: unknown) => (error instanceof CaleError ? error.code : String(error)),
  );

test('the certificate says who, and is handed on', async () => {
  const content = await contentOf();
  expect(await read(content)).toEqual({
    ...IDENTITY,
    device: 'CN=phone',
    notBefore: new Date(NOW),
    notAfter: new Date(NOW),
    pem: new TextDecoder().decode(content),
  });
});

describe('is unreadable, as an answer that cannot be opened:', () => {
  test.each([
    ['nothing', new Uint8Array(0)],
    ['a text', utf8('hello')],
    ['bytes that are no UTF-8', Uint8Array.of(0xff, 0xfe)],
    ['PEM of something else', utf8(encodePem('CERTIFICATE', Uint8Array.of(0x30, 0)))],
    ['another block', utf8(encodePem('PUBLIC KEY', Uint8Array.of(0x30, 0)))],
  ])('%s', async (_, content) => {
    expect(await codeOf(content)).toBe('unreadable');
  });

  test('two certificates', async () => {
    const content = await contentOf();
    expect(await codeOf(Uint8Array.from([...content, ...content]))).toBe('unreadable');
  });

  test('a certificate of another key', async () => {
    expect(await codeOf(await contentOf(await createTemplate()))).toBe('unreadable');
  });

  test('a certificate for a request', async () => {
    expect(await codeOf(await contentOf(template, authority, { purpose: 'request' }))).toBe('unreadable');
  });

  test('the answer to an earlier whoami, and one that names no request', async () => {
    expect(await codeOf(await contentOf(), newNonce(NOW))).toBe('unreadable');
    expect(await codeOf(await contentOf(template, authority, { nonce: undefined }))).toBe('unreadable');
  });
});

describe('is of an authority that may have become known since:', () => {
  test('a certificate of another authority, of the same name', async () => {
    expect(await codeOf(await contentOf(template, await createIssuer()))).toBe('authority unknown');
  });

  test("the authority's own certificate", async () => {
    expect(await codeOf(utf8(authority.certificate))).toBe('authority unknown');
  });
});

test('an authority that the pinned one certified is trusted as well', async () => {
  const issuers = await createIssuer();
  const content = await contentOf(template, issuers);
  const trusting = { ...account, issuers: issuers.certificate };
  expect(await readWhoami(content, trusting, NONCE, crypto.subtle)).toMatchObject(IDENTITY);
});
