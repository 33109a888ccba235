import { describe, expect, test } from 'vitest';
import { parseEnvelopedMessage } from '../../../../../shared/cms/enveloped-data.ts';
import { importRecipient } from '../../../../../shared/cms/recipients/recipients.ts';
import { RSA_OAEP } from '../../../../../shared/cms/recipients/rsa-oaep.ts';
import { sealForNone } from '../../../../../shared/cms/seal-for-none.ts';
import { KEY_TYPE_NAMES } from '../../../../../shared/crypto/keys/key-types.ts';
import { parsePublicKey } from '../../../../../shared/crypto/keys/public-key.ts';
import { concat, hex, utf8 } from '../../../../../shared/encoding/bytes.ts';
import { DerReader } from '../../../../../shared/encoding/der/reader.ts';
import { EncodingError } from '../../../../../shared/encoding/error.ts';
import { newGuid } from '../../../../../shared/protocol/guid.ts';
import { parseSubjectAltName } from '../../../../../shared/protocol/subject-alt-name.ts';
import { type Weighted, weigh } from '../../../../../shared/protocol/weighted-draw.ts';
import { parseExtensions, SUBJECT_ALT_NAME, SUBJECT_KEY_IDENTIFIER } from '../../../../../shared/x509/extensions.ts';
import { encodeCommonName } from '../../../../../shared/x509/name.ts';
import { DecoyTemplates } from '../../../../../workers/authority/decoys/decoy-template.ts';
import { importDecoySecret, parseDecoySecret } from '../../../../../workers/authority/decoys/secret.ts';
import { type Shape, shapeOf } from '../../../../../workers/authority/decoys/shape.ts';
import {
  encodeSubjectTemplate,
  parseSubjectTemplate,
  type SubjectTemplate,
} from '../../../../../workers/authority/issuance/subject-template.ts';
import { createKey } from '../../../../support/keys.ts';

const newSecret = () => importDecoySecret(crypto.getRandomValues(new Uint8Array(32)));
const secret = await newSecret();
const ORGANIZATION = 'example.com';
const templates = new DecoyTemplates(secret, ORGANIZATION);

/** A key as a template has it. */
async function keyOf(of: DecoyTemplates, guid: string, keyType: string) {
  return fieldsOf(await of.derive(guid, shapesOf(keyType))).publicKey;
}

const shapesOf = (...keyTypes: string[]): Weighted<Shape>[] =>
  weigh(keyTypes.map((keyType) => ({ keyType, subject: 'MAA=', owner: 5, scopes: [4] })));

function fieldsOf(template: SubjectTemplate) {
  const { subject, spki, extensions } = parseSubjectTemplate(template);
  const byOid = parseExtensions(new DerReader(extensions));
  const extensionOf = (oid: string) => byOid.get(oid)?.value ?? expect.unreachable();
  return {
    subject,
    publicKey: parsePublicKey(spki),
    keyIdentifier: hex(new DerReader(extensionOf(SUBJECT_KEY_IDENTIFIER)).octetString()),
    identity: parseSubjectAltName(extensionOf(SUBJECT_ALT_NAME)),
  };
}

describe.each([...KEY_TYPE_NAMES, 'RSA-2056', 'RSA-2560', 'RSA-2047'])('a key of type %s', (keyType) => {
  test('is of that type, one WebCrypto takes, and the same each time for a GUID and a secret', async () => {
    for (let i = 0; i < 5; i++) {
      const guid = newGuid();
      const key = await keyOf(templates, guid, keyType);
      expect(key.keyType).toBe(keyType);
      await importRecipient(key);
      expect((await keyOf(templates, guid, keyType)).spki).toEqual(key.spki);
      expect((await keyOf(templates, newGuid(), keyType)).spki).not.toEqual(key.spki);
      expect((await keyOf(new DecoyTemplates(await newSecret(), ORGANIZATION), guid, keyType)).spki).not.toEqual(
        key.spki,
      );
    }
  });
});

test('a modulus has the first bits of a product of two primes', async () => {
  // Of two numbers that are evenly distributed from 1/sqrt 2 to 1, the mean of the product is (3 + 2 sqrt 2) / 8, 0.7286.
  let sum = 0;
  for (let i = 0; i < 400; i++) {
    const key = await keyOf(templates, newGuid(), 'RSA-2048');
    if (key.algorithm !== 'RSA') expect.unreachable();
    else sum += ((key.modulus[0] ?? 0) * 256 + (key.modulus[1] ?? 0)) / 65536;
  }
  // Within six standard deviations of the mean of 400, which is 0.0045.
  expect(Math.abs(sum / 400 - 0.7286)).toBeLessThan(0.027);
});

test('what is sealed with RSA for one GUID stays below one bound, as with a real modulus', async () => {
  const publicKey = await keyOf(templates, newGuid(), 'RSA-2048');
  const modulus = publicKey.algorithm === 'RSA' ? hex(publicKey.modulus) : expect.unreachable();
  for (let i = 0; i < 200; i++) {
    const message = concat(await sealForNone(await importRecipient(publicKey), 'AES-128-GCM', new Uint8Array(16)));
    const [info = expect.unreachable()] = parseEnvelopedMessage(message).recipientInfos;
    expect(hex(RSA_OAEP.parse(info).encryptedKey) < modulus).toBe(true);
  }
});

describe('a template', () => {
  test('is the same each time for a GUID, and that of another secret is another one', async () => {
    const shapes = shapesOf('P-256', 'P-384', 'RSA-2048');
    for (let i = 0; i < 10; i++) {
      const guid = newGuid();
      const template = await templates.derive(guid, shapes);
      expect(await templates.derive(guid, shapes)).toEqual(template);
      const other = await new DecoyTemplates(await newSecret(), ORGANIZATION).derive(guid, shapes);
      expect(fieldsOf(other).keyIdentifier).not.toBe(fieldsOf(template).keyIdentifier);
    }
  });

  test('has the lengths of a credential, and none of its words', async () => {
    const { publicKey } = await createKey('P-256');
    for (const [owner, scopes, device] of [
      ['alice', ['read', 'write'], 'phone'],
      ['jürgen', [], ''],
      ['日本'.repeat(32), ['a'.repeat(64)], 'd'.repeat(200)],
      ['😀'.repeat(64), ['openid'], 'x'],
      ['x', Array.from({ length: 32 }, () => 's'), 'My laptop'],
    ] as const) {
      const subject = encodeCommonName(device);
      const identity = { owner, organization: ORGANIZATION, scopes };
      const real = encodeSubjectTemplate({ subject, publicKey, keyIdentifier: new Uint8Array(20), identity });
      const shapes = weigh([shapeOf('P-256', real)]);
      const decoy = await templates.derive(newGuid(), shapes);
      expect(decoy.length).toBe(real.length);
      const fields = fieldsOf(decoy);
      expect(fields.subject.length).toBe(subject.length);
      expect(utf8(fields.identity.owner).length).toBe(utf8(owner).length);
      expect(fields.identity.scopes.map(({ length }) => length)).toEqual(scopes.map(({ length }) => length));
      for (const word of [owner, device, ...scopes].filter(({ length }) => length > 1)) {
        expect(JSON.stringify(shapes)).not.toContain(word);
      }
    }
  });

  test('has the types of keys as often as there are credentials of them', async () => {
    const shapes = shapesOf('P-256', 'P-256', 'P-256', 'RSA-2048');
    let rsa = 0;
    for (let i = 0; i < 400; i++) {
      const template = await templates.derive(newGuid(), shapes);
      if (fieldsOf(template).publicKey.keyType === 'RSA-2048') rsa++;
    }
    // A quarter of 400, within six standard deviations of 8.7.
    expect(Math.abs(rsa - 100)).toBeLessThan(53);
  });
});

test('a secret is base64 of at least 32 bytes', () => {
  expect(parseDecoySecret(btoa('x'.repeat(32)))).toHaveLength(32);
  for (const text of ['', btoa('x'.repeat(31)), 'not base64!'])
    expect(() => parseDecoySecret(text)).toThrow(EncodingError);
});
