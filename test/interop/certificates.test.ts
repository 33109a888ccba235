/** The certificates that `npm run ca` and development make, as openssl judges them. */

import { beforeAll, describe, expect, test } from 'vitest';
import {
  type AuthorityKeyType,
  createAuthority,
  createOriginKey,
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
