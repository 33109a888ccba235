import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { CONTENT_ENCRYPTION_NAMES, type ContentEncryptionName } from '../../../shared/cms/content-encryption.ts';
import { OpenError, open } from '../../../shared/cms/open.ts';
import type { Recipient, RecipientPrivateKey } from '../../../shared/cms/recipients/recipient-type.ts';
import { importPrivateKey, importRecipient } from '../../../shared/cms/recipients/recipients.ts';
import { seal } from '../../../shared/cms/seal.ts';
import { concat, utf8 } from '../../../shared/encoding/bytes.ts';
import { createKey, SEALING_KEY_TYPES, type SealingKeyType } from '../../support/keys.ts';

interface Party {
  readonly recipient: Recipient;
  readonly privateKey: RecipientPrivateKey;
}

async function party(keyType: SealingKeyType): Promise<Party> {
  const { publicKey, pkcs8 } = await createKey(keyType);
  const recipient = await importRecipient(publicKey);
  return { recipient, privateKey: await importPrivateKey(recipient.keyIdentifier, pkcs8, crypto.subtle) };
}

const sealed = async (to: Recipient, encryption: ContentEncryptionName, content: Uint8Array<ArrayBuffer>) =>
  concat(await seal(to, encryption, content));

const parties = new Map<string, Party>();
beforeAll(async () => {
  for (const keyType of SEALING_KEY_TYPES) parties.set(keyType, await party(keyType));
});
const partyWith = (keyType: string): Party => parties.get(keyType) ?? expect.unreachable();

describe.each(SEALING_KEY_TYPES)('a recipient with %s', (keyType) => {
  test.each(CONTENT_ENCRYPTION_NAMES)('opens what was sealed with %s', async (encryption) => {
    const { recipient, privateKey } = partyWith(keyType);
    for (const length of [0, 1, 15, 16, 17, 1000, 100_000]) {
      const content = new Uint8Array(length).map((_, at) => at);
      const message = await sealed(recipient, encryption, content);
      expect(await open(message, privateKey, { allowUnauthenticated: true })).toEqual(content);
    }
  });
});

test('two messages of the same content have nothing secret in common', async () => {
  const { recipient } = partyWith('P-256');
  const content = new Uint8Array(64);
  const [a, b] = [await sealed(recipient, 'AES-256-GCM', content), await sealed(recipient, 'AES-256-GCM', content)];
  expect(a.length).toBe(b.length);
  expect(a.subarray(-80)).not.toEqual(b.subarray(-80));
});

describe('is the one error:', () => {
  const CONTENT = utf8('the content');

  test.each(['P-256', 'RSA-2048'])('any bit flipped in an authenticated message, with %s', async (keyType) => {
    const { recipient, privateKey } = partyWith(keyType);
    const message = await sealed(recipient, 'AES-128-GCM', CONTENT);
    await fc.assert(
      fc.asyncProperty(fc.nat(message.length * 8 - 1), async (bit) => {
        const altered = message.slice();
        altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        await expect(open(altered, privateKey)).rejects.toThrow(OpenError);
      }),
      { numRuns: 200 },
    );
  });

  test('any truncation, and bytes that follow', async () => {
    const { recipient, privateKey } = partyWith('P-256');
    const message = await sealed(recipient, 'ChaCha20-Poly1305', CONTENT);
    for (let length = 0; length < message.length; length++) {
      await expect(open(message.slice(0, length), privateKey)).rejects.toThrow(OpenError);
    }
    await expect(open(concat([message, Uint8Array.of(0)]), privateKey)).rejects.toThrow(OpenError);
  });

  test('a message for somebody else, of the same and of another key type', async () => {
    const { privateKey } = partyWith('P-256');
    for (const other of [await party('P-256'), partyWith('RSA-2048'), partyWith('P-384')]) {
      const message = await sealed(other.recipient, 'AES-256-GCM', CONTENT);
      await expect(open(message, privateKey)).rejects.toThrow(OpenError);
    }
  });

  test.each(['AES-128-CBC', 'AES-256-CBC'] as const)(
    'content that is not authenticated, with %s, unless the caller allows it',
    async (encryption) => {
      const { recipient, privateKey } = partyWith('P-256');
      const message = await sealed(recipient, encryption, CONTENT);
      await expect(open(message, privateKey)).rejects.toThrow(OpenError);
      expect(await open(message, privateKey, { allowUnauthenticated: true })).toEqual(CONTENT);
    },
  );

  test('a message under the right key identifier and the wrong key', async () => {
    const { privateKey } = partyWith('P-256');
    const stranger = await party('P-256');
    const message = await sealed(
      { ...stranger.recipient, keyIdentifier: new Uint8Array(privateKey.keyIdentifier) },
      'AES-256-GCM',
      CONTENT,
    );
    const error = await open(message, privateKey).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OpenError);
    expect(String(error)).toBe('OpenError: The answer cannot be opened with this key.');
    expect((error as OpenError).cause).toBeUndefined();
  });
});
