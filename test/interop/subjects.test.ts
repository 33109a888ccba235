/** Subjects of CSRs: those that are accepted become subjects of certificates, and openssl loads each of these. */

import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { element, encode, sequence } from '../../shared/encoding/der/writer.ts';
import { encodeRdn } from '../../shared/x509/name.ts';
import { encodeSubjectTemplate } from '../../workers/authority/issuance/subject-template.ts';
import { verifyCsr } from '../../workers/authority/registration/csr-policy.ts';
import { encodeInfo, signCsr } from '../support/csr.ts';
import { createIssuer, IDENTITY, issue, type TestIssuer } from '../support/issuing.ts';
import { createKey, type TestKey } from '../support/keys.ts';
import { type Outcome, tryOpenssl } from '../support/openssl.ts';

type Bytes = Uint8Array<ArrayBuffer>;

let issuer: TestIssuer['issuer'];
let key: TestKey;
beforeAll(async () => {
  [{ issuer }, key] = await Promise.all([createIssuer(), createKey('P-256')]);
});

const nameOf = (type: string, tag: number, content: Uint8Array): Bytes =>
  encode(sequence(encodeRdn(type, element(tag, content))));

/** @returns DER of the certificate for whoami that a credential with the subject would get. */
async function certify(subject: Bytes): Promise<Bytes> {
  const keyIdentifier = new Uint8Array(20);
  const template = encodeSubjectTemplate({ subject, publicKey: key.publicKey, keyIdentifier, identity: IDENTITY });
  return issue(issuer, template, { purpose: 'whoami', seconds: 0 });
}

async function load(subject: Bytes): Promise<Outcome> {
  const der = await certify(subject);
  const options = ['-noout', '-subject', '-nameopt', 'utf8,sep_comma_plus'];
  return tryOpenssl(['x509', '-inform', 'DER', ...options], der);
}

const isRegistered = async (subject: Bytes): Promise<boolean> =>
  (await verifyCsr(await signCsr(key, encodeInfo(key.spki, subject)))).ok;

const CN = '2.5.4.3';

test.each([
  ['an INTEGER', 0x02, '05'],
  ['a VisibleString', 0x1a, '61'],
  ['a BMPString with a pair of surrogates', 0x1e, 'd83dde00'],
  ['a BMPString with half a pair', 0x1e, 'd83d'],
  ['a BMPString of an odd length', 0x1e, '006100'],
  ['a UTF8String that is not UTF-8', 0x0c, 'ff'],
])('%s in a certificate is not loaded by openssl, and registers nothing', async (_, tag, digits) => {
  const subject = nameOf(CN, tag, Buffer.from(digits, 'hex'));
  const { ok, stderr } = await load(subject);
  expect(ok).toBe(false);
  expect(stderr).toContain('Could not read certificate');
  expect(await isRegistered(subject)).toBe(false);
});

const UUID = `2.25.${BigInt('0x0f14d0ab9605473988c6dbb9e5a37f9b')}`;
test.each([
  ['a UTF8String', CN, 0x0c, 'c3a9f09f9880', 'CN=é😀'],
  ['a PrintableString', CN, 0x13, '2a2e61', 'CN=*.a'],
  ['a TeletexString in Latin-1', CN, 0x14, 'e9', 'CN=é'],
  ['an IA5String', '1.2.840.113549.1.9.1', 0x16, '6140', 'emailAddress=a@'],
  ['a NumericString', CN, 0x12, '3120', 'CN=1 '],
  ['a BMPString', CN, 0x1e, '00e90151', 'CN=éő'],
  ['a value of a type that is a UUID (X.667)', UUID, 0x0c, '78', `${UUID}=x`],
])('%s in a certificate is loaded by openssl, and registered', async (_, type, tag, digits, expected) => {
  const subject = nameOf(type, tag, Buffer.from(digits, 'hex'));
  expect(await isRegistered(subject)).toBe(true);
  const { ok, stdout } = await load(subject);
  expect([ok, String(stdout).replace(/\n$/, '')]).toEqual([true, `subject=${expected}`]);
});

test('all that is registered is loaded by the OpenSSL in Node', async () => {
  const content = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 6 }),
    fc.string({ unit: 'binary', maxLength: 6 }).map((text) => Uint8Array.from(Buffer.from(text, 'utf8'))),
    fc.string({ unit: 'binary', maxLength: 4 }).map((text) => Uint8Array.from(Buffer.from(text, 'utf16le').swap16())),
  );
  const value = fc.tuple(fc.constantFrom(0x02, 0x03, 0x0c, 0x12, 0x13, 0x14, 0x16, 0x1a, 0x1b, 0x1c, 0x1e), content);
  let loaded = 0;
  const property = fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 2 }), async (values) => {
    const subject = encode(sequence(...values.map(([tag, bytes]) => encodeRdn(CN, element(tag, bytes)))));
    if (!(await isRegistered(subject))) return;
    expect(new X509Certificate(await certify(subject)).subject).toMatch(/^CN=/);
    loaded++;
  });
  await fc.assert(property, { numRuns: 1000 });
  expect(loaded).toBeGreaterThan(100);
});
