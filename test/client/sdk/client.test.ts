/** The SDK against all Workers, as an application uses it: the same in Node, in workerd and in Chromium. */

import { describe, expect, inject, test, vi } from 'vitest';
import { CaleClient, CaleError, type KeyType, MemoryKeyStore, type RegisterOptions } from '../../../client/index.ts';
import type {} from '../../support/provided.ts';

const EDGE = inject('edge');
const ALICE = `Basic ${btoa('alice:wonderland')}`;
const BOB = `Basic ${btoa('bob:builder')}`;

/** A request that went out, and the response that came back. */
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
  return { edge: EDGE, authorization: ALICE, store, fetch: recorded as never, exchanges, ...more };
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
  const response = await client.fetch(new URL('/scoped', EDGE));
  expect(response.status).toBe(403);
  expect(response.url).toBe(new URL('/scoped', EDGE).href);
  // The name by which the operator finds the request.
  expect(response.headers.get('CALE-Request-Id')).toMatch(/^[\w-]{22}$/);
  expect(await response.json()).toEqual({ error: 'scope write is needed' });
  expect(given.exchanges.at(-1)?.response.status).toBe(200);
});

test('fetch may be taken off its object', async () => {
  const client = await CaleClient.register(options());
  const { fetch } = client;
  expect(await (await fetch('/resource')).json()).toMatchObject({ owner: 'alice' });
  expect(fetch).toBe(client.fetch);
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
  expect(new TextDecoder('latin1').decode(await response.arrayBuffer())).not.toContain('alice');
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
    await expect(crypto.subtle.exportKey(format, key)).rejects.toMatchObject({ name: 'InvalidAccessError' });
  }
});

/** False in WebKit, which gives back its own WebCrypto in place of undefined. */
function canBeUndefined(): boolean {
  vi.stubGlobal('crypto', undefined);
  const isUndefined = globalThis.crypto === undefined;
  vi.unstubAllGlobals();
  return isUndefined;
}

describe('errors', () => {
  test('a revoked credential is unreadable, as is an altered answer', async () => {
    const store = new MemoryKeyStore();
    const client = await CaleClient.register(options({ store }));
    const [account] = await store.list();
    const revocation = { method: 'DELETE', headers: { Authorization: 'Bearer admin' } };
    await fetch(`${EDGE}/admin/credentials/${account?.guid}`, revocation);
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
    expect(await codeOf(client?.fetch('/resource/100000') as Promise<unknown>)).toBe('too-large');
  });

  test('an aborted request is the AbortError of the platform', async () => {
    const client = await CaleClient.register(options());
    expect(await codeOf(client.fetch('/resource', { signal: AbortSignal.abort() }))).toBe('AbortError');
  });

  test('a refusal has the words of the edge', async () => {
    const error = await CaleClient.register(options({ authorization: 'Basic x' })).catch((thrown) => thrown);
    const { title } = (error as CaleError).refusal ?? {};
    expect(title).toMatch(/\w/);
    expect((error as Error).message).toContain(title);
  });

  test('an authorization that no header field can hold is a TypeError without it, before anything is sent', async () => {
    for (const authorization of ['Bearer sec\nret', 'Bearer sec\u2028ret', async () => 'Bearer sec\0ret']) {
      const given = options({ authorization });
      const error = await CaleClient.register(given).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).not.toContain('sec');
      expect(given.exchanges.map(({ request }) => new URL(request.url).pathname)).not.toContain('/registration');
    }
    // As fetch does it, which takes white space around a value away.
    expect((await CaleClient.register(options({ authorization: `${ALICE}\n` }))).owner).toBe('alice');
  });

  test.each(['localhost:8787', 'api.example.com', 'ftp://api.example.com', ''])(
    '%j is no URL of an edge',
    async (edge) => {
      await expect(CaleClient.register(options({ edge }))).rejects.toThrow(TypeError);
      await expect(CaleClient.load(options({ edge }))).rejects.toThrow('https://api.example.com');
    },
  );

  test.each([...(canBeUndefined() ? [undefined] : []), null, {}])(
    'where there is no WebCrypto (%j), that is said before anything is sent',
    async (none) => {
      vi.stubGlobal('crypto', none);
      try {
        for (const outcome of [CaleClient.register(options()), CaleClient.load(options())]) {
          await expect(outcome).rejects.toMatchObject({
            code: 'no-webcrypto',
            message: expect.stringMatching(/https and localhost/),
          });
        }
      } finally {
        vi.unstubAllGlobals();
      }
    },
  );

  test('what is no edge is not sealed, and the error says what it is', async () => {
    const store = new MemoryKeyStore();
    await CaleClient.register(options({ store }));
    const answering = async (response: Response) => {
      const client = await CaleClient.load({ edge: EDGE, store, fetch: (async () => response) as never });
      return client?.fetch('/resource').catch((thrown) => thrown);
    };
    const page = await answering(new Response('<p>', { headers: { 'Content-Type': 'text/html' } }));
    expect(page).toMatchObject({ code: 'not-sealed', message: expect.stringContaining('text/html') });
    const moved = await answering(
      new Response(null, { status: 301, headers: { Location: 'https://elsewhere.example' } }),
    );
    expect(moved).toMatchObject({ code: 'not-sealed', message: expect.stringContaining('301') });
    const broken = new ReadableStream({ pull: (controller) => controller.error(new TypeError('broken')) });
    const type = { 'Content-Type': 'application/pkcs7-mime' };
    expect(await answering(new Response(broken, { headers: type }))).toMatchObject({ code: 'network' });
  });

  test('a method that the platform lacks is no verdict on the answer', async () => {
    const client = await CaleClient.register(options());
    const { decrypt } = SubtleCrypto.prototype;
    const lacking = { value: undefined, configurable: true, writable: true };
    Object.defineProperty(SubtleCrypto.prototype, 'decrypt', lacking);
    try {
      await expect(client.fetch('/resource')).rejects.toThrow(TypeError);
      await expect(client.whoami()).rejects.toThrow(TypeError);
    } finally {
      Object.defineProperty(SubtleCrypto.prototype, 'decrypt', { ...lacking, value: decrypt });
    }
    expect((await client.whoami()).owner).toBe('alice');
  });

  test('an edge that is not there is a network error', async () => {
    const nowhere = { edge: 'http://127.0.0.1:9', authorization: ALICE, store: new MemoryKeyStore() };
    const error = await CaleClient.register(nowhere).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'network', message: expect.stringContaining('http://127.0.0.1:9') });
    // A page of another origin may be the reason, and only browsers have pages.
    expect((error as Error).message.includes('ALLOWED_ORIGINS')).toBe('window' in globalThis);
  });
});

describe('redirects', () => {
  test('are followed at the edge, and the answer says where it is from', async () => {
    const client = await CaleClient.register(options());
    const response = await client.fetch('/redirect/302?to=/redirect/307%3Fto=/mirror%253Fx=1');
    expect(response.status).toBe(200);
    expect(response.redirected).toBe(true);
    expect(response.url).toBe(`${EDGE}/mirror?x=1`);
    expect(await response.json()).toMatchObject({ method: 'GET', search: '?x=1' });
  });

  test.each([
    [301, 'GET', ''],
    [302, 'GET', ''],
    [303, 'GET', ''],
    [307, 'POST', 'a body'],
    [308, 'POST', 'a body'],
  ])('of a POST by %i become a %s', async (status, method, body) => {
    const client = await CaleClient.register(options());
    const response = await client.fetch(`/redirect/${status}`, { method: 'POST', body: 'a body' });
    expect(await response.json()).toMatchObject({ method, body });
  });

  test('are handed back or refused where the caller wants it so', async () => {
    const client = await CaleClient.register(options());
    const manual = await client.fetch('/redirect/302', { redirect: 'manual' });
    expect([manual.status, manual.headers.get('Location'), manual.redirected]).toEqual([302, '/mirror', false]);
    // Workers have no such mode.
    const error = await codeOf(client.fetch('/redirect/302', { redirect: 'error' }));
    expect(['network', 'TypeError']).toContain(error);
  });

  test.each([
    ['another host', 'https://elsewhere.example/x?token=secret', 'https://elsewhere.example'],
    ['another scheme', `ftp://${new URL(EDGE).host}/`, `ftp://${new URL(EDGE).host}`],
    ['no host', 'data:text/plain,hello', 'null'],
  ])('that lead to %s are not followed, and nothing is sent there', async (_, location, named) => {
    const given = options();
    const client = await CaleClient.register(given);
    const headers = { Authorization: 'Bearer of the application' };
    for (const init of [{ headers }, { headers, method: 'POST', body: 'a body' }]) {
      const error = await client
        .fetch(`/redirect/307?to=${encodeURIComponent(location)}`, init)
        .catch((thrown) => thrown);
      expect(error).toMatchObject({
        code: 'other-origin',
        message: expect.stringContaining(`leads to ${named}, away`),
      });
      expect(error.message).not.toContain('secret');
    }
    expect(new Set(given.exchanges.map(({ request }) => new URL(request.url).origin))).toEqual(new Set([EDGE]));
  });

  test('that lead to no URL, or round for ever, are network errors, as those of fetch', async () => {
    const client = await CaleClient.register(options());
    const toNone = client.fetch(`/redirect/302?to=${encodeURIComponent('http://[')}`);
    await expect(toNone).rejects.toMatchObject({ code: 'network', message: expect.stringContaining('no URL') });
    await expect(client.fetch('/loop')).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('20'),
    });
  });

  test('of a HEAD stay one', async () => {
    const client = await CaleClient.register(options());
    for (const status of [301, 302, 303, 307, 308]) {
      const response = await client.fetch(`/redirect/${status}?to=/resource/10`, { method: 'HEAD' });
      expect([response.status, response.headers.get('Content-Type'), await response.text()]).toEqual([
        200,
        'text/plain',
        '',
      ]);
    }
  });
});

describe('the answer is a Response as that of fetch:', () => {
  test('its copies have the URL too, and a fragment is no part of it', async () => {
    const client = await CaleClient.register(options());
    const response = await client.fetch('/redirect/302?to=/resource/3%23part');
    const copy = response.clone();
    for (const each of [response, copy, copy.clone()]) {
      expect([each.url, each.redirected, each.type, each.status]).toEqual([`${EDGE}/resource/3`, true, 'basic', 200]);
      expect(await each.text()).toBe('xxx');
    }
    const whole = await client.fetch('/resource/3#part');
    expect([whole.url, whole.redirected]).toEqual([`${EDGE}/resource/3`, false]);
  });

  test('each of several cookies is there, where the platform shows cookies', async () => {
    const client = await CaleClient.register(options());
    const { headers } = await client.fetch('/cookies');
    const shown = new Response(null, { headers: { 'Set-Cookie': 'a=1' } }).headers.has('Set-Cookie');
    const cookies = ['a=1; Path=/', 'b=2; Expires=Wed, 01 Jan 2031 00:00:00 GMT'];
    expect(headers.getSetCookie()).toEqual(shown ? cookies : []);
    // Browsers hide them from pages.
    expect(shown).toBe(!('window' in globalThis));
  });
});

test('what the platform\u2019s fetch takes is sent: method, header fields, body, query', async () => {
  const client = await CaleClient.register(options());
  const init = { method: 'PUT', headers: { 'X-Field': 'a value', Accept: 'text/html' }, body: 'a body' };
  const seen = (await (await client.fetch(new Request(`${EDGE}/mirror?a=b`, init))).json()) as Record<string, unknown>;
  expect(seen).toMatchObject({ method: 'PUT', body: 'a body', search: '?a=b', headers: { 'x-field': 'a value' } });
  // The form of the envelope is between client and edge.
  expect((seen['headers'] as Record<string, string>)['accept']).toBe('text/html');
});

test('fields of the protocol that an application sets are replaced by those of the client', async () => {
  const client = await CaleClient.register(options());
  const names = ['CALE-Nonce', 'CALE-Key', 'CALE-GUID', 'CALE-Accept', 'Content-Digest'];
  const headers = Object.fromEntries(names.map((name) => [name, 'of the application']));
  const init = { method: 'POST', body: 'a body', headers };
  for (const seal of [false, true]) {
    expect(await (await client.fetch('/mirror', { ...init, seal })).json()).toMatchObject({ proof: 'signature' });
  }
});

test('an answer that has no body has none', async () => {
  const client = await CaleClient.register(options());
  const response = await client.fetch('/empty');
  expect([response.status, response.body]).toEqual([204, null]);
});

test('credentials are those that the caller asks for', async () => {
  const given = options();
  const client = await CaleClient.register(given);
  // Workers have no cookies, and no such field.
  const has = 'credentials' in Request.prototype;
  const init = (has ? { credentials: 'omit' } : {}) as RequestInit;
  await client.fetch('/resource', init);
  const { request } = given.exchanges.at(-1) as Exchange;
  expect((request as { credentials?: string }).credentials).toBe(has ? 'omit' : undefined);
});

test('a request that is aborted while its answer comes in is the AbortError of the platform', async () => {
  const store = new MemoryKeyStore();
  await CaleClient.register(options({ store }));
  const controller = new AbortController();
  const abortsThen = async (input: RequestInfo | URL, init?: RequestInit) => {
    const response = await fetch(input, init);
    controller.abort();
    return response;
  };
  const client = await CaleClient.load({ edge: EDGE, store, fetch: abortsThen as never });
  const outcome = client?.fetch('/resource/10000000', { signal: controller.signal }) as Promise<Response>;
  expect(await codeOf(outcome)).toBe('AbortError');
});
