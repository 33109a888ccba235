/** Requests that can change something: the client signs them by itself, and the origin lets only such in. */

import { afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { CaleClient, type KeyType, MemoryKeyStore } from '../../../client/index.ts';
import { hex, utf8 } from '../../../shared/encoding/bytes.ts';
import { createMiddle, createVictim, type Middle, outcomeOf, type Victim } from '../../support/middle.ts';
import type {} from '../../support/provided.ts';

const EDGE = inject('edge');
const ALICE = `Basic ${btoa('alice:wonderland')}`;
const MIB = 1024 * 1024;

interface Mirror {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly proof: string;
}

let victim: Victim;
beforeAll(async () => {
  victim = await createVictim({ edge: EDGE, authorization: ALICE });
});

const mirror = async (client: CaleClient, init?: RequestInit): Promise<Mirror> =>
  (await (await client.fetch('/mirror', init)).json()) as Mirror;

const digestOf = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
  hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));

/** Another client of the account, which has not heard from the edge yet. */
async function loaded(middle: Middle = createMiddle()): Promise<CaleClient> {
  const client = await CaleClient.load({ edge: EDGE, store: victim.store, fetch: middle.fetch });
  if (client === undefined) throw new Error('no account');
  return client;
}

describe.each(['P-256', 'P-384', 'P-521', 'RSA-2048', 'RSA-3072', 'RSA-4096'] as const satisfies KeyType[])(
  'with %s',
  (key) => {
    let client: CaleClient;
    let middle: Middle;
    beforeAll(async () => {
      ({ client, middle } = await createVictim({ edge: EDGE, authorization: ALICE }, key));
    });

    test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s is signed', async (method) => {
      expect(await mirror(client, { method, body: 'a body' })).toMatchObject({
        method,
        body: 'a body',
        proof: 'signature',
      });
      expect(await mirror(client, { method })).toMatchObject({ method, body: '', proof: 'signature' });
      const { headers } = middle.requests.at(-1) as Request;
      expect(headers.get('Signature-Input')).toContain(';tag="cale-request"');
    });

    test('GET is not', async () => {
      expect(await mirror(client)).toMatchObject({ method: 'GET', body: '', proof: 'reading' });
      const { headers } = middle.requests.at(-1) as Request;
      expect(headers.has('Signature')).toBe(false);
      expect(headers.has('CALE-Nonce')).toBe(true);
    });
  },
);

describe('a body', () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => at % 251);
  const streamOf = (length: number): ReadableStream<Uint8Array> => {
    let left = length;
    return new ReadableStream({
      pull(controller) {
        const chunk = new Uint8Array(Math.min(left, 64 * 1024)).fill(120);
        left -= chunk.length;
        if (chunk.length > 0) controller.enqueue(chunk);
        else controller.close();
      },
    });
  };
  const write = async (body: BodyInit, headers: Record<string, string> = {}): Promise<Record<string, unknown>> => {
    const init = { method: 'POST', body, headers, ...(body instanceof ReadableStream && { duplex: 'half' }) };
    return (await (await victim.client.fetch('/digest', init as RequestInit)).json()) as Record<string, unknown>;
  };

  test('of text, bytes, a Blob and parameters comes as it is, with its media type', async () => {
    const bytesDigest = await digestOf(bytes);
    expect(await write('gr\u00fc\u00df')).toMatchObject({ length: 6, type: expect.stringMatching(/^text\/plain/) });
    expect(await write(bytes)).toMatchObject({ length: bytes.length, sha256: bytesDigest });
    expect(await write(bytes.buffer)).toMatchObject({ length: bytes.length, sha256: bytesDigest });
    const blob = new Blob([bytes], { type: 'image/png' });
    expect(await write(blob)).toMatchObject({ sha256: bytesDigest, type: 'image/png' });
    const type = expect.stringMatching(/^application\/x-www-form-urlencoded/);
    expect(await write(new URLSearchParams({ a: 'b' }))).toMatchObject({ sha256: await digestOf(utf8('a=b')), type });
    const json = { 'Content-Type': 'application/json' };
    expect(await write('{}', json)).toMatchObject({ length: 2, type: 'application/json' });
  });

  test('of a form comes whole, with its boundary', async () => {
    const form = new FormData();
    form.set('note', 'Remember the milk.');
    form.set('file', new Blob(['content']), 'name.txt');
    const { body, headers, proof } = await mirror(victim.client, { method: 'POST', body: form });
    const [, boundary = 'none'] =
      /^multipart\/form-data; ?boundary="?([^"]+)/.exec(headers['content-type'] ?? '') ?? [];
    expect(body.split(boundary)).toHaveLength(4);
    expect(body).toContain('Remember the milk.');
    expect(body).toContain('filename="name.txt"');
    expect(proof).toBe('signature');
  });

  test('that streams is sent up to 10 MiB, and not a byte more', async () => {
    const most = await digestOf(new Uint8Array(10 * MIB).fill(120));
    expect(await write(streamOf(10 * MIB))).toMatchObject({ length: 10 * MIB, sha256: most });
    const before = victim.middle.requests.length;
    for (const body of [streamOf(10 * MIB + 1), 'x'.repeat(10 * MIB + 1)]) {
      expect(await outcomeOf(write(body))).toMatch(/^too-large: /);
    }
    expect(victim.middle.requests.length).toBe(before);
  });
});

describe('a redirect', () => {
  test.each([307, 308])(
    'by %i is followed with method and body, signed for where it leads, under a new nonce',
    async (status) => {
      const before = victim.middle.requests.length;
      const response = await victim.client.fetch(`/redirect/${status}?to=/mirror%3Fx`, {
        method: 'PUT',
        body: 'a body',
      });
      expect(await response.json()).toMatchObject({ method: 'PUT', body: 'a body', search: '?x', proof: 'signature' });
      const sent = victim.middle.requests.slice(before).map(({ headers }) => headers);
      expect(sent).toHaveLength(2);
      for (const name of ['CALE-Nonce', 'Signature']) {
        expect(new Set(sent.map((headers) => headers.get(name))).size).toBe(2);
      }
    },
  );

  test('by 303 is a GET, which is not signed, and says nothing of a body that it has not', async () => {
    const init = {
      method: 'POST',
      body: 'a body',
      headers: { 'Content-Type': 'text/plain', 'Content-Language': 'en' },
    };
    const { headers, ...answer } = (await (await victim.client.fetch('/redirect/303', init)).json()) as Mirror;
    expect(answer).toMatchObject({ method: 'GET', body: '', proof: 'reading' });
    expect(Object.keys(headers).filter((name) => name.startsWith('content-'))).toEqual([]);
    expect(headers).not.toHaveProperty('signature');
  });
});

describe('a device whose clock is wrong', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test.each([1, -1])('by %i hours writes by the clock of the edge, from its first request on', async (hours) => {
    const realNow = Date.now.bind(Date);
    vi.spyOn(Date, 'now').mockImplementation(() => realNow() + hours * 60 * 60 * 1000);
    const middle = createMiddle();
    const client = await loaded(middle);
    expect(await mirror(client, { method: 'POST', body: 'x' })).toMatchObject({ proof: 'signature' });
    const [, ...others] = middle.requests.map(({ url }) => new URL(url).pathname);
    expect(others).toEqual(['/mirror']);
    const [seconds] = (middle.requests.at(-1)?.headers.get('CALE-Nonce') ?? '').split('.');
    expect(Math.abs(Number(seconds) * 1000 - realNow())).toBeLessThan(60_000);
    expect(await outcomeOf(client.fetch('/count', { method: 'POST', body: 'x' }))).toBe('read: 200');
  });
});

test('a client that knows the time asks for nothing before it writes', async () => {
  const middle = createMiddle();
  const client = await loaded(middle);
  await client.fetch('/resource');
  await mirror(client, { method: 'POST', body: 'x' });
  expect(middle.requests.map(({ url }) => new URL(url).pathname)).toEqual(['/resource', '/mirror']);
});

test('a write is done once, however often it is sent', async () => {
  const { client, middle } = victim;
  const count = async () => Number(await (await client.fetch('/count')).text());
  const before = await count();
  let sent: Request | undefined;
  middle.tamper(async (request, forward) => {
    sent = request.clone();
    return forward();
  });
  expect(await outcomeOf(client.fetch('/count', { method: 'POST', body: 'x' }))).toBe('read: 200');
  middle.tamper(undefined);
  for (let again = 0; again < 3; again++) await middle.fetch((sent as Request).clone());
  expect(await count()).toBe(before + 1);
});

test('an account of before requests were signed reads, and says that it cannot write before it sends anything', async () => {
  const store = new MemoryKeyStore();
  const { keyIdentifier, key } = victim.account.key;
  await store.put({ ...victim.account, key: { keyIdentifier, key } });
  const middle = createMiddle();
  const client = await CaleClient.load({ edge: EDGE, store, fetch: middle.fetch });
  expect(await outcomeOf(client?.fetch('/resource') as Promise<Response>)).toBe('read: 200');
  const before = middle.requests.length;
  const write = client?.fetch('/mirror', { method: 'DELETE' }) as Promise<Response>;
  expect(await outcomeOf(write)).toBe('no-signing-key: The account has no key to sign requests with: register again.');
  expect(middle.requests.length).toBe(before);
});

test('neither key of an account can be exported', async () => {
  const { key, signingKey } = victim.account.key;
  for (const each of [key, signingKey as CryptoKey]) {
    for (const format of ['pkcs8', 'jwk'] as const) {
      await expect(crypto.subtle.exportKey(format, each)).rejects.toMatchObject({ name: 'InvalidAccessError' });
    }
  }
});
