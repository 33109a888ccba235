/**
 * CMS: all that is sealed here, others open. pkijs 4 opens EnvelopedData only for RSA: it knows no AuthEnvelopedData,
 * and puts an empty entityUInfo into the KDF's input where a message has no ukm, unlike RFC 5753 7.2. openssl (3.0)
 * opens all but ChaCha20-Poly1305; node:crypto has the steps of them all.
 */

import fc from 'fast-check';
import { ContentInfo, EnvelopedData } from 'pkijs';
import { beforeAll, describe, expect, test } from 'vitest';
import { CONTENT_ENCRYPTION_NAMES, type ContentEncryptionName } from '../../shared/cms/content-encryption.ts';
import { importRecipient } from '../../shared/cms/recipients/recipients.ts';
import { seal } from '../../shared/cms/seal.ts';
import { concat, hex } from '../../shared/encoding/bytes.ts';
import { encodePem } from '../../shared/encoding/pem.ts';
import { createKey, SEALING_KEY_TYPES, type SealingKeyType, type TestKey } from '../support/keys.ts';
import { openByNodeCrypto } from '../support/node-cms.ts';
import { fileOf, openssl } from '../support/openssl.ts';

const content = fc.uint8Array({ maxLength: 5000, size: 'max' }).map((bytes) => Uint8Array.from(bytes));

async function sealed(key: TestKey, encryption: ContentEncryptionName, plain: Uint8Array<ArrayBuffer>) {
  return concat(await seal(await importRecipient(key.publicKey), encryption, plain));
}

describe.each(SEALING_KEY_TYPES)('what is sealed for %s', (keyType) => {
  let key: TestKey<SealingKeyType>;
  let keyFile: string;
  beforeAll(async () => {
    key = await createKey(keyType);
    keyFile = fileOf(encodePem('PRIVATE KEY', key.pkcs8));
  });

  test.each(CONTENT_ENCRYPTION_NAMES)('in %s is opened by node:crypto', async (encryption) => {
    const property = fc.asyncProperty(content, async (plain) => {
      const message = await sealed(key, encryption, plain);
      expect(hex(openByNodeCrypto(key, encryption, message))).toBe(hex(plain));
    });
    await fc.assert(property, { numRuns: 50, examples: [[new Uint8Array(0)]] });
  });

  test.each(CONTENT_ENCRYPTION_NAMES.filter((name) => name !== 'ChaCha20-Poly1305'))(
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
