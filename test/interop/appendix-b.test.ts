/** The draft's own messages (Appendix B), repaired as test/vectors/appendix-b/README.md tells. */

import { constants, createPrivateKey, createPublicKey, privateDecrypt, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../../scripts/certificates.ts';
import { ROOT } from '../../scripts/workers.ts';
import { parseContentEncryption } from '../../shared/cms/content-encryption.ts';
import { parseEnvelopedMessage } from '../../shared/cms/enveloped-data.ts';
import { OpenError, open } from '../../shared/cms/open.ts';
import { importPrivateKey } from '../../shared/cms/recipients/recipients.ts';
import { RSA_OAEP } from '../../shared/cms/recipients/rsa-oaep.ts';
import { parseBase64 } from '../../shared/encoding/base64.ts';
import { hex } from '../../shared/encoding/bytes.ts';
import { SEQUENCE } from '../../shared/encoding/der/tag.ts';
import { parsePem } from '../../shared/encoding/pem.ts';
import { encodeCalePem, parseCalePem } from '../../shared/protocol/cale-pem.ts';
import { verifyClientCertificate } from '../../shared/protocol/client-certificate.ts';
import { parseCertificate } from '../../shared/x509/certificate.ts';
import { formatName, parseName } from '../../shared/x509/name.ts';
import { parseTrustAnchors } from '../../shared/x509/trust-anchor.ts';
import { verifyCsr } from '../../workers/authority/registration/csr-policy.ts';
import { ask, type Harness, register, startHarness } from '../support/harness.ts';
import { openssl, x509 } from '../support/openssl.ts';

const path = (name: string): string => join(ROOT, 'test/vectors/appendix-b', name);
const text = (name: string): string => readFileSync(path(name), 'latin1');

const PRIVATE_KEY = createPrivateKey({ key: text('privkey.key'), passphrase: 'password' });
const MESSAGES = ['b13', 'b27', 'b33'] as const;
const messageOf = (name: string): Uint8Array<ArrayBuffer> => parseBase64(text(`${name}-response.cms.b64`));

const decryptByOpenssl = async (message: Uint8Array): Promise<string> => {
  const key = ['-inkey', path('privkey.key'), '-passin', 'pass:password'];
  return String(await openssl(['cms', '-decrypt', '-binary', '-inform', 'DER', ...key], message));
};

function onlyBlock(label: string, name: string): Uint8Array<ArrayBuffer> {
  const [der] = parsePem(label, text(name));
  if (der === undefined) throw new Error(`${name} has no block`);
  return der;
}

async function verifiedCsr() {
  const verified = await verifyCsr(Uint8Array.from(readFileSync(path('b11-client.csr.pem'))));
  return verified.ok ? verified.value : expect.unreachable(verified.fault);
}

describe('the CSR of B.1.1', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness();
  });
  afterAll(() => harness.server.close());

  test('is accepted, with the subject and the key that it was made with', async () => {
    const { subject, publicKey } = await verifiedCsr();
    const printed = String(
      await openssl(['req', '-noout', '-subject', '-nameopt', 'RFC2253'], text('b11-client.csr.pem')),
    );
    expect(`subject=${formatName(parseName(subject))}`).toBe(printed.trim());
    const spki = createPublicKey(PRIVATE_KEY).export({ format: 'der', type: 'spki' });
    expect(hex(publicKey.spki)).toBe(spki.toString('hex'));
  });

  test("registers, and the draft's key opens what is answered to it with the draft's cipher", async () => {
    const tlsCipher = 'ECDHE-RSA-AES256-SHA';
    const registration = await register(harness, text('b11-client.csr.pem'), {}, tlsCipher);
    expect(registration.status).toBe(200);
    const guid = await decryptByOpenssl(parseBase64(await registration.text()));
    expect(guid).toMatch(/^[0-9a-f-]{36}$/);
    const answer = await ask(harness, '/resource', guid, { tlsCipher });
    expect(await decryptByOpenssl(parseBase64(await answer.text()))).toContain('"aggregate":{"foo":"bar"}');
  });
});

describe.each(MESSAGES)('the message %s', (name) => {
  const message = messageOf(name);
  const content = text(`${name}-content.txt`);

  test('is opened by openssl to the content that is written down', async () => {
    expect(await decryptByOpenssl(message)).toBe(content);
  });

  test('is read and decrypted, its key being transported by RSAES-PKCS1-v1_5 to an issuer and serial number', async () => {
    const { isAuthenticated, recipientInfos, contentEncryptionAlgorithm, encrypted } = parseEnvelopedMessage(message);
    expect(isAuthenticated).toBe(false);
    const [info = expect.unreachable(), ...others] = recipientInfos;
    expect([info.tag, others]).toEqual([SEQUENCE, []]);
    const { keyIdentifier, encryptedKey } = RSA_OAEP.parse(info);
    expect(keyIdentifier).toBeUndefined();
    const { encryption, nonce } = parseContentEncryption(contentEncryptionAlgorithm);
    expect(encryption.name).toBe('AES-256-CBC');
    const padding = constants.RSA_PKCS1_PADDING;
    const key = privateDecrypt({ key: PRIVATE_KEY, padding }, encryptedKey);
    const contentKey = await crypto.subtle.importKey('raw', Uint8Array.from(key), 'AES-CBC', false, ['decrypt']);
    const opened = await encryption.cipher.decrypt(contentKey, nonce, encrypted, crypto.subtle);
    expect(Buffer.from(opened).toString('latin1')).toBe(content);
  });

  test('is refused by open, which takes nothing that seal would not write', async () => {
    const pkcs8 = PRIVATE_KEY.export({ format: 'der', type: 'pkcs8' });
    const { keyIdentifier } = await verifiedCsr();
    const key = await importPrivateKey(keyIdentifier, Uint8Array.from(pkcs8), crypto.subtle);
    await expect(open(message, key)).rejects.toThrow(OpenError);
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
      expect(`${field}=${formatName(parseName(certificate[field]))}`).toBe(printed);
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
    expect(hex(certificate.spki)).toBe(hex((await verifiedCsr()).publicKey.spki));
    const spki = onlyBlock('PUBLIC KEY', 'authority-public-key.pem');
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey('spki', spki, algorithm, false, ['verify']);
    expect(await crypto.subtle.verify(algorithm, key, certificate.signature, certificate.tbs)).toBe(true);
    expect(new X509Certificate(pem).verify(createPublicKey(text('authority-public-key.pem')))).toBe(true);
  });

  test('goes through CALE-PEM as in B.2.4: base64 on one line in double quotes', () => {
    const oneLine = `"${pem.replace(/-----[^-]+-----|\s/g, '')}"`;
    expect(encodeCalePem(der)).toBe(oneLine);
    expect(hex(parseCalePem(oneLine))).toBe(hex(der));
  });

  test('is refused, at the second that it was issued, by whoever does not trust its authority', async () => {
    const now = certificate.notBefore;
    const foreign = parseTrustAnchors((await createAuthority('authorization server')).certificate);
    for (const anchors of [[], foreign]) {
      expect(await verifyClientCertificate(der, { anchors, now, purpose: 'request' })).toEqual({
        ok: false,
        fault: 'issuer-unknown',
      });
    }
  });
});
