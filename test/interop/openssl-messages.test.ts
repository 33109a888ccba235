/** Messages that openssl made: of each suite that it has, for each type of key, they are opened. */

import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { open } from '../../shared/cms/open.ts';
import type { RecipientPrivateKey } from '../../shared/cms/recipients/recipient-type.ts';
import { importPrivateKey } from '../../shared/cms/recipients/recipients.ts';
import { keyIdentifier, parsePublicKey } from '../../shared/crypto/keys/public-key.ts';
import { hex } from '../../shared/encoding/bytes.ts';
import { createClient, fileOf, OPENSSL_KEY_TYPES, type OpensslClient, openssl } from '../support/openssl.ts';

/** All but ChaCha20-Poly1305, which it does not have in CMS. */
const CIPHERS = ['aes-128-gcm', 'aes-256-gcm', 'aes-128-cbc', 'aes-256-cbc'] as const;

const OAEP = ['rsa_padding_mode:oaep', 'rsa_oaep_md:sha256', 'rsa_mgf1_md:sha256'];
/** Options by which openssl makes what RFC 5753 7.1.4 and RFC 8017 have for a key. */
const KEY_OPTIONS: Record<(typeof OPENSSL_KEY_TYPES)[number], readonly string[]> = {
  'RSA-2048': OAEP,
  'RSA-3072': OAEP,
  'P-256': ['ecdh_kdf_md:sha256'],
  'P-384': ['ecdh_kdf_md:sha384'],
  'P-521': ['ecdh_kdf_md:sha512'],
};

describe.each(OPENSSL_KEY_TYPES)('for a %s key of openssl', (keyType) => {
  let client: OpensslClient;
  let key: RecipientPrivateKey;
  beforeAll(async () => {
    client = await createClient(keyType);
    const spki = Uint8Array.from(await openssl(['pkey', '-in', client.key, '-pubout', '-outform', 'DER']));
    const pkcs8 = Uint8Array.from(await openssl(['pkcs8', '-topk8', '-nocrypt', '-in', client.key, '-outform', 'DER']));
    key = await importPrivateKey(await keyIdentifier(parsePublicKey(spki)), pkcs8, crypto.subtle);
  });

  test.each(CIPHERS)('what it sealed with %s is opened', async (cipher) => {
    const recipient = ['-recip', client.certificate, ...KEY_OPTIONS[keyType].flatMap((option) => ['-keyopt', option])];
    const command = ['cms', '-encrypt', '-binary', '-noindef', '-outform', 'DER', `-${cipher}`, '-keyid', ...recipient];
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 5000, size: 'max' }), async (content) => {
      const message = Uint8Array.from(await openssl([...command, '-in', fileOf(content)]));
      expect(hex(await open(message, key, { allowUnauthenticated: cipher.endsWith('cbc') }))).toBe(hex(content));
    });
    await fc.assert(property, { numRuns: 10, examples: [[Uint8Array.of(0)]] });
  });
});
