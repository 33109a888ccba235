import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  type Extension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../../../scripts/certificates.ts';
import { encodePem, PemError } from '../../../shared/encoding/pem.ts';
import { parseTrustAnchors, TrustAnchorError } from '../../../shared/x509/trust-anchor.ts';

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const RSA_1024 = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 1024,
  publicExponent: Uint8Array.of(1, 0, 1),
};

async function selfSigned(
  extensions: (keys: CryptoKeyPair) => Promise<Extension[]>,
  algorithm: typeof P256 | typeof RSA_1024 = P256,
): Promise<string> {
  const keys = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=authority',
    notBefore: new Date(0),
    notAfter: new Date(1000),
    signingAlgorithm: algorithm,
    keys,
    extensions: await extensions(keys),
  });
  return certificate.toString('pem');
}

let first: string;
let second: string;
beforeAll(async () => {
  [first, second] = (await Promise.all([createAuthority('first'), createAuthority('second', 'RSA-2048')])).map(
    ({ certificate }) => `${certificate}\n`,
  ) as [string, string];
});

test('certificates of authorities are read in their order, with what verifying needs', () => {
  const [one, two, ...more] = parseTrustAnchors(`first:\n${first}second:\n${second}`);
  expect(more).toEqual([]);
  expect([one.publicKey.keyType, two?.publicKey.keyType]).toEqual(['P-256', 'RSA-2048']);
  expect(one.keyIdentifier).toHaveLength(20);
  expect(one.notAfter - one.notBefore).toBeGreaterThan(0);
  expect(one.scheme.keyAlgorithm).toMatchObject({ name: 'ECDSA', hash: 'SHA-256' });
});

describe('is refused, in a sentence:', () => {
  test('a text without a certificate', () => {
    expect(() => parseTrustAnchors('')).toThrow('there is no certificate in PEM in it');
  });

  test('two certificates without a line end between them', () => {
    expect(() => parseTrustAnchors(first.trimEnd() + second)).toThrow(PemError);
  });

  test('what is no certificate', () => {
    expect(() => parseTrustAnchors(encodePem('CERTIFICATE', new Uint8Array(10)))).toThrow('it is not a v3 certificate');
  });

  test('a certificate that is not of a CA, one without basicConstraints, and one without an identifier of its key', async () => {
    const identifier = (keys: CryptoKeyPair) => SubjectKeyIdentifierExtension.create(keys.publicKey);
    const endEntity = await selfSigned(async (keys) => [new BasicConstraintsExtension(false), await identifier(keys)]);
    expect(() => parseTrustAnchors(endEntity)).toThrow('it is not the certificate of a CA');
    const bare = await selfSigned(async (keys) => [await identifier(keys)]);
    expect(() => parseTrustAnchors(bare)).toThrow('it is not the certificate of a CA');
    const unnamed = await selfSigned(async () => [new BasicConstraintsExtension(true)]);
    expect(() => parseTrustAnchors(unnamed)).toThrow('its subjectKeyIdentifier is malformed');
    expect(() => parseTrustAnchors(first + unnamed)).toThrow(TrustAnchorError);
  });

  test('an RSA key of 1024 bits', async () => {
    const extensions = async (keys: CryptoKeyPair) => [
      new BasicConstraintsExtension(true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ];
    const weak = await selfSigned(extensions, RSA_1024);
    expect(() => parseTrustAnchors(weak)).toThrow('its RSA key has 1024 bits, below 2048');
    expect(parseTrustAnchors(await selfSigned(extensions))).toHaveLength(1);
  });
});
