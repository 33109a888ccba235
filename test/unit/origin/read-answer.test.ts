import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { AnswerError } from '../../../origin/failure.ts';
import { readAnswer } from '../../../origin/read-answer.ts';
import type { BinaryResponse } from '../../../shared/encoding/bhttp/response.ts';
import { concat, parseUtf8, utf8 } from '../../../shared/encoding/bytes.ts';

const LIMITS = { maxAnswerBytes: 1_048_576, maxAnswerSeconds: 60 };
const TEXT = 'hello '.repeat(100);

const read = (response: unknown, limits: Partial<typeof LIMITS> = {}, method = 'GET') =>
  readAnswer(response, method, { ...LIMITS, ...limits });

/** The problem that the client gets in place of the answer. */
const problemOf = (answer: Promise<BinaryResponse>): Promise<string> =>
  answer.then(
    ({ status }) => `read: ${status}`,
    (error: unknown) => (error instanceof AnswerError ? error.problem : String(error)),
  );

/** A stream of an application, by a source as JavaScript takes it. */
const streamBy = (source: object): ReadableStream<Uint8Array> => new ReadableStream(source as UnderlyingSource);

/** A stream that a handler writes, in chunks of any kind. */
const streamOf = (...chunks: unknown[]): ReadableStream<Uint8Array> => streamBy({ start: writing(chunks) });

const writing = (chunks: readonly unknown[]) => (controller: ReadableStreamDefaultController) => {
  for (const chunk of chunks) controller.enqueue(chunk);
  controller.close();
};

describe('the content is the whole body:', () => {
  test.each([0, 1, 4095, 4096, 4097, 65_536, 69_631, 69_632, 69_633, 1_048_576])(
    'of a text of %i bytes',
    async (size) => {
      const { content } = await read(new Response('x'.repeat(size)));
      expect(content.length).toBe(size);
      expect(content.every((byte) => byte === 0x78)).toBe(true);
    },
  );

  test.each<[string, () => BodyInit | null, string]>([
    ['nothing', () => null, ''],
    ['bytes', () => utf8('bytes'), 'bytes'],
    ['a stream', () => streamOf(utf8('a '), utf8('stream')), 'a stream'],
    ['a stream of buffers', () => streamOf(utf8('a').buffer, new DataView(utf8('b').buffer)), 'ab'],
    ['an empty stream', () => streamOf(), ''],
    ['a transformed stream', () => streamOf(utf8('a stream')).pipeThrough(new TransformStream()), 'a stream'],
    ['a stream for bytes', () => streamBy({ type: 'bytes', start: writing([utf8('byte'), utf8('s')]) }), 'bytes'],
    ['a Blob', () => new Blob(['a ', 'blob']), 'a blob'],
  ])('of %s', async (_, body, content) => {
    expect(parseUtf8((await read(new Response(body()))).content)).toBe(content);
  });

  test('of a stream whose chunks come late, in one piece each', async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const answer = read(new Response(readable));
    for (const text of ['a', 'bc', 'def']) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      await writer.write(utf8(text));
    }
    await writer.close();
    expect(parseUtf8((await answer).content)).toBe('abcdef');
  });
});

describe('an answer is not sealed', () => {
  test.each<[string, () => unknown, string]>([
    ['nothing', () => undefined, 'origin-failed'],
    ['null', () => null, 'origin-failed'],
    ['a text', () => 'text', 'origin-failed'],
    ['an object', () => ({ status: 200 }), 'origin-failed'],
    ['a network error', () => Response.error(), 'origin-failed'],
    ['a WebSocket', () => ({ status: 101, headers: new Headers(), body: null }), 'upgrade-not-supported'],
    ['a stream of texts', () => new Response(streamOf('text')), 'TypeError: a chunk of the body is not bytes'],
    [
      'a body that breaks',
      () =>
        new Response(
          streamBy({
            start(controller: ReadableStreamDefaultController) {
              controller.enqueue(utf8('part'));
              controller.error(new Error('broken'));
            },
          }),
        ),
      'Error: broken',
    ],
  ])('when it is %s', async (_, response, problem) => {
    expect(await problemOf(read(response()))).toBe(problem);
  });

  test('when its body was read before, or somebody else is reading it', async () => {
    const used = new Response('x');
    await used.text();
    expect(await problemOf(read(used))).toBe('origin-failed');
    const locked = new Response(streamOf(utf8('x')));
    locked.body?.getReader();
    expect(await problemOf(read(locked))).toContain('TypeError');
  });

  test.each<[string, (size: number) => BodyInit]>([
    ['a text', (size) => 'x'.repeat(size)],
    ['a stream', (size) => streamOf(new Uint8Array(size - 1), new Uint8Array(1))],
  ])('when %s has more bytes than the limit', async (_, body) => {
    for (const max of [10, 4096, 100_000]) {
      expect(await problemOf(read(new Response(body(max)), { maxAnswerBytes: max }))).toBe('read: 200');
      expect(await problemOf(read(new Response(body(max + 1)), { maxAnswerBytes: max }))).toBe('answer-too-large');
    }
  });

  test('when it has no end: its source is told to stop, after as much as the limit', async () => {
    const cancel = vi.fn();
    let pulls = 0;
    const pull = (c: ReadableStreamDefaultController) => {
      pulls++;
      c.enqueue(new Uint8Array(1000));
    };
    const endless = new Response(streamBy({ pull, cancel }));
    expect(await problemOf(read(endless, { maxAnswerBytes: 10_000 }))).toBe('answer-too-large');
    expect(cancel).toHaveBeenCalledOnce();
    expect(pulls).toBeLessThan(20);
  });

  test.each<[string, () => ReadableStream]>([
    [
      'writes now and then',
      () =>
        streamBy({ start: (c: ReadableStreamDefaultController) => void setInterval(() => c.enqueue(utf8('x')), 20) }),
    ],
    ['writes nothing', () => streamBy({})],
    ['writes nothing, for bytes', () => streamBy({ type: 'bytes' })],
    ['writes nothing through a transformation', () => new TransformStream().readable],
    ['writes nothing through a stream of the platform', () => new IdentityTransformStream().readable],
    ['fails while it is given up', () => streamBy({ cancel: () => Promise.reject(new Error('late')) })],
  ])('when it does not end in time: one that %s', async (_, body) => {
    expect(await problemOf(read(new Response(body()), { maxAnswerSeconds: 0.05 }))).toBe('answer-not-ended');
  });
});

describe('content codings are undone', () => {
  const CODED: Readonly<Record<string, () => Uint8Array>> = {
    gzip: () => gzipSync(TEXT),
    'x-gzip': () => gzipSync(TEXT),
    GZIP: () => gzipSync(TEXT),
    deflate: () => deflateSync(TEXT),
    br: () => brotliCompressSync(TEXT),
    zstd: () => zstdCompressSync(TEXT),
    'deflate, gzip': () => gzipSync(deflateSync(TEXT)),
    'identity, br': () => brotliCompressSync(TEXT),
  };
  const responseOf = (content: Uint8Array | string, coding: string, type = 'text/plain', status = 200) =>
    new Response(Uint8Array.from(typeof content === 'string' ? utf8(content) : content), {
      status,
      headers: {
        'Content-Encoding': coding,
        'Content-Type': type,
        'Content-Length': '44',
        'Content-Digest': 'sha-256=::',
      },
    });

  test.each(Object.keys(CODED))('%s: of content that is in it', async (coding) => {
    const { content, headers: fields } = await read(responseOf(CODED[coding]?.() ?? '', coding));
    expect(parseUtf8(content)).toBe(TEXT);
    expect(fields).toEqual([['content-type', 'text/plain']]);
  });

  test.each(Object.keys(CODED))(
    '%s: of content that the platform decoded before, which stays as it is',
    async (coding) => {
      // The last four are whole contents for Brotli, or begin with one.
      for (const text of [TEXT, '', 'x', '{"a":1}', '1', '3', '3 of 5', '?']) {
        const { content, headers: fields } = await read(responseOf(text, coding));
        expect(parseUtf8(content)).toBe(text);
        expect(fields).toEqual([['content-type', 'text/plain']]);
      }
    },
  );

  test('but not of a file that is compressed itself', async () => {
    const file = gzipSync(TEXT);
    const { content, headers: fields } = await read(responseOf(file, 'gzip', 'application/gzip'));
    expect([...content]).toEqual([...file]);
    expect(fields).toEqual([['content-type', 'application/gzip']]);
  });

  test('but not of a part, which is marked as one of the encoded content', async () => {
    const part = gzipSync(TEXT).subarray(0, 30);
    const { content, headers: fields } = await read(responseOf(part, 'gzip', 'text/plain', 206));
    expect([...content]).toEqual([...part]);
    expect(fields).toContainEqual(['content-encoding', 'gzip']);
  });

  test('and a content that is cut off is an error', async () => {
    expect(await problemOf(read(responseOf(gzipSync(TEXT).subarray(0, -4), 'gzip')))).toBe('origin-failed');
  });

  test.each(['gzip', 'deflate', 'br', 'zstd'])('%s: up to the limit', async (coding) => {
    const content = CODED[coding]?.() ?? '';
    expect(await problemOf(read(responseOf(content, coding), { maxAnswerBytes: TEXT.length }))).toBe('read: 200');
    expect(await problemOf(read(responseOf(content, coding), { maxAnswerBytes: TEXT.length - 1 }))).toBe(
      'answer-too-large',
    );
  });
});

describe('the fields', () => {
  const fieldsOf = async (
    headers: HeadersInit,
    { method = 'GET', status = 200, body = 'body' as string | null } = {},
  ) => (await read(new Response(body, { status, headers }), {}, method)).headers;

  test('are those of the application, each cookie and each language by itself', async () => {
    const headers = new Headers({ 'X-Latin': 'Zoë', 'X-Empty': '', Location: '/a', 'Content-Range': 'bytes 0-3/10' });
    for (const cookie of ['a=1; Path=/', 'b=2; Expires=Thu, 01 Jan 2099 00:00:00 GMT'])
      headers.append('Set-Cookie', cookie);
    expect(await fieldsOf(headers, { status: 206 })).toEqual(
      expect.arrayContaining([
        ['x-latin', 'Zoë'],
        ['x-empty', ''],
        ['location', '/a'],
        ['content-range', 'bytes 0-3/10'],
        ['set-cookie', 'a=1; Path=/'],
        ['set-cookie', 'b=2; Expires=Thu, 01 Jan 2099 00:00:00 GMT'],
      ]),
    );
  });

  test('are without those of the hop, and those that only requests have', async () => {
    const headers = {
      Connection: 'X-Hop, close',
      'X-Hop': '1',
      'Keep-Alive': '1',
      Trailer: 'x',
      'Transfer-Encoding': 'chunked',
      'CALE-PEM': '"AAAA"',
      'CALE-GUID': 'x',
      Cipher: 'x',
      'X-Own': '1',
      'Content-Type': 'text/plain',
    };
    expect(await fieldsOf(headers)).toEqual([
      ['content-type', 'text/plain'],
      ['x-own', '1'],
    ]);
  });

  test('have a length when it is true, and where it is that of the answer to a GET', async () => {
    const lengthOf = async (length: string, more = {}) =>
      (await fieldsOf({ 'Content-Length': length }, more)).some(([name]) => name === 'content-length');
    expect(await lengthOf('4')).toBe(true);
    expect(await lengthOf('44')).toBe(false);
    expect(await lengthOf('44', { method: 'HEAD', body: null })).toBe(true);
    expect(await lengthOf('44', { status: 304, body: null })).toBe(true);
    expect(await lengthOf('44', { status: 204, body: null })).toBe(false);
  });
});

test('a content of many chunks is joined in their order', async () => {
  const chunks = Array.from({ length: 50 }, (_, at) => new Uint8Array(at).fill(at));
  expect([...(await read(new Response(streamOf(...chunks)))).content]).toEqual([...concat(chunks)]);
});
