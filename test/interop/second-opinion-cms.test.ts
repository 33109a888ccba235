/**
 * CMS: whatever is sealed here, others open. pkijs 4 opens EnvelopedData for RSA alone: it knows no AuthEnvelopedData,
 * and puts an empty entityUInfo into the KDF's input where a message has no ukm, unlike RFC 5753 7.2. openssl (3.0)
 * opens all but ChaCha20-Poly1305; node:crypto has the steps of them all.
 */

import fc from 'fast-check';
import { ContentInfo, EnvelopedData } from 'pkijs';
import { beforeAll, describe, expect, test } from 'vitest';
import { concat, hex } from '../../shared/bytes.ts';
import { CONTENT_ENCRYPTIONS, type ContentEncryption } from '../../shared/ciphers.ts';
import { seal } from '../../shared/cms/seal.ts';
import { importRecipient } from '../../shared/keys/recipient.ts';
import { encodePem } from '../../shared/wire/pem.ts';
import { createKey, KEY_TYPES, type TestKey } from './keys.ts';
import { openByNodeCrypto } from './node-cms.ts';
import { fileOf, openssl } from './openssl.ts';

const content = fc.uint8Array({ maxLength: 5000, size: 'max' }).map((octets) => Uint8Array.from(octets));

async function sealed(key: TestKey, encryption: ContentEncryption, plain: Uint8Array<ArrayBuffer>) {
  return concat(await seal(await importRecipient(key.spki), encryption, plain));
}

describe.each(KEY_TYPES)('what is sealed for %s', (keyType) => {
  let key: TestKey;
  let keyFile: string;
  beforeAll(async () => {
    key = await createKey(keyType);
    keyFile = fileOf(encodePem('PRIVATE KEY', key.pkcs8));
  });

  test.each(CONTENT_ENCRYPTIONS)('in %s is opened by node:crypto', async (encryption) => {
    const property = fc.asyncProperty(content, async (plain) => {
      const message = await sealed(key, encryption, plain);
      expect(hex(openByNodeCrypto(key, encryption, message))).toBe(hex(plain));
    });
    await fc.assert(property, { numRuns: 50, examples: [[new Uint8Array(0)]] });
  });

  test.each(CONTENT_ENCRYPTIONS.filter((name) => name !== 'ChaCha20-Poly1305'))(
    'in %s is opened by openssl',
    async (encryption) => {
      const property = fc.asyncProperty(content, async (plain) => {
        const message = await sealed(key, encryption, plain);
        const opened = await openssl(['cms', '-decrypt', '-binary', '-inform', 'DER', '-inkey', keyFile], message);
        expect(hex(opened)).toBe(hex(plain));
      });
      await fc.assert(property, { numRuns: 10, examples: [[new Uint8Array(0)]] });
    },
  );
});

test.each(['AES-128-CBC', 'AES-256-CBC'] as const)(
  'what is sealed for RSA in %s is opened by pkijs',
  async (encryption) => {
    const key = await createKey('RSA-2048');
    const property = fc.asyncProperty(content, async (plain) => {
      const message = ContentInfo.fromBER(await sealed(key, encryption, plain));
      const enveloped = new EnvelopedData({ schema: message.content });
      expect(hex(new Uint8Array(await enveloped.decrypt(0, { recipientPrivateKey: key.pkcs8 })))).toBe(hex(plain));
    });
    await fc.assert(property, { numRuns: 50, examples: [[new Uint8Array(0)]] });
  },
);
