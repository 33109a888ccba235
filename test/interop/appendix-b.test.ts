/** The draft's own messages (Appendix B), repaired as test/vectors/appendix-b/README.md tells. */

import { constants, createPrivateKey, createPublicKey, privateDecrypt, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../../scripts/development-secrets.ts';
import { ROOT } from '../../scripts/workers.ts';
import { hex } from '../../shared/bytes.ts';
import { readAuthorities } from '../../shared/certificate/authority.ts';
import { checkCertificate } from '../../shared/certificate/check.ts';
import { parseCertificate } from '../../shared/certificate/parse.ts';
import { readContentAlgorithm } from '../../shared/cms/content-algorithm.ts';
import { decryptContent } from '../../shared/cms/decrypt-content.ts';
import { OpenError, open } from '../../shared/cms/open.ts';
import { parseEnveloped } from '../../shared/cms/parse.ts';
import { checkCsr } from '../../shared/csr/check.ts';
import { decodeCsr } from '../../shared/csr/decode.ts';
import { DerReader } from '../../shared/der/read.ts';
import { keyIdentifier } from '../../shared/keys/public-key.ts';
import { RSA_OAEP_SHA256 } from '../../shared/keys/recipient.ts';
import { formatName, readName } from '../../shared/name/name.ts';
import { decodeBase64 } from '../../shared/wire/base64.ts';
import { calePemOf, parseCalePem } from '../../shared/wire/headers.ts';
import { decodePemBlocks, encodePem } from '../../shared/wire/pem.ts';
import { ask, type Harness, register, startHarness } from '../flow/harness.ts';
import { openssl, x509 } from './openssl.ts';

const path = (name: string): string => join(ROOT, 'test/vectors/appendix-b', name);
const text = (name: string): string => readFileSync(path(name), 'latin1');

const PRIVATE_KEY = createPrivateKey({ key: text('privkey.key'), passphrase: 'password' });
const MESSAGES = ['b13', 'b27', 'b33'] as const;
const messageOf = (name: string): Uint8Array<ArrayBuffer> => decodeBase64(text(`${name}-response.cms.b64`));

const decryptByOpenssl = async (message: Uint8Array): Promise<string> => {
  const key = ['-inkey', path('privkey.key'), '-passin', 'pass:password'];
  return String(await openssl(['cms', '-decrypt', '-binary', '-inform', 'DER', ...key], message));
};

function onlyBlock(label: string, name: string): Uint8Array<ArrayBuffer> {
  const [der] = decodePemBlocks(label, text(name));
  if (der === undefined) throw new Error(`${name} has no block`);
  return der;
}

async function checkedCsr() {
  const der = decodeCsr(Uint8Array.from(readFileSync(path('b11-client.csr.pem'))));
  if ('fault' in der) throw new Error(der.fault);
  const csr = await checkCsr(der);
  if ('fault' in csr) throw new Error(csr.fault);
  return csr;
}

describe('the CSR of B.1.1', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness();
  });
  afterAll(() => harness.server.close());

  test('is accepted, with the subject and the key that it was made with', async () => {
    const { subject, subjectPublicKeyInfo } = await checkedCsr();
    const printed = String(
      await openssl(['req', '-noout', '-subject', '-nameopt', 'RFC2253'], text('b11-client.csr.pem')),
    );
    expect(`subject=${formatName(readName(subject))}`).toBe(printed.trim());
    const spki = createPublicKey(PRIVATE_KEY).export({ format: 'der', type: 'spki' });
    expect(hex(subjectPublicKeyInfo)).toBe(spki.toString('hex'));
  });

  test("registers, and the draft's key opens what is answered to it with the draft's cipher", async () => {
    const tlsCipher = 'ECDHE-RSA-AES256-SHA';
    const registration = await register(harness, text('b11-client.csr.pem'), {}, tlsCipher);
    expect(registration.status).toBe(200);
    const guid = await decryptByOpenssl(decodeBase64(await registration.text()));
    expect(guid).toMatch(/^[0-9a-f-]{36}$/);
    const answer = await ask(harness, '/resource', guid, { tlsCipher });
    expect(await decryptByOpenssl(decodeBase64(await answer.text()))).toContain('"aggregate":{"foo":"bar"}');
  });
});

describe.each(MESSAGES)('the message %s', (name) => {
  const message = messageOf(name);
  const content = text(`${name}-content.txt`);

  test('is opened by openssl to the content that is written down', async () => {
    expect(await decryptByOpenssl(message)).toBe(content);
  });

  test('is read and decrypted, its key being transported by RSAES-PKCS1-v1_5 to an issuer and serial number', async () => {
    const { type, recipients, contentEncryptionAlgorithm, encryptedContent, mac } = parseEnveloped(message);
    expect(type).toBe('EnvelopedData');
    expect(recipients).toMatchObject([{ type: 'KeyTransRecipientInfo', keyIdentifier: undefined }]);
    const [recipient] = recipients;
    const { algorithm, nonce } = readContentAlgorithm(new DerReader(contentEncryptionAlgorithm));
    expect(algorithm.name).toBe('AES-256-CBC');
    const padding = constants.RSA_PKCS1_PADDING;
    const key = privateDecrypt({ key: PRIVATE_KEY, padding }, recipient?.encryptedKey ?? Buffer.alloc(0));
    const contentKey = await crypto.subtle.importKey('raw', Uint8Array.from(key), 'AES-CBC', false, ['decrypt']);
    const opened = await decryptContent(algorithm, contentKey, nonce, encryptedContent, mac);
    expect(Buffer.from(opened).toString('latin1')).toBe(content);
  });

  test('is refused by open, which takes nothing that seal would not write', async () => {
    const pkcs8 = PRIVATE_KEY.export({ format: 'der', type: 'pkcs8' });
    const key = await crypto.subtle.importKey('pkcs8', Uint8Array.from(pkcs8), RSA_OAEP_SHA256, false, ['decrypt']);
    const identifier = await keyIdentifier((await checkedCsr()).publicKey.bits);
    await expect(open(message, { algorithm: 'RSA', key, keyIdentifier: identifier })).rejects.toThrow(OpenError);
  });
});

describe('the certificate of B.2.3a', () => {
  const pem = text('b23a-certificate.pem');
  const der = onlyBlock('CERTIFICATE', 'b23a-certificate.pem');
  const certificate = parseCertificate(der);

  test('is read as openssl reads it, and is valid for the ten seconds that the draft gave it', async () => {
    expect(`serial=${hex(certificate.serialNumber).toUpperCase()}`).toBe(await x509(pem, '-serial'));
    for (const field of ['issuer', 'subject'] as const) {
      const printed = await x509(pem, `-${field}`, '-nameopt', 'RFC2253');
      expect(`${field}=${formatName(readName(certificate[field]))}`).toBe(printed);
    }
    const dates = (await x509(pem, '-dates')).split('\n');
    expect([certificate.notBefore, certificate.notAfter]).toEqual(
      dates.map((line) => Date.parse(line.slice(line.indexOf('=') + 1))),
    );
    // -startdate 180731190800Z -enddate 180731190810Z
    expect(certificate.notBefore).toBe(Date.UTC(2018, 6, 31, 19, 8, 0));
    expect(certificate.notAfter).toBe(Date.UTC(2018, 6, 31, 19, 8, 10));
  });

  test('has the key of the CSR, and its signature is over what is read as the signed part', async () => {
    expect(hex(certificate.subjectPublicKeyInfo)).toBe(hex((await checkedCsr()).subjectPublicKeyInfo));
    const spki = onlyBlock('PUBLIC KEY', 'authority-public-key.pem');
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey('spki', spki, algorithm, false, ['verify']);
    expect(await crypto.subtle.verify(algorithm, key, certificate.signature, certificate.tbs)).toBe(true);
    expect(new X509Certificate(pem).verify(createPublicKey(text('authority-public-key.pem')))).toBe(true);
  });

  test('goes through CALE-PEM as in B.2.4: base64 on one line in double quotes', () => {
    const oneLine = `"${pem.replace(/-----[^-]+-----|\s/g, '')}"`;
    expect(calePemOf(encodePem('CERTIFICATE', der))).toBe(oneLine);
    expect(hex(parseCalePem(oneLine) ?? new Uint8Array(0))).toBe(hex(der));
  });

  test('is refused, at the second that it was issued, by whoever does not trust its authority', async () => {
    const { notBefore } = certificate;
    expect(await checkCertificate(der, [], notBefore)).toEqual({ fault: 'issuer-unknown' });
    const foreign = readAuthorities((await createAuthority('authorization server')).certificate);
    expect(await checkCertificate(der, foreign, notBefore)).toEqual({ fault: 'issuer-unknown' });
  });
});
