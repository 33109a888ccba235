/** The trust that a client makes of published certificates: pins, chains, and what does not count as one. */

import { beforeAll, describe, expect, test } from 'vitest';
import { loadAuthorities } from '../../../client/trust.ts';
import {
  createAuthority,
  createIssuing,
  createRoot,
  crossSign,
  type KeyAndCertificate,
} from '../../../scripts/certificates.ts';
import type { TestAuthority } from '../../support/minting.ts';
import { certify, createRogueAuthority, importAuthority } from '../../support/minting.ts';

let roots: [KeyAndCertificate, KeyAndCertificate, KeyAndCertificate];
let crosses: [string, string];
let issuing: [KeyAndCertificate, KeyAndCertificate, KeyAndCertificate];
beforeAll(async () => {
  roots = [await createRoot(), await createRoot(), await createRoot()];
  crosses = [await crossSign(roots[0], roots[1].certificate), await crossSign(roots[1], roots[2].certificate)];
  issuing = [await createIssuing(roots[0]), await createIssuing(roots[1]), await createIssuing(roots[2])];
});

/** Certificates in PEM, each ending in a line end. */
const pem = (...certificates: string[]): string => certificates.map((each) => `${each.trim()}\n`).join('');
const pin = async (published: string, expected?: string) =>
  (await loadAuthorities(crypto.subtle)).pin(published, expected);
const follow = async (pinned: string, published: string) =>
  (await loadAuthorities(crypto.subtle)).follow(pinned, published);
const CHANGED = { code: 'authority-changed' };

describe('at registration', () => {
  test('the roots are pinned, and what they certified is trusted', async () => {
    const published = pem(issuing[0].certificate, roots[0].certificate);
    expect(await pin(published)).toEqual({
      authorities: pem(roots[0].certificate),
      issuers: pem(issuing[0].certificate),
    });
    // An issuing key of another root is published, and nothing leads to it.
    expect(await pin(pem(issuing[1].certificate) + published)).toMatchObject({ issuers: pem(issuing[0].certificate) });
  });

  test('an authority that is its own root is pinned, and certificates without a root are, all of them', async () => {
    const { certificate } = await createAuthority('authority');
    expect(await pin(pem(certificate))).toEqual({ authorities: pem(certificate), issuers: '' });
    const without = pem(issuing[0].certificate, issuing[1].certificate);
    expect(await pin(without)).toEqual({ authorities: without, issuers: '' });
  });

  test('the expected one is pinned, a root or not', async () => {
    const published = pem(issuing[0].certificate, issuing[1].certificate, roots[0].certificate, roots[1].certificate);
    expect(await pin(published, roots[1].certificate)).toEqual({
      authorities: pem(roots[1].certificate),
      issuers: pem(issuing[1].certificate),
    });
    const narrow = { authorities: pem(issuing[1].certificate), issuers: '' };
    expect(await pin(published, issuing[1].certificate)).toEqual(narrow);
    await expect(pin(published, roots[2].certificate)).rejects.toMatchObject({ code: 'not-trusted' });
  });
});

describe('a pin is followed', () => {
  const at = (number: 0 | 1 | 2) => ({
    authorities: pem(roots[number].certificate),
    issuers: pem(issuing[number].certificate),
  });

  test('to another issuing key, which takes the place of the known ones', async () => {
    const next = await createIssuing(roots[0]);
    const published = pem(next.certificate, roots[0].certificate);
    expect(await follow(at(0).authorities, published)).toEqual({ ...at(0), issuers: pem(next.certificate) });
  });

  test('to the next root, and over one that it has missed', async () => {
    const both = pem(
      issuing[0].certificate,
      issuing[1].certificate,
      crosses[0],
      roots[0].certificate,
      roots[1].certificate,
    );
    expect((await follow(at(0).authorities, both)).authorities).toBe(pem(roots[0].certificate, roots[1].certificate));
    const one = pem(issuing[1].certificate, crosses[0], roots[1].certificate);
    expect(await follow(at(0).authorities, one)).toEqual(at(1));
    const two = pem(issuing[2].certificate, ...crosses, roots[2].certificate);
    for (const number of [0, 1, 2] as const) expect(await follow(at(number).authorities, two)).toEqual(at(2));
  });

  test('from an authority that was its own root', async () => {
    const authority = await createAuthority('authority');
    const cross = await crossSign(authority, roots[0].certificate);
    const published = pem(issuing[0].certificate, cross, roots[0].certificate);
    expect(await follow(pem(authority.certificate), published)).toEqual(at(0));
  });

  test('to no root that it did not certify, whatever else is published', async () => {
    for (const published of [
      pem(issuing[1].certificate, roots[1].certificate),
      pem(issuing[2].certificate, crosses[1], roots[2].certificate),
      pem(issuing[1].certificate),
    ]) {
      await expect(follow(at(0).authorities, published)).rejects.toMatchObject(CHANGED);
    }
    const beside = pem(issuing[1].certificate, issuing[0].certificate, roots[1].certificate, roots[0].certificate);
    expect(await follow(at(0).authorities, beside)).toEqual(at(0));
  });

  test('to a certificate of its own that lasts longer', async () => {
    const [authority, signer] = [await importAuthority(roots[0]), roots[0]];
    const longer = await crossSign(signer, roots[0].certificate);
    expect(pem(longer)).not.toBe(pem(signer.certificate));
    const published = pem(issuing[0].certificate, longer);
    expect(await follow(authority.certificate, published)).toEqual({ ...at(0), authorities: pem(longer) });
  });

  test('not backwards', async () => {
    const old = pem(issuing[0].certificate, crosses[0], roots[0].certificate);
    await expect(follow(at(1).authorities, old)).rejects.toMatchObject(CHANGED);
  });
});

describe('no chain leads to', () => {
  test('a root that an issuing key certified, though an account of before pinned both', async () => {
    const stolen = await crossSign(issuing[0], roots[1].certificate);
    const published = pem(issuing[1].certificate, stolen, roots[1].certificate);
    const pinned = pem(issuing[0].certificate, roots[0].certificate);
    await expect(follow(pinned, published)).rejects.toMatchObject(CHANGED);
    const beside = pem(issuing[0].certificate) + published + pem(roots[0].certificate);
    expect(await follow(pinned, beside)).toEqual({
      authorities: pem(roots[0].certificate),
      issuers: pem(issuing[0].certificate),
    });
  });

  describe('a certificate of the right root', () => {
    let root: TestAuthority;
    beforeAll(async () => {
      root = await importAuthority(roots[0]);
    });
    const CA = { isCa: true, keyUsage: 'keyCertSign', extKeyUsage: [] } as const;
    const issuersOf = async (certificate: string) =>
      (await follow(pem(roots[0].certificate), pem(certificate, roots[0].certificate))).issuers;

    test('that is one of an authority, and in time, is trusted', async () => {
      const { certificate } = await certify(root, CA);
      expect(await issuersOf(certificate)).toBe(pem(certificate));
    });

    test.each([
      ['that has ended', { ...CA, notAfter: -0.5 }],
      ['that has not begun', { ...CA, notBefore: 0.5 }],
      ['that may not certify', { ...CA, keyUsage: 'digitalSignature' }],
    ] as const)('%s', async (_, fields) => {
      expect(await issuersOf((await certify(root, fields)).certificate)).toBe('');
    });

    test('that another signed in its name', async () => {
      const rogue = await createRogueAuthority(root);
      const { certificate } = await certify({ ...root, issuer: { ...root.issuer, key: rogue.issuer.key } }, CA);
      expect(await issuersOf(certificate)).toBe('');
    });
  });

  test('anything from a pin that has ended', async () => {
    // From an hour ago to half an hour ago.
    const short = await createRoot('example.com', -1 / 48);
    const { certificate } = await createIssuing(short);
    await expect(follow(pem(short.certificate), pem(certificate, roots[0].certificate))).rejects.toMatchObject(CHANGED);
  });
});
