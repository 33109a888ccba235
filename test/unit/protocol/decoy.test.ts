import { expect, test } from 'vitest';
import { parseEnvelopedMessage } from '../../../shared/cms/enveloped-data.ts';
import { RSA_OAEP } from '../../../shared/cms/recipients/rsa-oaep.ts';
import { seal } from '../../../shared/cms/seal.ts';
import { KEY_TYPE_NAMES } from '../../../shared/crypto/keys/key-types.ts';
import { concat, hex } from '../../../shared/encoding/bytes.ts';
import { EncodingError } from '../../../shared/encoding/error.ts';
import { type Decoy, deriveDecoy, importDecoyKey, parseDecoySecret } from '../../../shared/protocol/decoy.ts';
import { type Guid, newGuid } from '../../../shared/protocol/guid.ts';

const key = await importDecoyKey(crypto.getRandomValues(new Uint8Array(32)));

/** Decoys of each key type, by its name. */
async function decoysByKeyType(): Promise<Map<string, { guid: Guid; decoy: Decoy }>> {
  const found = new Map<string, { guid: Guid; decoy: Decoy }>();
  while (found.size < KEY_TYPE_NAMES.length) {
    const guid = newGuid();
    const decoy = await deriveDecoy(key, guid);
    found.set(decoy.publicKey.keyType, { guid, decoy });
  }
  return found;
}

test('a GUID has one decoy, which another secret makes another', async () => {
  const otherKey = await importDecoyKey(crypto.getRandomValues(new Uint8Array(32)));
  const found = await decoysByKeyType();
  expect([...found.keys()].sort()).toEqual([...KEY_TYPE_NAMES].sort());
  for (const { guid, decoy } of found.values()) {
    const again = await deriveDecoy(key, guid);
    expect(again.publicKey.keyType).toBe(decoy.publicKey.keyType);
    expect(hex(again.recipient.keyIdentifier)).toBe(hex(decoy.recipient.keyIdentifier));
    const other = await deriveDecoy(otherKey, guid);
    expect(hex(other.recipient.keyIdentifier)).not.toBe(hex(decoy.recipient.keyIdentifier));
  }
});

test('two GUIDs have different recipients', async () => {
  const identifiers = new Set<string>();
  for (let i = 0; i < 50; i++) identifiers.add(hex((await deriveDecoy(key, newGuid())).recipient.keyIdentifier));
  expect(identifiers.size).toBe(50);
});

test('what is sealed with RSA for one GUID stays below one bound, as with a real modulus', async () => {
  const { decoy } = (await decoysByKeyType()).get('RSA-2048') ?? expect.unreachable();
  const { publicKey } = decoy;
  const modulus = publicKey.algorithm === 'RSA' ? hex(publicKey.modulus) : expect.unreachable();
  // Prime factors of at least 2^1023.5 have a product that begins with 8 or more.
  expect(modulus).toMatch(/^[89a-f]/);
  for (let i = 0; i < 200; i++) {
    const message = concat(await seal(decoy.recipient, 'AES-128-GCM', new Uint8Array(16)));
    const [info = expect.unreachable()] = parseEnvelopedMessage(message).recipientInfos;
    expect(hex(RSA_OAEP.parse(info).encryptedKey) < modulus).toBe(true);
  }
});

test('a secret is base64 of at least 32 bytes', () => {
  expect(parseDecoySecret(btoa('x'.repeat(32)))).toHaveLength(32);
  for (const text of ['', btoa('x'.repeat(31)), 'not base64!'])
    expect(() => parseDecoySecret(text)).toThrow(EncodingError);
});
