/** A WebCrypto other than the platform's, and answers without streams: what React Native has. */

import { Crypto as PeculiarCrypto } from '@peculiar/webcrypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { CaleClient, type KeyType, MemoryKeyStore } from '../../client/index.ts';
import { ALICE, type Harness, startHarness } from '../support/harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness({ vars: { edge: { TLS_CIPHER: 'ECDHE-RSA-CHACHA20-POLY1305' } } });
});
afterAll(() => harness.server.close());

test.each(['P-256', 'RSA-2048'] satisfies KeyType[])('is the only one that is used, with %s', async (key) => {
  const webcrypto = new PeculiarCrypto() as never;
  const withoutStreams = async (input: RequestInfo | URL, init?: RequestInit) =>
    Object.defineProperty(await fetch(input, init), 'body', { value: undefined });
  const options = {
    edge: harness.url,
    fetch: withoutStreams,
    authorization: ALICE,
    store: new MemoryKeyStore(),
    crypto: webcrypto,
  };
  vi.stubGlobal('crypto', undefined);
  try {
    const client = await CaleClient.register({ ...options, key });
    expect(await (await client.fetch('/resource')).json()).toMatchObject({ owner: 'alice' });
    expect((await client.whoami()).owner).toBe('alice');
    const write = { method: 'POST', body: 'a body' };
    for (const seal of [false, true]) {
      expect(await (await client.fetch('/echo', { ...write, seal })).json()).toMatchObject({ body: 'a body' });
    }
  } finally {
    vi.unstubAllGlobals();
  }
});
