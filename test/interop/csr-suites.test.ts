/**
 * CSRs that Mbed TLS, Boulder, pyca/cryptography, GnuTLS, cfssl, smallstep, Botan and asn1crypto test themselves with,
 * many of them broken. Where five parsers differ on one, what is made of it here is in a table, with the reason.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newNonce } from '../../shared/protocol/nonce.ts';
import { encodeSubjectTemplate } from '../../workers/authority/issuance/subject-template.ts';
import { verifyCsr } from '../../workers/authority/registration/csr-policy.ts';
import type { CsrFault } from '../../workers/authority/registration/csr-rules.ts';
import { CSRS, isSuiteThere, MBEDTLS_CASES, mbedtlsBody, onAllCsrs, type SuiteCsr } from '../support/csr-suite.ts';
import { type Harness, register, startHarness } from '../support/harness.ts';
import { createIssuer, IDENTITY, issue } from '../support/issuing.ts';
import { tryOpenssl } from '../support/openssl.ts';

type Judgement = CsrFault | 'accepted';

async function judge(body: Uint8Array<ArrayBuffer>): Promise<Judgement> {
  const verified = await verifyCsr(body);
  return verified.ok ? 'accepted' : verified.fault;
}

/** All that openssl prints of it; `req -verify` says only in words that a signature is bad. */
async function dump(body: Uint8Array): Promise<string> {
  const form = Buffer.from(body).includes('-----BEGIN ') ? 'PEM' : 'DER';
  const { stdout, stderr } = await tryOpenssl(['req', '-inform', form, '-noout', '-verify', '-text'], body);
  return stderr + stdout;
}

const VERIFIED = 'self-signature verify OK';
const HAS_WEAK_HASH = /Signature Algorithm: \S*(md4|md5|sha1|sha224)/i;
const HAS_STRONG_HASH = /Signature Algorithm: \S*(sha256|sha384|sha512)/i;
const HAS_EC_KEY = /NIST CURVE: P-(256|384|521)\n/;

function hasRsaKey(text: string, isAllowed: boolean): boolean {
  const bits = Number(/Public Key Algorithm: rsaEncryption\s+Public-Key: \((\d+) bit\)/.exec(text)?.[1]);
  const isGood = bits >= 2048 && bits <= 4096 && /Exponent: 65537 /.test(text);
  return Number.isInteger(bits) && isGood === isAllowed;
}

/** True when what openssl prints bears out that the CSR breaks the rule; rules that say nothing of policy never do. */
function isBorneOut(fault: Judgement, text: string): boolean {
  if (fault === 'csr-weak-key') return hasRsaKey(text, false);
  if (fault === 'csr-weak-hash') return HAS_WEAK_HASH.test(text);
  if (fault === 'csr-unsupported-key') {
    const algorithm = /Public Key Algorithm: (\S+)/.exec(text)?.[1];
    return algorithm !== undefined && algorithm !== 'rsaEncryption' && !HAS_EC_KEY.test(text);
  }
  return false;
}

/** Refused for their form although a parser takes them. */
const REFUSED_FOR_FORM: Record<string, readonly [Judgement, reason: string]> = {
  'cfssl/broken_csr.pem': ['csr-malformed', 'its base64 goes on after the padding'],
  'mbedtls-inline/30 X509 CSR ASN.1 (extra data after signature)': [
    'csr-malformed',
    'a byte follows the signature inside of the outer SEQUENCE, where RFC 2986 4.2 has nothing',
  ],
};

/** Accepted although a parser refuses them. */
const ACCEPTED_ALL_THE_SAME: Record<string, string> = {
  'boulder/ecdsa.der.csr': 'its subject is empty, which RFC 5280 4.1.2.6 allows where a subjectAltName says who it is',
  'boulder/no_names.der.csr': 'its subject is empty, as above',
};

/** Refused for a key that all five parsers take: Boulder has it as one to refuse. */
const BROKEN_KEY = { name: 'boulder/fermat_csr.pem', reason: "Fermat's method finds its primes in a few rounds" };

/** Mbed TLS reads the extensions that are requested; here they are looked at only for DER, which an OID may break. */
const UNLIKE_MBEDTLS: Record<string, Judgement> = {
  'X509 CSR ASN.1 (OK)': 'csr-weak-hash',
  'X509 CSR ASN.1 (Unsupported critical extension, critical=true)': 'accepted',
  'X509 CSR ASN.1 (Unsupported critical extension rejected by callback, critical=true)': 'accepted',
  'X509 CSR ASN.1 (attributes: not extension request)': 'csr-weak-key',
  'X509 CSR ASN.1 (extensions: invalid extension type data)': 'csr-malformed',
};

/** `OK+EXT` is OK and a remark on the extensions. */
const isOk = (verdict: string): boolean => verdict.startsWith('OK');
const names = (judged: readonly SuiteCsr[]): string[] => judged.map(({ name }) => name);

describe.skipIf(!isSuiteThere)('CSRs of other projects', () => {
  let judged: (SuiteCsr & { judgement: Judgement; text: string })[];
  let harness: Harness;
  beforeAll(async () => {
    judged = await onAllCsrs(async (csr) => {
      return { ...csr, judgement: await judge(csr.body), text: await dump(csr.body) };
    });
    // All are registered by one owner, within a minute.
    harness = await startHarness({ vars: { edge: { RATE_LIMITS: 'off' } } });
  });
  afterAll(() => harness.server.close());

  test('are all judged', () => {
    expect(judged.length).toBeGreaterThanOrEqual(184);
  });

  test('are refused when all five parsers refuse them', () => {
    const refusedByAll = judged.filter(({ verdicts }) => !verdicts.some(isOk));
    expect(refusedByAll.length).toBeGreaterThanOrEqual(59);
    expect(names(refusedByAll.filter(({ judgement }) => judgement === 'accepted'))).toEqual([]);
  });

  test('are accepted only with a good signature by a strong hash, and with a key that the policy allows', () => {
    const accepted = judged.filter(({ judgement }) => judgement === 'accepted');
    expect(accepted.length).toBeGreaterThanOrEqual(70);
    const isGood = (text: string): boolean =>
      text.includes(VERIFIED) && HAS_STRONG_HASH.test(text) && (hasRsaKey(text, true) || HAS_EC_KEY.test(text));
    expect(names(accepted.filter(({ text }) => !isGood(text)))).toEqual([]);
  });

  test('are refused, when all five parsers take them, for nothing but key or hash, as openssl bears out', () => {
    const taken = judged.filter(({ verdicts }) => verdicts.every(isOk));
    expect(taken.length).toBeGreaterThanOrEqual(77);
    const refused = taken.filter(({ name, judgement }) => judgement !== 'accepted' && name !== BROKEN_KEY.name);
    expect(refused.length).toBeGreaterThan(0);
    expect(taken.find(({ name }) => name === BROKEN_KEY.name)?.judgement, BROKEN_KEY.reason).toBe('csr-broken-key');
    expect(names(refused.filter(({ judgement, text }) => !isBorneOut(judgement, text)))).toEqual([]);
  });

  test('are judged by the tables, where the parsers differ and neither key nor hash decides', () => {
    const disputed = judged.filter(({ verdicts }) => verdicts.some(isOk) && !verdicts.every(isOk));
    const accepted = disputed.filter(({ judgement }) => judgement === 'accepted');
    expect(names(accepted)).toEqual(Object.keys(ACCEPTED_ALL_THE_SAME));
    const forForm = disputed.filter(({ judgement, text }) => judgement !== 'accepted' && !isBorneOut(judgement, text));
    expect(Object.fromEntries(forForm.map(({ name, judgement }) => [name, judgement]))).toEqual(
      Object.fromEntries(Object.entries(REFUSED_FOR_FORM).map(([name, [judgement]]) => [name, judgement])),
    );
  });

  test('are judged as Mbed TLS expects of its own, except for extensions and policy', async () => {
    expect(MBEDTLS_CASES).toHaveLength(51);
    const unlike: Record<string, Judgement> = {};
    for (const mbedtlsCase of MBEDTLS_CASES) {
      const judgement = await judge(mbedtlsBody(mbedtlsCase));
      if ((judgement === 'accepted') !== mbedtlsCase.accept) unlike[mbedtlsCase.name] = judgement;
    }
    expect(unlike).toEqual(UNLIKE_MBEDTLS);
  });

  test('get certificates that openssl loads, with the subject that it reads in the CSR, where they are accepted', async () => {
    const { issuer } = await createIssuer();
    const texts = new Map(judged.map(({ name, text }) => [name, text]));
    const certified = await onAllCsrs(async ({ name, body }) => {
      const verified = await verifyCsr(body);
      if (!verified.ok) return undefined;
      const template = encodeSubjectTemplate({ ...verified.value, identity: IDENTITY });
      const whoami = await issue(issuer, template, { purpose: 'whoami', seconds: 0, nonce: newNonce(Date.now()) });
      const { ok, stdout } = await tryOpenssl(['x509', '-inform', 'DER', '-noout', '-text'], whoami);
      return { name, ok, text: String(stdout) };
    });
    const loaded = certified.filter((each) => each !== undefined);
    expect(loaded.length).toBeGreaterThanOrEqual(70);
    const subjectOf = (text = ''): string | undefined => /^ *Subject: ?(.*)$/m.exec(text)?.[1];
    expect(loaded.map(({ name, ok, text }) => [name, ok, subjectOf(text)])).toEqual(
      loaded.map(({ name }) => [name, true, subjectOf(texts.get(name))]),
    );
  });

  test('are answered at registration with a GUID or with the rule that they break', async () => {
    const answers = await onAllCsrs(async ({ name, body }) => {
      const response = await register(harness, body);
      const type = response.headers.get('Content-Type') ?? '';
      const text = await response.text();
      if (response.status === 200 && type.startsWith('application/x-pkcs7-mime;')) return [name, 'accepted'];
      if (response.status !== 400 || type !== 'application/problem+json') return [name, `${response.status} ${type}`];
      return [name, (JSON.parse(text) as { type: string }).type.replace('urn:cale:problem:', '')];
    });
    expect(CSRS.length).toBeGreaterThan(0);
    expect(Object.fromEntries(answers)).toEqual(
      Object.fromEntries(judged.map(({ name, judgement }) => [name, judgement])),
    );
  });
});
