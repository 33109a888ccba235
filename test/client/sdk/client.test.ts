/** The SDK against all Workers, as an application uses it. */

import { Crypto as PeculiarCrypto } from '@peculiar/webcrypto';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { CaleClient, CaleError, type KeyType, MemoryKeyStore, type RegisterOptions } from '../../client/index.ts';
import { ALICE, BOB, type Harness, startHarness } from '../flow/harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness({ vars: { edge: { TLS_CIPHER: 'ECDHE-RSA-AES256-GCM-SHA384' } } });
});
afterAll(() => harness.server.close());
afterEach(() => vi.unstubAllGlobals());

/** What went out, and what came back. */
interface Exchange {
  readonly request: Request;
  readonly response: Response;
}

function options(more: Partial<RegisterOptions> = {}): RegisterOptions & { exchanges: Exchange[] } {
  const exchanges: Exchange[] = [];
  const recorded = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    const response = await fetch(request.clone(), init);
    exchanges.push({ request, response: response.clone() as never });
    return response;
  };
  const store = new MemoryKeyStore();
  return { edge: harness.url, authorization: ALICE, store, fetch: recorded as never, exchanges, ...more };
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof CaleError ? error.code : String((error as Error).name)),
  );

test.each(['P-256', 'P-384', 'P-521', 'RSA-2048', 'RSA-3072', 'RSA-4096'] as const satisfies KeyType[])(
  'a %s key is registered, and reads answers and who it is',
  async (key) => {
    const client = await CaleClient.register(options({ key, subject: 'my phone' }));
    const response = await client.fetch('/resource');
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe('application/json');
    expect(await response.json()).toMatchObject({ owner: 'alice', aggregate: { foo: 'bar' } });
    expect(await client.whoami()).toMatchObject({
      owner: 'alice',
      organization: 'example.com',
      scopes: ['read', 'write'],
      device: 'CN=my phone',
    });
  },
);

test("fetch gives the origin's own status, where the outside says 200", async () => {
  const given = options({ authorization: () => BOB });
  const client = await CaleClient.register(given);
  const response = await client.fetch(new URL('/scoped', harness.url));
  expect(response.status).toBe(403);
  expect(response.url).toBe(new URL('/scoped', harness.url).href);
  expect(await response.json()).toEqual({ error: 'scope write is needed' });
  expect(given.exchanges.at(-1)?.response.status).toBe(200);
});

test('a HEAD has the header fields and no body', async () => {
  const client = await CaleClient.register(options());
  const response = await client.fetch('/resource/10', { method: 'HEAD' });
  expect(response.headers.get('Content-Type')).toBe('text/plain');
  expect(await response.text()).toBe('');
});

test('what goes over the wire holds neither the key nor, in the clear, the answer', async () => {
  const given = options();
  const client = await CaleClient.register(given);
  await client.fetch('/resource');
  const { request, response } = given.exchanges.at(-1) as Exchange;
  expect(request.headers.get('CALE-Accept')).toBe('message/bhttp');
  expect(request.headers.has('Authorization')).toBe(false);
  expect(Buffer.from(await response.arrayBuffer()).includes('alice')).toBe(false);
});

test('an account is loaded by edge and name, several side by side, and forgotten', async () => {
  const store = new MemoryKeyStore();
  await CaleClient.register(options({ store }));
  await CaleClient.register(options({ store, account: 'second', authorization: BOB }));
  const { edge } = options();
  const first = await CaleClient.load({ edge, store });
  const second = await CaleClient.load({ edge, store, account: 'second' });
  expect((await first?.whoami())?.owner).toBe('alice');
  expect((await second?.whoami())?.owner).toBe('bob');
  await second?.forget();
  expect(await CaleClient.load({ edge, store, account: 'second' })).toBeUndefined();
  expect(await CaleClient.load({ edge, store })).toBeDefined();
  expect(await CaleClient.load({ edge: 'https://elsewhere.example', store })).toBeUndefined();
});

test('the key that is kept cannot be exported', async () => {
  const store = new MemoryKeyStore();
  await CaleClient.register(options({ store }));
  const [info = { edge: '', name: '' }] = await store.list();
  const key = (await store.get(info))?.key.key as CryptoKey;
  for (const format of ['pkcs8', 'jwk'] as const) {
    await expect(crypto.subtle.exportKey(format, key)).rejects.toThrow(/not extractable/);
  }
});

describe('errors', () => {
  test('a revoked credential is unreadable, as is an altered answer', async () => {
    const store = new MemoryKeyStore();
    const client = await CaleClient.register(options({ store }));
    const [account] = await store.list();
    const revocation = { method: 'DELETE', headers: { Authorization: 'Bearer admin' } };
    await harness.server.fetch(`/admin/credentials/${account?.guid}`, revocation);
    expect(await codeOf(client.fetch('/resource'))).toBe('unreadable');
    expect(await codeOf(client.whoami())).toBe('unreadable');
  });

  test('a wrong proof of identity is refused, with what the edge said', async () => {
    const error = await CaleClient.register(options({ authorization: 'Basic x' })).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(CaleError);
    expect(error).toMatchObject({ code: 'refused', refusal: { status: 401, problem: 'identity-required' } });
  });

  test('the GUID is never sent to another origin', async () => {
    const given = options();
    const client = await CaleClient.register(given);
    const before = given.exchanges.length;
    expect(await codeOf(client.fetch('https://elsewhere.example/resource'))).toBe('other-origin');
    expect(given.exchanges.length).toBe(before);
  });

  test('a redirect of what stands before the edge is not followed', async () => {
    const client = await CaleClient.register(options());
    const elsewhere = { status: 302, headers: { Location: 'https://elsewhere.example/' } };
    const asked: string[] = [];
    const redirecting = async (input: unknown) => {
      asked.push((input as Request).url);
      return new Response(null, elsewhere);
    };
    const store = new MemoryKeyStore();
    await CaleClient.register(options({ store }));
    const loaded = await CaleClient.load({ edge: client.edge, store, fetch: redirecting as never });
    expect(await codeOf(loaded?.fetch('/resource') as Promise<unknown>)).toBe('not-sealed');
    expect(asked).toEqual([`${client.edge}/resource`]);
  });

  test('an answer that is too long is not read to its end', async () => {
    const store = new MemoryKeyStore();
    await CaleClient.register(options({ store }));
    const client = await CaleClient.load({ ...options({ store }), maxOctets: 5000 });
    expect((await client?.fetch('/resource/1000'))?.status).toBe(200);
    expect(await codeOf(client?.fetch('/resource/100000') as Promise<unknown>)).toBe('unreadable');
  });

  test('an aborted request is the AbortError of the platform', async () => {
    const client = await CaleClient.register(options());
    expect(await codeOf(client.fetch('/resource', { signal: AbortSignal.abort() }))).toBe('AbortError');
  });

  test('an edge that is not there is a network error', async () => {
    const nowhere = { edge: 'http://127.0.0.1:9', authorization: ALICE, store: new MemoryKeyStore() };
    expect(await codeOf(CaleClient.register(nowhere))).toBe('network');
  });
});

test('a WebCrypto that is handed in is the only one that is used', async () => {
  const webcrypto = new PeculiarCrypto();
  const given = options({ crypto: webcrypto as never });
  vi.stubGlobal('crypto', undefined);
  const client = await CaleClient.register(given);
  expect(await (await client.fetch('/resource')).json()).toMatchObject({ owner: 'alice' });
  expect((await client.whoami()).owner).toBe('alice');
});
