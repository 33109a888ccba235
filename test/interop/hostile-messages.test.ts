/** Messages that are none of ours, or were ours before somebody touched them: each is the one error. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { generateDeviceKey } from '../../client/device-key.ts';
import { OpenError, open } from '../../shared/cms/open.ts';
import type { Recipient, RecipientPrivateKey } from '../../shared/cms/recipients/recipient-type.ts';
import { importRecipient } from '../../shared/cms/recipients/recipients.ts';
import { seal } from '../../shared/cms/seal.ts';
import { parsePublicKey } from '../../shared/crypto/keys/public-key.ts';
import { concat, utf8 } from '../../shared/encoding/bytes.ts';
import { parseCsr } from '../../shared/x509/csr.ts';
import { findSuite } from '../support/suites.ts';

/** Of openssl/fuzz-corpora, Apache-2.0: what parses as EnvelopedData. */
const FUZZ_CORPUS = findSuite('cms/openssl-fuzz-enveloped');

const KEY_TYPES = ['P-256', 'RSA-2048'] as const;
const keys = new Map<string, { key: RecipientPrivateKey; recipient: Recipient }>();

beforeAll(async () => {
  for (const keyType of KEY_TYPES) {
    const { key, csr } = await generateDeviceKey(keyType, '', crypto.subtle);
    keys.set(keyType, { key, recipient: await importRecipient(parsePublicKey(parseCsr(csr).spki)) });
  }
});

async function verdict(message: Uint8Array<ArrayBuffer>, keyType: string): Promise<string> {
  const { key } = keys.get(keyType) ?? expect.unreachable();
  try {
    await open(message, key);
    return 'opened';
  } catch (error) {
    return error instanceof OpenError ? 'refused' : String(error);
  }
}

async function sealed(keyType: string): Promise<Uint8Array<ArrayBuffer>> {
  const { recipient } = keys.get(keyType) ?? expect.unreachable();
  return concat(await seal(recipient, 'AES-256-GCM', utf8('the answer')));
}

describe.each(KEY_TYPES)('a message for %s', (keyType) => {
  test('opens as it was sealed', async () => {
    expect(await verdict(await sealed(keyType), keyType)).toBe('opened');
  });

  test('is refused with any one bit of it flipped', async () => {
    const message = await sealed(keyType);
    const opened: number[] = [];
    for (let bit = 0; bit < message.length * 8; bit++) {
      const altered = message.slice();
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if ((await verdict(altered, keyType)) !== 'refused') opened.push(bit);
    }
    expect(opened).toEqual([]);
  });

  test('is refused cut off anywhere, or with a byte more', async () => {
    const message = await sealed(keyType);
    const opened: number[] = [];
    for (let length = 0; length < message.length; length++) {
      if ((await verdict(message.slice(0, length), keyType)) !== 'refused') opened.push(length);
    }
    expect(opened).toEqual([]);
    expect(await verdict(Uint8Array.from([...message, 0]), keyType)).toBe('refused');
  });

  test('is refused with any two bytes that differ swapped', async () => {
    const message = await sealed(keyType);
    const opened: number[] = [];
    for (let at = 1; at < message.length; at++) {
      const altered = message.slice();
      [altered[at - 1], altered[at]] = [message[at] ?? 0, message[at - 1] ?? 0];
      if (message[at] !== message[at - 1] && (await verdict(altered, keyType)) !== 'refused') opened.push(at);
    }
    expect(opened).toEqual([]);
  });

  test('is refused by another key of its kind', async () => {
    const { key } = await generateDeviceKey(keyType, '', crypto.subtle);
    await expect(open(await sealed(keyType), key)).rejects.toBeInstanceOf(OpenError);
  });

  test.skipIf(FUZZ_CORPUS === undefined)('is told from each of the messages of a fuzzer', async () => {
    const names = readdirSync(FUZZ_CORPUS ?? '');
    expect(names.length).toBeGreaterThan(100);
    for (const name of names) {
      const message = Uint8Array.from(readFileSync(join(FUZZ_CORPUS ?? '', name)));
      expect(await verdict(message, keyType), name).toBe('refused');
    }
  });
});
