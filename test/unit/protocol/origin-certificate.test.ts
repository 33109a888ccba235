import { beforeAll, describe, expect, test } from 'vitest';
import { createAuthority, createOriginKey } from '../../../scripts/certificates.ts';
import { keyIdentifier } from '../../../shared/crypto/keys/public-key.ts';
import { NULL } from '../../../shared/encoding/der/writer.ts';
import { parsePem } from '../../../shared/encoding/pem.ts';
import { ID_KP_WHOAMI } from '../../../shared/protocol/oids.ts';
import {
  type OriginKeyUse,
  type OriginPublicKey,
  verifyOriginCertificate,
} from '../../../shared/protocol/origin-certificate.ts';
import { encodeExtension, ID_KP_CLIENT_AUTH, ID_KP_SERVER_AUTH } from '../../../shared/x509/extensions.ts';
import { createTemplate, issue } from '../../support/issuing.ts';
import {
  type CertificateFields,
  certify,
  createRogueAuthority,
  impersonate,
  importAuthority,
  type TestAuthority,
} from '../../support/minting.ts';

const USES: readonly OriginKeyUse[] = ['signing', 'encryption'];
const KEY_USAGES = { signing: 'digitalSignature', encryption: 'keyAgreement' } as const;

let authority: TestAuthority;
beforeAll(async () => {
  authority = await importAuthority(await createAuthority('test authority'));
});

const derOf = (pem: string): Uint8Array<ArrayBuffer> => parsePem('CERTIFICATE', pem)[0] ?? expect.unreachable();

const verify = (
  der: Uint8Array<ArrayBuffer>,
  use: OriginKeyUse,
  { issuer } = authority,
  now = Date.now(),
): Promise<OriginPublicKey | undefined> => verifyOriginCertificate(der, use, { anchors: [issuer.anchor], now });

const minted = async (fields: CertificateFields, by = authority) => derOf((await certify(by, fields)).certificate);

test.each(USES)('the certificate of a key for %s gives the key', async (use) => {
  const { key, certificate } = await certify(authority, { keyUsage: KEY_USAGES[use] });
  const verified = await verify(derOf(certificate), use);
  expect(verified?.publicKey.spki).toEqual(key.spki);
  expect(verified?.keyIdentifier).toEqual(await keyIdentifier(key.publicKey));
});

test.each(['P-256', 'P-384', 'RSA-2048'] as const)(
  "the certificates that the script makes under an authority with %s are an origin's",
  async (keyType) => {
    const made = await createAuthority('scripted authority', keyType);
    const by = await importAuthority(made);
    for (const use of USES) {
      const { certificate } = await createOriginKey(made, use);
      expect(await verify(derOf(certificate), use, by)).toBeDefined();
      expect(await verify(derOf(certificate), use)).toBeUndefined();
    }
  },
);

describe.each(USES)('is no certificate of a key for %s:', (use) => {
  const keyUsage = KEY_USAGES[use];

  test("a client's, for a request and for whoami", async () => {
    for (const keyType of ['P-256', 'RSA-2048'] as const) {
      const template = await createTemplate(undefined, keyType);
      for (const purpose of ['request', 'whoami'] as const) {
        expect(await verify(await issue(authority.issuer, template, { purpose }), use)).toBeUndefined();
      }
    }
  });

  test("the authority's own", async () => {
    expect(await verify(derOf(authority.certificate), use)).toBeUndefined();
  });

  test('one for the other use, or for the use of a CA', async () => {
    const other = use === 'signing' ? 'keyAgreement' : 'digitalSignature';
    for (const wrong of [other, 'keyCertSign', 'keyEncipherment'] as const) {
      expect(await verify(await minted({ keyUsage: wrong }), use)).toBeUndefined();
    }
  });

  test('one for another purpose, for none, or for one more', async () => {
    for (const extKeyUsage of [
      [],
      [ID_KP_CLIENT_AUTH],
      [ID_KP_WHOAMI],
      [ID_KP_SERVER_AUTH, ID_KP_CLIENT_AUTH],
      [ID_KP_CLIENT_AUTH, ID_KP_SERVER_AUTH],
      ['2.5.29.37.0'],
    ]) {
      expect(await verify(await minted({ keyUsage, extKeyUsage }), use)).toBeUndefined();
    }
  });

  test('one with a critical extension that is not known (RFC 5280 4.2)', async () => {
    const extension = (critical: boolean) => encodeExtension('2.25.1', NULL, critical);
    expect(await verify(await minted({ keyUsage, more: [extension(false)] }), use)).toBeDefined();
    expect(await verify(await minted({ keyUsage, more: [extension(true)] }), use)).toBeUndefined();
  });

  test("a CA's", async () => {
    expect(await verify(await minted({ keyUsage, isCa: true }), use)).toBeUndefined();
  });

  test('one that has expired, or is not valid yet', async () => {
    expect(await verify(await minted({ keyUsage, notBefore: -2, notAfter: -1 }), use)).toBeUndefined();
    expect(await verify(await minted({ keyUsage, notBefore: 1, notAfter: 2 }), use)).toBeUndefined();
  });

  test('one by another authority: of its name, with its identifier, or with a certificate of its own', async () => {
    const another = await importAuthority(await createAuthority('test authority'));
    for (const by of [another, await createRogueAuthority(authority), await impersonate(authority)]) {
      expect(await verify(await minted({ keyUsage }, by), use)).toBeUndefined();
    }
  });

  test('one of which a bit is altered, or what is no certificate', async () => {
    const der = await minted({ keyUsage });
    expect(await verify(der, use)).toBeDefined();
    for (let at = 0; at < der.length; at++) {
      const altered = der.slice();
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect(await verify(altered, use)).toBeUndefined();
    }
    expect(await verify(new Uint8Array(0), use)).toBeUndefined();
  });
});
