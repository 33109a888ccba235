import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { compress } from 'hono/compress';
import { cors } from 'hono/cors';
import { etag } from 'hono/etag';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import { streamSSE } from 'hono/streaming';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { sealRequest } from '../../../client/exchange/seal-request.ts';
import { type CaleEnv, cale, seal } from '../../../origin/hono.ts';
import type { BinaryResponse } from '../../../shared/encoding/bhttp/response.ts';
import { parseUtf8, utf8 } from '../../../shared/encoding/bytes.ts';
import { SEALED_PATH } from '../../../shared/protocol/endpoints.ts';
import { newNonce } from '../../../shared/protocol/nonce.ts';
import {
  createOriginStage,
  EDGE,
  type Forwarded,
  forwardedRequest,
  type OriginStage,
  openedAnswer,
} from '../../support/origin-stage.ts';

let stage: OriginStage;
beforeAll(async () => {
  stage = await createOriginStage();
});

// Hono and the library tell the operator of what failed.
beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => undefined));
afterEach(() => vi.restoreAllMocks());

/** Of any environment. */
type App = { readonly fetch: (request: Request, env?: never) => Response | Promise<Response> };

async function ask(app: App, path: string, request?: Forwarded, env: object = {}): Promise<BinaryResponse> {
  return openedAnswer(await app.fetch(await forwardedRequest(stage, path, request), env as never), stage.device);
}

/** What the client reads: the status, and the body. */
async function outcome(app: App, path: string, request?: Forwarded): Promise<string> {
  const { status, content } = await ask(app, path, request);
  return `${status} ${parseUtf8(content)}`;
}

const allowing = () => ({ ...stage.options, unsafeMethods: 'allow' }) as const;

const rejected = (reason: unknown): Promise<Response> => Promise.reject(reason);

/** Handlers that fail in each way that Hono knows, and in those that it does not. */
function withFailures(app: Hono<CaleEnv>): Hono<CaleEnv> {
  const throws = (reason: unknown) => () => {
    throw reason;
  };
  app.get('/error', throws(new Error('secret')));
  app.get('/text', throws('secret'));
  app.get('/object', throws({ status: 403, message: 'secret' }));
  app.get('/undefined', throws(undefined));
  app.get('/rejected', () => rejected('secret'));
  app.get('/teapot', throws(new HTTPException(418, { message: 'teapot' })));
  app.get('/none', (() => undefined) as unknown as (c: Context) => Response);
  app.get('/broken', (c) =>
    c.body(new ReadableStream({ start: (controller) => controller.error(new Error('secret')) })),
  );
  app.get('/sse', (c) =>
    streamSSE(c, async (stream) => {
      for (let at = 0; at < 3; at++) await stream.writeSSE({ data: String(at) });
    }),
  );
  app.get('/in-middleware', throws('secret'));
  return app;
}

const FAILURES: [path: string, outcome: RegExp][] = [
  ['/error', /^500 Internal Server Error$/],
  ['/text', /^500 .*origin-failed/],
  ['/object', /^500 .*origin-failed/],
  ['/undefined', /^500 .*origin-failed/],
  ['/rejected', /^500 .*origin-failed/],
  ['/teapot', /^418 teapot$/],
  ['/none', /^(404 404 Not Found$|500 )/],
  ['/broken', /^500 .*origin-failed/],
  ['/nowhere', /^404 404 Not Found$/],
  ['/sse', /^200 data: 0\n\ndata: 1\n\ndata: 2\n\n$/],
];

describe.each<[string, () => Hono<CaleEnv>]>([
  ['a sealed application', () => withFailures(seal(new Hono<CaleEnv>(), stage.options))],
  [
    'what is behind the middleware',
    () => withFailures(new Hono<CaleEnv>().use(cale({ ...stage.options, encryption: undefined }))),
  ],
])('%s', (_, create) => {
  test.each(FAILURES)('answers sealed, however its handlers end: %s', async (path, expected) => {
    const answer = await outcome(create(), path);
    expect(answer).toMatch(expected);
    expect(answer).not.toContain('secret');
  });

  test('refuses a request without a certificate, without a word', async () => {
    const response = await create().fetch(new Request(`${EDGE}/teapot`));
    expect([response.status, await response.text()]).toEqual([403, '']);
  });
});

describe('in a sealed application', () => {
  test('handlers and middlewares find the client, the environment, and a request that is opened', async () => {
    const app = seal(new Hono<CaleEnv & { Bindings: { GREETING: string } }>(), stage.options);
    app.use(async (c, next) => {
      await next();
      c.header('X-Owner', c.var.client.owner);
    });
    app.get('/hello', (c) => c.json([c.env.GREETING, c.var.client.owner, c.var.client.isSealed, c.req.path]));

    const env = { GREETING: 'hello' };
    const plain = await ask(app, '/hello', {}, env);
    expect(plain.headers).toContainEqual(['x-owner', 'alice']);
    expect(JSON.parse(parseUtf8(plain.content))).toEqual(['hello', 'alice', false, '/hello']);

    const nonce = newNonce(Date.now());
    const fields = [
      ['cale-nonce', nonce],
      ['cale-key', stage.device.keyid],
    ] as const;
    const message = { method: 'GET', targetUri: `${EDGE}/hello`, fields };
    const body = await sealRequest(message, new Uint8Array(0), stage.keys.encryption, crypto);
    const sealed = await ask(app, SEALED_PATH, { method: 'POST', nonce, body }, env);
    expect(JSON.parse(parseUtf8(sealed.content))).toEqual(['hello', 'alice', true, '/hello']);
  });

  test('an application that exists becomes a part of it', async () => {
    const existing = new Hono<CaleEnv>();
    existing.use('/text', cors());
    existing.get('/text', (c) => c.text(`for ${c.var.client.owner}`));
    const app = seal(new Hono<CaleEnv>(), stage.options).route('/', existing);
    expect(await outcome(app, '/text')).toBe('200 for alice');
  });

  test('middlewares that answer by themselves, or change the answer, do so inside', async () => {
    const app = seal(new Hono<CaleEnv>(), allowing());
    app.use(secureHeaders(), cors());
    app.use('/text', compress({ encoding: 'gzip', threshold: 0 }));
    app.use('/tagged', etag());
    app.use('/limited', bodyLimit({ maxSize: 10 }));
    app.use('/closed', async (c) => c.text('closed', 403));
    app.get('/text', (c) => c.text(`for ${c.var.client.owner}`));
    app.get('/tagged', (c) => c.text('tagged'));
    app.post('/limited', async (c) => c.text(`${(await c.req.text()).length} of ${c.var.client.owner}`));

    const fields = [['Accept-Encoding', 'gzip']] as const;
    const { headers, content } = await ask(app, '/text', { fields });
    expect(parseUtf8(content)).toBe('for alice');
    const names = headers.map(([name]) => name);
    expect(names).toEqual(expect.arrayContaining(['x-content-type-options', 'access-control-allow-origin']));
    for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) expect(names).not.toContain(name);

    const tag = (await ask(app, '/tagged')).headers.find(([name]) => name === 'etag')?.[1] ?? '';
    expect(await ask(app, '/tagged', { fields: [['If-None-Match', tag]] })).toMatchObject({ status: 304 });
    expect(await outcome(app, '/closed')).toBe('403 closed');
    const post = (body: string) => outcome(app, '/limited', { method: 'POST', body: utf8(body) });
    expect(await post('a body')).toBe('200 6 of alice');
    expect(await post('a body that is too long')).toBe('413 Payload Too Large');
    const preflight = { method: 'OPTIONS', fields: [['Access-Control-Request-Method', 'PUT']] } as const;
    expect(await ask(app, '/text', preflight)).toMatchObject({ status: 204 });
  });

  test('nothing fails the whole: neither an error handler nor the handler for what is not found', async () => {
    const app = withFailures(seal(new Hono<CaleEnv>(), stage.options));
    app.onError(() => {
      throw 'secret';
    });
    app.notFound(() => {
      throw 'secret';
    });
    for (const path of ['/error', '/teapot', '/nowhere'])
      expect(await outcome(app, path)).toMatch(/^500 .*origin-failed/);
  });
});

describe('an application is not taken for a sealed one', () => {
  test('when it has routes already: the client would be missing in them', () => {
    const app = new Hono<CaleEnv>().get('/', (c) => c.text('x'));
    expect(() => seal(app, stage.options)).toThrow('before its first route');
  });

  test('when it is a part of another one, or asked by another `fetch`: it answers nothing', async () => {
    const app = seal(new Hono<CaleEnv>(), stage.options);
    app.get('/', (c) => c.text(`secret of ${c.var.client?.owner}`));
    const parts = [new Hono().route('/', app), app.basePath('')];
    for (const part of parts) {
      const response = await part.fetch(await forwardedRequest(stage, '/'));
      expect([response.status, await response.text()]).toEqual([500, 'Internal Server Error']);
    }
  });
});

describe('a decoy has the form of answers on the route that Hono matches, and runs no handler', () => {
  const handler = vi.fn((c: Context) => c.json({ text: 'x'.repeat(3000) }));

  test.each([
    ['seal', () => seal(new Hono<CaleEnv>(), stage.options)],
    [
      'cale with the application',
      () => {
        const app = new Hono<CaleEnv>();
        app.use(cale({ ...stage.options, app }));
        return app;
      },
    ],
    [
      'cale without it',
      () => {
        const app = new Hono<CaleEnv>();
        app.use(cale({ ...stage.options, encryption: undefined }));
        return app;
      },
    ],
  ])('with %s', async (_, create) => {
    const app = create();
    app.get('/items/:id', handler);
    app.notFound((c) => c.text('not found', 404));
    const lengthOf = async (path: string, request?: Forwarded) => {
      const answer = await app.fetch(await forwardedRequest(stage, path, request));
      expect(answer.status).toBe(200);
      return (await answer.arrayBuffer()).byteLength;
    };
    const [found, missing] = [await lengthOf('/items/one'), await lengthOf('/nowhere')];
    expect(found).toBeGreaterThan(missing + 1000);
    handler.mockClear();
    expect(await lengthOf('/items/two', { purpose: 'decoy' })).toBe(found);
    expect(await lengthOf('/elsewhere', { purpose: 'decoy' })).toBe(missing);
    expect(handler).not.toHaveBeenCalled();
  });
});
