/** The certificates that `npm run ca` and development make, as openssl judges them. */

import { beforeAll, describe, expect, test } from 'vitest';
import {
  type AuthorityKeyType,
  certifyOriginKey,
  createAuthority,
  createIssuing,
  createOriginKey,
  createRoot,
  crossSign,
  describeCertificate,
  type KeyAndCertificate,
} from '../../scripts/certificates.ts';
import { fileOf, openssl, verify, x509 } from '../support/openssl.ts';

const AUTHORITY_KEY_TYPES: readonly AuthorityKeyType[] = ['P-256', 'P-384', 'RSA-2048'];
const USES = [
  ['signing', 'Digital Signature'],
  ['encryption', 'Key Agreement'],
] as const;

/** Text of `openssl x509` on one line. */
const textOf = async (pem: string): Promise<string> => (await x509(pem, '-text')).replace(/\s+/g, ' ');

/** The public key in PEM, of a certificate and of a private key. */
const keyOf = (pem: string): Promise<string> => x509(pem, '-pubkey');
const publicKeyOf = async (key: string): Promise<string> => String(await openssl(['pkey', '-pubout'], key)).trim();

describe.each(AUTHORITY_KEY_TYPES)('an authority with %s', (keyType) => {
  let authority: KeyAndCertificate;
  beforeAll(async () => {
    authority = await createAuthority('test authority', keyType, 'example.org');
  });

  test('is a CA that signs certificates and nothing else, with its own signature', async () => {
    const { key, certificate } = authority;
    expect(await verify(certificate, certificate, '-x509_strict', '-check_ss_sig')).toMatchObject({ ok: true });
    expect(await verify(certificate, certificate, '-purpose', 'sslserver')).toMatchObject({ ok: false });
    const text = await textOf(certificate);
    expect(text).toContain('X509v3 Basic Constraints: critical CA:TRUE, pathlen:0 ');
    expect(text).toContain('X509v3 Key Usage: critical Certificate Sign X509v3');
    expect(await x509(certificate, '-subject', '-nameopt', 'RFC2253')).toBe('subject=O=example.org,CN=test authority');
    expect(await keyOf(certificate)).toBe(await publicKeyOf(key));
  });

  describe.each(USES)('certifies a key of an origin for %s,', (use, keyUsage) => {
    let origin: KeyAndCertificate;
    beforeAll(async () => {
      origin = await createOriginKey(authority, use);
    });

    test('for a server and for no client', async () => {
      const { key, certificate } = origin;
      const check = (...options: string[]) => verify(certificate, authority.certificate, '-x509_strict', ...options);
      expect(await check()).toMatchObject({ ok: true });
      expect(await check('-purpose', 'sslserver')).toMatchObject({ ok: true });
      expect(await check('-purpose', 'sslclient')).toMatchObject({ ok: false });
      const { certificate: other } = await createAuthority('test authority', keyType, 'example.org');
      expect(await verify(certificate, other)).toMatchObject({ ok: false });
      expect(await keyOf(certificate)).toBe(await publicKeyOf(key));
    });

    test('and for that use, by the extensions that clients look at', async () => {
      const text = await textOf(origin.certificate);
      expect(text).toContain('X509v3 Basic Constraints: critical CA:FALSE ');
      expect(text).toContain(`X509v3 Key Usage: critical ${keyUsage} X509v3`);
      expect(text).toContain('X509v3 Extended Key Usage: TLS Web Server Authentication X509v3');
      const identifier = (await x509(authority.certificate, '-ext', 'subjectKeyIdentifier')).split('\n').at(-1)?.trim();
      expect(text).toMatch(new RegExp(`X509v3 Authority Key Identifier: (keyid:)?${identifier} `));
    });
  });
});

test('the identifier of a key is that which openssl makes of it', async () => {
  const { key, certificate } = await createOriginKey(await createAuthority('test authority'), 'encryption');
  const own = String(await openssl(['req', '-x509', '-key', fileOf(key), '-subj', '/CN=own']));
  const identifierOf = (pem: string) => x509(pem, '-ext', 'subjectKeyIdentifier');
  expect(await identifierOf(certificate)).toBe(await identifierOf(own));
});

describe('a root', () => {
  const HOUR_MS = 60 * 60 * 1000;
  const DAY_MS = 24 * HOUR_MS;
  let roots: [KeyAndCertificate, KeyAndCertificate, KeyAndCertificate];
  /** By which the first certifies the second, and the second the third. */
  let crosses: string[];
  let issuing: KeyAndCertificate;
  beforeAll(async () => {
    roots = [await createRoot('example.org'), await createRoot('example.org'), await createRoot('example.org')];
    crosses = [await crossSign(roots[0], roots[1].certificate), await crossSign(roots[1], roots[2].certificate)];
    issuing = await createIssuing(roots[2]);
  });

  /** Verifies a chain from a root to a certificate, strictly. */
  const check = (pem: string, root: string, chain: readonly string[], ...options: string[]) =>
    verify(pem, root, '-x509_strict', ...chain.flatMap((each) => ['-untrusted', fileOf(each)]), ...options);
  const OK = { ok: true };

  test('is a CA that signs certificates and nothing else, with its own signature', async () => {
    const [{ key, certificate }] = roots;
    expect(await verify(certificate, certificate, '-x509_strict', '-check_ss_sig')).toMatchObject(OK);
    const text = await textOf(certificate);
    expect(text).toContain('X509v3 Basic Constraints: critical CA:TRUE X509v3');
    expect(text).toContain('X509v3 Key Usage: critical Certificate Sign X509v3');
    expect(await x509(certificate, '-subject', '-nameopt', 'RFC2253')).toBe('subject=O=example.org,CN=CALE root');
    expect(await keyOf(certificate)).toBe(await publicKeyOf(key));
  });

  test('certifies issuing keys, which certify no further authority', async () => {
    expect(await check(issuing.certificate, roots[2].certificate, [])).toMatchObject(OK);
    expect(await check(issuing.certificate, roots[0].certificate, [])).toMatchObject({ ok: false });
    const text = await textOf(issuing.certificate);
    expect(text).toContain('X509v3 Basic Constraints: critical CA:TRUE, pathlen:0 ');
    expect(text).toContain('X509v3 Key Usage: critical Certificate Sign X509v3');
    const below = await crossSign(issuing, roots[0].certificate);
    const { certificate } = await createIssuing({ ...roots[0], certificate: below });
    const outcome = await check(certificate, roots[2].certificate, [issuing.certificate, below]);
    expect(outcome.stderr).toContain('path length constraint exceeded');
  });

  test('certifies the next root, so that a chain leads from each one to the issuing key and to what it certified', async () => {
    const chain = [...crosses, issuing.certificate];
    for (const { certificate: root } of roots) {
      expect(await check(issuing.certificate, root, chain)).toMatchObject(OK);
      for (const [use] of USES) {
        const { certificate } = await createOriginKey(issuing, use);
        expect(await check(certificate, root, chain, '-purpose', 'sslserver')).toMatchObject(OK);
        expect(await check(certificate, root, crosses)).toMatchObject({ ok: false });
      }
    }
    for (const [at, cross] of crosses.entries()) {
      expect(await check(cross, roots[at]?.certificate ?? '', [])).toMatchObject(OK);
      expect(await keyOf(cross)).toBe(await keyOf(roots[at + 1]?.certificate ?? ''));
    }
  });

  test('has the next one certified by an authority that is its own root', async () => {
    const authority = await createAuthority('CALE authority');
    const cross = await crossSign(authority, roots[0].certificate);
    expect(await check(cross, authority.certificate, [])).toMatchObject(OK);
    const { certificate } = await createIssuing(roots[0]);
    // The authority's own pathlen is that of a trust anchor, which openssl looks at and RFC 5280 does not.
    expect(await check(certificate, cross, [], '-partial_chain')).toMatchObject(OK);
  });

  test('certifies nothing for longer than it lasts itself, and nor does an issuing key', async () => {
    const endOf = async (pem: string) => (await describeCertificate(pem)).notAfter.getTime();
    const short = await createIssuing(roots[2], { days: 30 });
    expect(Math.abs((await endOf(short.certificate)) - Date.now() - 30 * DAY_MS)).toBeLessThan(HOUR_MS);
    const signing = await createOriginKey(short, 'signing');
    const long = await createIssuing(roots[2], { days: 5000 });
    const again = await certifyOriginKey(long, signing.certificate, 'signing', 5000);
    expect(await endOf(signing.certificate)).toBe(await endOf(short.certificate));
    expect(Math.abs((await endOf(again)) - Date.now() - 397 * DAY_MS)).toBeLessThan(HOUR_MS);
    expect(await keyOf(again)).toBe(await keyOf(signing.certificate));
    expect(await endOf((await createIssuing(roots[2], { days: 9000 })).certificate)).toBe(
      await endOf(roots[2].certificate),
    );
  });
});
