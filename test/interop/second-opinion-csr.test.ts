/** CSRs: @peculiar/x509 and openssl are asked whether a signature is good, and the rules here agree. */

import 'reflect-metadata';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { parsePem } from '../../shared/encoding/pem.ts';
import { verifyCsr } from '../../workers/authority/registration/csr-policy.ts';
import type { CsrFault } from '../../workers/authority/registration/csr-rules.ts';
import { encodeInfo, type Hash, joinCsr, type SignatureName, signCsr, splitCsr } from '../support/csr.ts';
import { createMalformedCsrs } from '../support/csr-cases.ts';
import { CSRS, isSuiteThere } from '../support/csr-suite.ts';
import { createKey, SEALING_KEY_TYPES, type TestKey } from '../support/keys.ts';
import { createClient, type OpensslClient, openssl, tryOpenssl } from '../support/openssl.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const faultOf = async (der: Bytes): Promise<CsrFault | 'none'> => {
  const verified = await verifyCsr(der);
  return verified.ok ? 'none' : verified.fault;
};

/** True when the signature is good, in the eyes of @peculiar/x509; false also for what it cannot read. */
async function isGoodToPeculiar(der: Bytes): Promise<boolean> {
  try {
    return await new Pkcs10CertificateRequest(der).verify();
  } catch {
    return false;
  }
}

const HASHES: Hash[] = ['SHA-256', 'SHA-384', 'SHA-512'];
const SIGNATURES: Record<'EC' | 'RSA', SignatureName[]> = {
  EC: HASHES.map((hash) => `ECDSA with ${hash}` as const),
  RSA: HASHES.flatMap((hash) => [`PKCS1 with ${hash}`, `PSS with ${hash}`] as const),
};

let keys: TestKey[];
beforeAll(async () => {
  keys = await Promise.all(SEALING_KEY_TYPES.map((keyType) => createKey(keyType)));
});

/** A good CSR for each key, signed in each way. */
const goodCsrs = (): Promise<{ readonly key: TestKey; readonly how: SignatureName; readonly der: Bytes }[]> =>
  Promise.all(
    keys.flatMap((key) =>
      SIGNATURES[key.publicKey.algorithm].map(async (how) => ({
        key,
        how,
        der: await signCsr(key, encodeInfo(key.spki), how),
      })),
    ),
  );

describe('@peculiar/x509 agrees', () => {
  test('on good CSRs, of each key and each way to sign', async () => {
    const csrs = await goodCsrs();
    expect(csrs).toHaveLength(15);
    for (const { key, how, der } of csrs) {
      const both = [await faultOf(der), await isGoodToPeculiar(der)];
      expect(both, `${key.keyType}, ${how}`).toEqual(['none', true]);
    }
  });

  test('on the same CSRs with the signature of another: of key, of content, of hash', async () => {
    for (const { key, how, der } of await goodCsrs()) {
      const parts = splitCsr(der);
      const other = await createKey(key.keyType);
      const otherHow = SIGNATURES[key.publicKey.algorithm].find((each) => each !== how);
      const bad = {
        'of another key': splitCsr(await signCsr(other, parts.info, how)).signature,
        'of another content': splitCsr(await signCsr(key, encodeInfo(key.spki, 'another phone'), how)).signature,
        'in another way': splitCsr(await signCsr(key, parts.info, otherHow)).signature,
      };
      for (const [name, signature] of Object.entries(bad)) {
        const altered = joinCsr({ ...parts, signature });
        const both = [await faultOf(altered), await isGoodToPeculiar(altered)];
        expect(both, `${key.keyType}, ${how}, ${name}`).toEqual(['csr-bad-signature', false]);
      }
    }
  });

  test('on CSRs of which a byte of the signed part is another one', async () => {
    const csrs = await goodCsrs();
    const property = fc.asyncProperty(fc.nat(csrs.length - 1), fc.nat(), fc.nat(7), async (which, at, bit) => {
      const { der } = csrs[which] ?? expect.unreachable();
      const { info } = splitCsr(der);
      const position = info.byteOffset - der.byteOffset + (at % info.length);
      const altered = der.with(position, (der[position] ?? 0) ^ (1 << bit)) as Bytes;
      expect([(await faultOf(altered)) === 'none', await isGoodToPeculiar(altered)]).toEqual([false, false]);
    });
    await fc.assert(property, { numRuns: 300 });
  });

  test('on all that is still accepted here when any byte is another one', async () => {
    const csrs = await goodCsrs();
    const property = fc.asyncProperty(fc.nat(csrs.length - 1), fc.nat(), fc.nat(255), async (which, at, byte) => {
      const { der } = csrs[which] ?? expect.unreachable();
      const altered = der.with(at % der.length, byte) as Bytes;
      if ((await faultOf(altered)) === 'none') expect(await isGoodToPeculiar(altered)).toBe(true);
    });
    await fc.assert(property, { numRuns: 300 });
  });

  test.skipIf(!isSuiteThere)('on the CSRs of other projects that come down to the signature', async () => {
    const counts = { none: 0, 'csr-bad-signature': 0 };
    for (const { name, body } of CSRS) {
      const text = Buffer.from(body).toString('latin1').replaceAll('NEW CERTIFICATE REQUEST', 'CERTIFICATE REQUEST');
      const fault = await faultOf(body);
      if (fault !== 'none' && fault !== 'csr-bad-signature') continue;
      counts[fault]++;
      const [der = body] = text.includes('-----BEGIN ') ? parsePem('CERTIFICATE REQUEST', text) : [];
      expect([name, await isGoodToPeculiar(der)]).toEqual([name, fault === 'none']);
    }
    expect(counts.none).toBeGreaterThanOrEqual(70);
    expect(counts['csr-bad-signature']).toBeGreaterThan(0);
  });
});

test('a lenient reader takes some of the encodings that are no DER, which are all refused here', async () => {
  const cases = await createMalformedCsrs();
  const taken: string[] = [];
  for (const { name, der, fault } of cases) {
    expect([name, await faultOf(der)]).toEqual([name, fault]);
    if (await isGoodToPeculiar(der)) taken.push(name);
  }
  expect(taken).toEqual(
    expect.arrayContaining([
      'a length of the whole in a byte too many',
      'an indefinite length of the whole',
      'a length of the algorithm in a byte too many',
      'an r with a needless zero byte',
    ]),
  );
});

describe('of openssl', () => {
  let client: OpensslClient;
  beforeAll(async () => {
    client = await createClient('RSA-2048');
  });

  const request = async (...options: string[]): Promise<Bytes> =>
    Uint8Array.from(
      await openssl(['req', '-new', '-key', client.key, '-subj', '/CN=phone', '-outform', 'DER', ...options]),
    );
  const pss = (...options: string[]) => ['rsa_padding_mode:pss', ...options].flatMap((option) => ['-sigopt', option]);

  test.each([
    ['PSS with SHA-256', 'none', ['-sha256', ...pss('rsa_pss_saltlen:digest')]],
    ['PSS with SHA-512', 'none', ['-sha512', ...pss('rsa_pss_saltlen:digest')]],
    ['PSS with the longest salt', 'none', ['-sha256', ...pss('rsa_pss_saltlen:max')]],
    ['PSS without salt', 'none', ['-sha256', ...pss('rsa_pss_saltlen:0')]],
    ['PSS with SHA-1 in MGF1', 'csr-unsupported-signature', ['-sha256', ...pss('rsa_mgf1_md:sha1')]],
    ['PSS with SHA-1', 'csr-unsupported-signature', ['-sha1', ...pss()]],
    ['SHA-1', 'csr-weak-hash', ['-sha1']],
    ['requested extensions', 'none', ['-addext', 'subjectAltName=DNS:example.com,IP:192.0.2.1']],
  ] as const)('a CSR with %s, which it verifies, is judged: %s', async (_, fault, options) => {
    const der = await request(...options);
    expect((await tryOpenssl(['req', '-inform', 'DER', '-noout', '-verify'], der)).stderr).toContain('verify OK');
    expect(await faultOf(der)).toBe(fault);
  });
});
