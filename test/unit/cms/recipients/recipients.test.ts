import { beforeAll, describe, expect, test } from 'vitest';
import { parseEnvelopedMessage } from '../../../../shared/cms/enveloped-data.ts';
import type { KeyBytes } from '../../../../shared/cms/recipients/recipient-type.ts';
import {
  importPrivateKey,
  importRecipient,
  recipientTypeOf,
  recipientTypeOfPrivateKey,
} from '../../../../shared/cms/recipients/recipients.ts';
import { seal } from '../../../../shared/cms/seal.ts';
import { KEY_TYPE_NAMES } from '../../../../shared/crypto/keys/key-types.ts';
import { KeyError } from '../../../../shared/crypto/keys/parser.ts';
import { keyIdentifier } from '../../../../shared/crypto/keys/public-key.ts';
import { concat, hex } from '../../../../shared/encoding/bytes.ts';
import { DerError } from '../../../../shared/encoding/der/error.ts';
import {
  encode,
  objectIdentifier,
  octetString,
  sequence,
  smallInteger,
} from '../../../../shared/encoding/der/writer.ts';
import { createKey, type TestKey } from '../../../support/keys.ts';

const CIPHERS = [
  ['AES-128-GCM', 16],
  ['AES-256-CBC', 32],
] as const satisfies readonly [string, KeyBytes][];

describe.each(KEY_TYPE_NAMES)('%s', (keyType) => {
  let key: TestKey;
  beforeAll(async () => {
    key = await createKey(keyType);
  });

  test.each(CIPHERS)('the size of a RecipientInfo is known before it is made, in %s', async (cipher, keyBytes) => {
    const { publicKey } = key;
    const message = concat(await seal(await importRecipient(publicKey), cipher, new Uint8Array(10)));
    const [info = expect.unreachable()] = parseEnvelopedMessage(message).recipientInfos;
    expect(recipientTypeOf(publicKey).length(publicKey, keyBytes)).toBe(info.encoding.length);
  });

  test('a public and a private key are of one row, and the private one cannot be exported', async () => {
    const { publicKey, pkcs8 } = key;
    const identifier = await keyIdentifier(publicKey);
    expect(hex((await importRecipient(publicKey)).keyIdentifier)).toBe(hex(identifier));
    const { key: privateKey } = await importPrivateKey(identifier, pkcs8, crypto.subtle);
    expect(recipientTypeOfPrivateKey(privateKey)).toBe(recipientTypeOf(publicKey));
    expect(privateKey.extractable).toBe(false);
  });
});

test('a private key of another type is refused, and so is what is none', async () => {
  const ed25519 = encode(
    sequence(smallInteger(0), sequence(objectIdentifier('1.3.101.112')), octetString(new Uint8Array(34))),
  );
  await expect(importPrivateKey(new Uint8Array(20), ed25519, crypto.subtle)).rejects.toThrow(KeyError);
  await expect(importPrivateKey(new Uint8Array(20), new Uint8Array(3), crypto.subtle)).rejects.toThrow(DerError);
});
