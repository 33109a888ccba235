import { beforeAll, describe, expect, test } from 'vitest';
import { equal } from '../../../../../shared/encoding/bytes.ts';
import { DerReader } from '../../../../../shared/encoding/der/reader.ts';
import { type Nonce, newNonce } from '../../../../../shared/protocol/nonce.ts';
import { ID_KP_WHOAMI, ID_PE_NONCE } from '../../../../../shared/protocol/oids.ts';
import { parseCertificate } from '../../../../../shared/x509/certificate.ts';
import {
  EXT_KEY_USAGE,
  encodeExtension,
  encodeExtKeyUsage,
  ID_KP_CLIENT_AUTH,
  isOnlyFor,
  SUBJECT_ALT_NAME,
} from '../../../../../shared/x509/extensions.ts';
import {
  parseSubjectTemplate,
  type SubjectTemplate,
} from '../../../../../workers/authority/issuance/subject-template.ts';
import { createIssuer, createTemplate, issue, type TestIssuer } from '../../../../support/issuing.ts';

const NONCE: Nonce = newNonce(Date.UTC(2027, 0, 1));

let authority: TestIssuer;
let template: SubjectTemplate;
beforeAll(async () => {
  authority = await createIssuer();
  template = await createTemplate();
});

const certificateOf = async (changes: Parameters<typeof issue>[2], of = template) =>
  parseCertificate(await issue(authority.issuer, of, changes));

describe('the purpose of a certificate is its extended key usage:', () => {
  test.each([
    ['request', ID_KP_CLIENT_AUTH, ID_KP_WHOAMI],
    ['whoami', ID_KP_WHOAMI, ID_KP_CLIENT_AUTH],
  ] as const)('%s', async (purpose, oid, other) => {
    const { extensions } = await certificateOf({ purpose });
    expect(isOnlyFor(extensions, oid)).toBe(true);
    expect(isOnlyFor(extensions, other)).toBe(false);
  });
});

describe('the nonce of a certificate', () => {
  test.each([
    ['is critical in one for a request, so that no other party takes it for another request', 'request', true],
    ['is not critical in one for whoami, which tools may show', 'whoami', false],
  ] as const)('%s', async (_, purpose, critical) => {
    const extension = (await certificateOf({ purpose, nonce: NONCE })).extensions.get(ID_PE_NONCE);
    expect(extension?.critical).toBe(critical);
    expect(new DerReader(extension?.value ?? expect.unreachable()).ia5String()).toBe(NONCE);
  });

  test('is not there in one that is tied to no request', async () => {
    for (const purpose of ['request', 'whoami'] as const) {
      expect((await certificateOf({ purpose })).extensions.has(ID_PE_NONCE)).toBe(false);
    }
  });
});

test('its dates are those that were asked for, also when another lifetime was asked for in the same second', async () => {
  const notBefore = Date.UTC(2027, 0, 1);
  for (const [at, seconds] of [
    [notBefore, 10],
    [notBefore, 0],
    [notBefore, 10],
    [notBefore + 999, 300],
    [notBefore + 1000, 300],
  ] as const) {
    const start = Math.floor(at / 1000) * 1000;
    expect(await certificateOf({ notBefore: at, seconds })).toMatchObject({
      notBefore: start,
      notAfter: start + seconds * 1000,
    });
  }
});

describe('a template of before certificates had several purposes', () => {
  /** It holds the one that they had, before the subjectAltName. */
  const oldTemplate = (): SubjectTemplate => {
    const { subject, spki, extensions } = parseSubjectTemplate(template);
    const reader = new DerReader(extensions);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    while (!reader.done) parts.push(reader.next().encoding);
    const alternative = parts.findIndex(
      (each) => new DerReader(each).sequence().objectIdentifier() === SUBJECT_ALT_NAME,
    );
    expect(alternative).toBeGreaterThan(0);
    parts.splice(alternative, 0, encodeExtKeyUsage(ID_KP_CLIENT_AUTH));
    return Uint8Array.from([subject, spki, ...parts].flatMap((each) => [...each]));
  };

  test('gives certificates of one purpose each, and of the same fields as a new one', async () => {
    const old = oldTemplate();
    expect(old.length).toBe(template.length + encodeExtKeyUsage(ID_KP_CLIENT_AUTH).length);
    for (const [purpose, oid] of [
      ['request', ID_KP_CLIENT_AUTH],
      ['whoami', ID_KP_WHOAMI],
    ] as const) {
      const [before, now] = [await certificateOf({ purpose }, old), await certificateOf({ purpose })];
      expect(isOnlyFor(before.extensions, oid)).toBe(true);
      expect([...before.extensions]).toEqual([...now.extensions]);
      expect(equal(before.subject, now.subject) && equal(before.spki, now.spki)).toBe(true);
    }
  });

  test('keeps an extension that only looks like the purpose', async () => {
    const { subject, spki, extensions } = parseSubjectTemplate(template);
    const other = encodeExtension(EXT_KEY_USAGE, encodeExtKeyUsage(ID_KP_CLIENT_AUTH));
    const odd = Uint8Array.from([subject, spki, extensions, other].flatMap((each) => [...each]));
    expect(parseSubjectTemplate(odd).extensions.length).toBe(extensions.length + other.length);
  });
});
