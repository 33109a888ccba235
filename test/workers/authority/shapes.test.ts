import { env, reset } from 'cloudflare:test';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CredentialShard } from '../../../durable-objects/credential-shard/shard.ts';
import { newGuid } from '../../../shared/protocol/guid.ts';
import { encodeCommonName } from '../../../shared/x509/name.ts';
import { Shards } from '../../../workers/authority/credentials/shards.ts';
import { keyTypeShares } from '../../../workers/authority/decoys/shape.ts';
import { Shapes } from '../../../workers/authority/decoys/shapes.ts';
import { encodeSubjectTemplate } from '../../../workers/authority/issuance/subject-template.ts';
import { createKey } from '../../support/keys.ts';

const { CATALOGUE, SHARDS } = env as unknown as {
  CATALOGUE: KVNamespace;
  SHARDS: DurableObjectNamespace<CredentialShard>;
};
const MINUTES = 60_000;
const shards = new Shards(SHARDS, { count: 3, placement: 'hash' });
let now = Date.now();

beforeEach(async () => {
  await reset();
  vi.useFakeTimers({ now, toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const publicKeys = {
  'P-256': (await createKey('P-256')).publicKey,
  'RSA-2048': (await createKey('RSA-2048')).publicKey,
};

async function register(keyType: keyof typeof publicKeys, count: number, owner = 'alice') {
  const guids = Array.from({ length: count }, newGuid);
  for (const guid of guids) {
    const identity = { owner, organization: 'example.com', scopes: ['read'] };
    const template = encodeSubjectTemplate({
      subject: encodeCommonName('phone'),
      publicKey: publicKeys[keyType],
      keyIdentifier: new Uint8Array(20),
      identity,
    });
    await shards.at(await shards.numberOf(guid)).register({
      guid,
      ...identity,
      device: 'CN=phone',
      keyType,
      csrSha256: '',
      catalogueKey: `csr/${guid}`,
      template,
      registeredAt: 1000,
    });
  }
  return guids;
}

/** Shares of key types, once a refresh is done. */
async function refreshedShares(shapes: Shapes): Promise<Record<string, number>> {
  now += 6 * MINUTES;
  vi.setSystemTime(now);
  await shapes.current();
  let before = '';
  for (let wait = 0; wait < 20; wait++) {
    const text = JSON.stringify(await shapes.current());
    if (wait > 5 && text === before) break;
    before = text;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return Object.fromEntries(keyTypeShares(await shapes.current()));
}

test('before there is a credential, decoys are as those of the default key', async () => {
  expect(await refreshedShares(new Shapes(CATALOGUE, shards))).toEqual({ 'P-256': 1 });
});

test('key types have the shares of the credentials that are valid, and every isolate has the same', async () => {
  const shapes = new Shapes(CATALOGUE, shards);
  const guids = await register('RSA-2048', 6);
  expect(await refreshedShares(shapes)).toEqual({ 'RSA-2048': 1 });
  expect(await new Shapes(CATALOGUE, shards).current()).toEqual(await shapes.current());
  await register('P-256', 30);
  for (const guid of guids) await shards.at(await shards.numberOf(guid)).revoke({ guid });
  expect(await refreshedShares(shapes)).toEqual({ 'P-256': 1 });
});

test('a snapshot stays while the credentials are much the same, so that a GUID keeps its decoy', async () => {
  const shapes = new Shapes(CATALOGUE, shards);
  await register('P-256', 20);
  await refreshedShares(shapes);
  const before = await shapes.current();
  await register('P-256', 20, 'somebody-with-a-longer-name');
  await refreshedShares(shapes);
  expect(await shapes.current()).toEqual(before);
});

test('no name of an owner or a device gets into the snapshot', async () => {
  const shapes = new Shapes(CATALOGUE, shards);
  await register('P-256', 5);
  await refreshedShares(shapes);
  const stored = (await CATALOGUE.get('decoys/shapes')) ?? '';
  expect(stored).toContain('P-256');
  for (const word of ['alice', 'phone', 'read', btoa('phone')]) expect(stored).not.toContain(word);
});
