/** Certificates, CSRs and PEM: all that is written here, other libraries read back and verify. */

import 'reflect-metadata';
import { createPublicKey, X509Certificate as NodeCertificate } from 'node:crypto';
import { Pkcs10CertificateRequest, X509Certificate } from '@peculiar/x509';
import fc from 'fast-check';
import { type AltName, Certificate, CertificationRequest, type RelativeDistinguishedNames } from 'pkijs';
import { beforeAll, expect, test } from 'vitest';
import { type AuthorityKeyType, createAuthority } from '../../scripts/certificates.ts';
import { hex } from '../../shared/encoding/bytes.ts';
import { encodePem, parsePem } from '../../shared/encoding/pem.ts';
import { isValidIdentity } from '../../shared/protocol/identity.ts';
import { createCsr } from '../../shared/x509/csr.ts';
import { parseTrustAnchors } from '../../shared/x509/trust-anchor.ts';
import { type Issuer, importIssuer } from '../../workers/authority/issuance/issuer.ts';
import { encodeSubjectTemplate } from '../../workers/authority/issuance/subject-template.ts';
import { verifyCsr } from '../../workers/authority/registration/csr-policy.ts';
import { type Shape, shapeOf } from '../support/asn1-shape.ts';
import { issue } from '../support/issuing.ts';
import { createKey, SEALING_KEY_TYPES, type SealingKeyType, type TestKey } from '../support/keys.ts';
import { openssl } from '../support/openssl.ts';

const AUTHORITY_KEY_TYPES: readonly AuthorityKeyType[] = ['P-256', 'P-384', 'RSA-2048'];
const SUBJECT_ALT_NAME = '2.5.29.17';

let keys: TestKey<SealingKeyType>[];
let authorities: { issuer: Issuer; pem: string }[];
beforeAll(async () => {
  keys = await Promise.all(SEALING_KEY_TYPES.map((keyType) => createKey(keyType)));
  authorities = await Promise.all(
    AUTHORITY_KEY_TYPES.map(async (keyType) => {
      const { key, certificate } = await createAuthority('CALE test authority', keyType);
      const [pkcs8] = parsePem('PRIVATE KEY', key);
      if (pkcs8 === undefined) throw new Error('no private key');
      return { issuer: await importIssuer(parseTrustAnchors(certificate)[0], pkcs8), pem: certificate };
    }),
  );
});

function at<T>(list: readonly T[], index: number): T {
  const element = list[index % list.length];
  if (element === undefined) throw new Error('an empty list');
  return element;
}

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
const scope = fc.stringMatching(/^[\x21\x23-\x5b\x5d-\x7e]{1,20}$/);
/** Any character but controls, whole planes of Unicode included. */
const identity = fc
  .record({
    owner: fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    organization: fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.')),
    scopes: fc.array(scope, { maxLength: 5 }),
  })
  .filter(isValidIdentity);
const device = fc.string({ unit: 'binary', maxLength: 40 });
const index = fc.nat({ max: 1000 });
const time = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2090, 0) });
const lifetimeSeconds = fc.nat({ max: 300 });

/** Type and text of each attribute, as pkijs reads them. */
const attributesOf = ({ typesAndValues }: RelativeDistinguishedNames): [string, string][] =>
  typesAndValues.map(({ type, value }) => [type, value.valueBlock.value]);

async function csrOf(key: TestKey, name: string) {
  const verified = await verifyCsr(await createCsr(key.pair, name));
  return verified.ok ? verified.value : expect.unreachable(verified.fault);
}

test('a certificate is read alike, and verified, by node:crypto, @peculiar/x509 and pkijs', async () => {
  const property = fc.asyncProperty(
    identity,
    device,
    time,
    lifetimeSeconds,
    index,
    async (who, name, notBefore, seconds, which) => {
      const { issuer, pem } = at(authorities, which);
      const key = at(keys, which >> 2);
      const template = encodeSubjectTemplate({ ...(await csrOf(key, name)), identity: who });
      const der = await issue(issuer, template, { notBefore, seconds });
      const validity = [notBefore, notBefore + seconds * 1000].map((ms) => new Date(Math.floor(ms / 1000) * 1000));

      const node = new NodeCertificate(der);
      const authority = new NodeCertificate(pem);
      expect(node.verify(authority.publicKey)).toBe(true);
      expect(node.checkIssued(authority)).toBe(true);
      expect([node.validFromDate, node.validToDate]).toEqual(validity);
      expect(node.publicKey.equals(createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' }))).toBe(
        true,
      );
      expect(node.ca).toBe(false);

      const peculiar = new X509Certificate(der);
      expect(await peculiar.verify({ publicKey: new X509Certificate(pem), signatureOnly: true })).toBe(true);
      expect([peculiar.notBefore, peculiar.notAfter]).toEqual(validity);
      expect(peculiar.subjectName.getField('CN')).toEqual(name === '' ? [] : [name]);

      const pki = Certificate.fromBER(der);
      expect(await pki.verify(Certificate.fromBER(new X509Certificate(pem).rawData))).toBe(true);
      expect([pki.notBefore.value, pki.notAfter.value]).toEqual(validity);
      // UTCTime is type 0, GeneralizedTime type 1 (RFC 5280 4.1.2.5).
      expect([pki.notBefore.type, pki.notAfter.type]).toEqual(
        validity.map((date) => (date.getUTCFullYear() < 2050 ? 0 : 1)),
      );
      expect(attributesOf(pki.subject)).toEqual(name === '' ? [] : [['2.5.4.3', name]]);
      const san = pki.extensions?.find(({ extnID }) => extnID === SUBJECT_ALT_NAME);
      expect(san?.critical).toBe(name === '');
      const [directoryName, ...others] = (san?.parsedValue as AltName | undefined)?.altNames ?? [];
      expect(others).toEqual([]);
      expect(attributesOf(directoryName?.value)).toEqual([
        ...who.organization
          .split('.')
          .reverse()
          .map((dc) => ['0.9.2342.19200300.100.1.25', dc]),
        ...who.scopes.map((ou) => ['2.5.4.11', ou]),
        ['2.5.4.3', who.owner],
      ]);

      const serialNumbers = [node.serialNumber, peculiar.serialNumber, hex(pki.serialNumber.valueBlock.valueHexView)];
      const [serialNumber, ...same] = serialNumbers.map((digits) => BigInt(`0x${digits}`));
      expect(same).toEqual([serialNumber, serialNumber]);
    },
  );
  await fc.assert(property, {
    numRuns: 100,
    // The two forms of time in one certificate.
    examples: [
      [{ owner: 'Ł', organization: 'example.com', scopes: [] }, '', Date.UTC(2049, 11, 31, 23, 59, 55), 10, 0],
    ],
  });
});

/** RFC 3279 2.2.1 and RFC 5758 3.2: the parameters are NULL for RSA, and absent for ECDSA. */
const SIGNATURE_ALGORITHMS: Record<SealingKeyType, Shape> = {
  'RSA-2048': ['SEQUENCE', '1.2.840.113549.1.1.11', 'NULL'],
  'P-256': ['SEQUENCE', '1.2.840.10045.4.3.2'],
  'P-384': ['SEQUENCE', '1.2.840.10045.4.3.3'],
  'P-521': ['SEQUENCE', '1.2.840.10045.4.3.4'],
};

test('a CSR is read and verified by @peculiar/x509 and pkijs, and is laid out as RFC 2986 has it', async () => {
  const property = fc.asyncProperty(device, index, async (name, which) => {
    const key = at(keys, which);
    const der = await createCsr(key.pair, name);
    const peculiar = new Pkcs10CertificateRequest(der);
    expect(await peculiar.verify()).toBe(true);
    expect(peculiar.subjectName.getField('CN')).toEqual(name === '' ? [] : [name]);
    expect(hex(new Uint8Array(peculiar.publicKey.rawData))).toBe(hex(key.spki));
    const pki = CertificationRequest.fromBER(der);
    expect(await pki.verify()).toBe(true);
    expect(attributesOf(pki.subject)).toEqual(name === '' ? [] : [['2.5.4.3', name]]);
    const [, info, algorithm] = shapeOf(der);
    // Without attributes there is an empty set of them all the same (RFC 2986 4.1).
    expect(info).toEqual(['SEQUENCE', 'INTEGER 0', expect.anything(), expect.anything(), ['[0]']]);
    expect(algorithm).toEqual(SIGNATURE_ALGORITHMS[key.keyType]);
  });
  await fc.assert(property, { numRuns: 100, examples: [['', 0]] });
});

test('PEM is read by openssl, and read from it', async () => {
  const property = fc.asyncProperty(device, index, async (name, which) => {
    const der = await createCsr(at(keys, which).pair, name);
    const pem = encodePem('CERTIFICATE REQUEST', der);
    const read = await openssl(['req', '-inform', 'PEM', '-outform', 'DER'], pem);
    expect(hex(read)).toBe(hex(der));
    const written = String(await openssl(['req', '-inform', 'DER', '-outform', 'PEM'], der));
    expect(written).toBe(pem);
    expect(parsePem('CERTIFICATE REQUEST', written).map(hex)).toEqual([hex(der)]);
  });
  await fc.assert(property, { numRuns: 25 });
});
