import { expect, test } from 'vitest';
import { concat, hex } from '../../shared/bytes.ts';
import { parseEnveloped } from '../../shared/cms/parse.ts';
import { seal } from '../../shared/cms/seal.ts';
import { type Decoy, decoyFor, importDecoyKey } from '../../shared/decoy/recipient.ts';
import { readPublicKey } from '../../shared/keys/public-key.ts';
import { newGuid } from '../../shared/wire/guid.ts';

const key = await importDecoyKey(crypto.getRandomValues(new Uint8Array(32)));

/** Decoys of each key type. */
async function decoysByKeyType(): Promise<Map<string, { guid: string; decoy: Decoy }>> {
  const found = new Map<string, { guid: string; decoy: Decoy }>();
  while (found.size < 6) {
    const guid = newGuid();
    const decoy = await decoyFor(key, guid);
    const publicKey = readPublicKey(decoy.subjectPublicKeyInfo) ?? expect.unreachable();
    found.set(publicKey.algorithm === 'RSA' ? String(publicKey.modulusBits) : publicKey.curve, { guid, decoy });
  }
  return found;
}

test('a GUID has one decoy, which another secret makes another', async () => {
  const otherKey = await importDecoyKey(crypto.getRandomValues(new Uint8Array(32)));
  const found = await decoysByKeyType();
  expect([...found.keys()].sort()).toEqual(['2048', '3072', '4096', 'P-256', 'P-384', 'P-521']);
  for (const { guid, decoy } of found.values()) {
    const again = await decoyFor(key, guid);
    expect(again.algorithm).toBe(decoy.algorithm);
    expect(hex(again.recipient.keyIdentifier)).toBe(hex(decoy.recipient.keyIdentifier));
    const other = await decoyFor(otherKey, guid);
    expect(hex(other.recipient.keyIdentifier)).not.toBe(hex(decoy.recipient.keyIdentifier));
  }
});

test('two GUIDs have different recipients', async () => {
  const identifiers = new Set<string>();
  for (let i = 0; i < 50; i++) identifiers.add(hex((await decoyFor(key, newGuid())).recipient.keyIdentifier));
  expect(identifiers.size).toBe(50);
});

test('what is sealed with RSA for one GUID stays below one bound, as with a real modulus', async () => {
  const { decoy } = (await decoysByKeyType()).get('2048') ?? expect.unreachable();
  const publicKey = readPublicKey(decoy.subjectPublicKeyInfo);
  const modulus = publicKey?.algorithm === 'RSA' ? hex(publicKey.modulus) : expect.unreachable();
  // Prime factors of at least 2^1023.5 have a product that begins with 8 or more.
  expect(modulus).toMatch(/^[89a-f]/);
  for (let i = 0; i < 200; i++) {
    const message = concat(await seal(decoy.recipient, 'AES-128-GCM', new Uint8Array(16)));
    const [recipient] = parseEnveloped(message).recipients;
    expect(hex(recipient?.encryptedKey ?? new Uint8Array()) < modulus).toBe(true);
  }
});
