/** The adapter for Express, in both of its versions, behind the edge, as a client sees it. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CaleClient, CaleError, MemoryKeyStore } from '../../client/index.ts';
import { cale, type ExpressMiddleware } from '../../origin/express.ts';
import { originOptionsFromSettings } from '../../origin/settings.ts';
import { createDevelopmentSecrets } from '../../scripts/development-secrets.ts';
import { ALICE, type Harness, startHarness } from '../support/harness.ts';

/** The parts of Express that both versions have alike. */
// biome-ignore lint/suspicious/noExplicitAny: Express has no types of its own.
type Any = any;
const versions: Record<string, () => Promise<{ default: Any }>> = {
  // @ts-expect-error: it has no types.
  'Express 4': () => import('express4'),
  'Express 5': () => import('express'),
};

let harness: Harness;
let server: Server;
/** The application of the test that runs. */
let handler: (req: Any, res: Any) => void;
let middleware: ExpressMiddleware;
let client: CaleClient;

beforeAll(async () => {
  server = createServer((req, res) => handler(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const secrets = await createDevelopmentSecrets();
  harness = await startHarness({
    secrets,
    vars: { edge: { TLS_CIPHER: 'ECDHE-RSA-AES256-GCM-SHA384' } },
    edgeBindings: { ORIGIN: 'elsewhere' },
    more: [
      {
        name: 'elsewhere',
        main: 'test/support/upstream-origin.ts',
        compatibility_date: '2026-11-02',
        vars: { UPSTREAM: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
      },
    ],
  });
  middleware = cale({ edge: harness.url, ...originOptionsFromSettings(secrets.origin) });
  handler = (req, res) => middleware(req, res, () => res.end());
  client = await CaleClient.register({ edge: harness.url, authorization: ALICE, store: new MemoryKeyStore() });
});
afterAll(async () => {
  await harness.server.close();
  server.close();
});

describe.each(Object.keys(versions))('%s', (version) => {
  let express: Any;
  /** Makes an application behind the middleware. */
  function serve(routes: (app: Any) => void): void {
    const app = express();
    app.use(middleware);
    routes(app);
    handler = app;
  }
  beforeAll(async () => {
    const load = versions[version] ?? expect.unreachable();
    express = (await load()).default;
  });

  test('a handler knows the client, and its answer comes with status and fields', async () => {
    serve((app) =>
      app.get('/me', (req: Any, res: Any) => {
        res.set('X-Answer', '42').cookie('a', '1').cookie('b', '2').status(201);
        res.json({ owner: req.cale.owner, proof: req.cale.proof, query: req.query });
      }),
    );
    const response = await client.fetch('/me?page=2');
    expect(response.status).toBe(201);
    expect(response.headers.get('X-Answer')).toBe('42');
    expect(response.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2; Path=/']);
    expect(await response.json()).toEqual({ owner: 'alice', proof: 'reading', query: { page: '2' } });
  });

  const parsed = (app: Any) => {
    app.use(express.json(), express.urlencoded({ extended: false }), express.text(), express.raw({ limit: '1mb' }));
    app.all('/parsed', (req: Any, res: Any) => {
      const { method, url, originalUrl, query, body, cale } = req;
      const text = Buffer.isBuffer(body) ? `${body.length} bytes` : body;
      res.json({ method, url, originalUrl, query, body: text, proof: cale.proof, isSealed: cale.isSealed });
    });
  };
  const BODIES = [
    ['application/json', '{"a":[1,2]}', { a: [1, 2] }],
    ['application/x-www-form-urlencoded', 'a=1&b=2', { a: '1', b: '2' }],
    ['text/plain', 'grüße', 'grüße'],
    ['application/octet-stream', 'x'.repeat(300_000), '300000 bytes'],
  ] as const;
  for (const seal of [false, true]) {
    test.each(BODIES)(
      `a ${seal ? 'sealed ' : ''}write of %s is verified, and then parsed`,
      async (type, body, expected) => {
        serve(parsed);
        const init = { method: 'PUT', headers: { 'Content-Type': type }, body, seal };
        expect(await (await client.fetch('/parsed?a=b', init)).json()).toEqual({
          method: 'PUT',
          url: '/parsed?a=b',
          originalUrl: '/parsed?a=b',
          query: { a: 'b' },
          body: expected,
          proof: 'signature',
          isSealed: seal,
        });
      },
    );
  }

  test('a write without a body, and a sealed read', async () => {
    serve(parsed);
    expect(await (await client.fetch('/parsed', { method: 'DELETE' })).json()).toMatchObject({ method: 'DELETE' });
    expect(await (await client.fetch('/parsed?x=1', { seal: true })).json()).toMatchObject({
      method: 'GET',
      query: { x: '1' },
      isSealed: true,
    });
  });

  test('a body is read as a stream too', async () => {
    serve((app) =>
      app.post('/stream', async (req: Any, res: Any) => {
        let length = 0;
        for await (const chunk of req) length += chunk.length;
        res.json(length);
      }),
    );
    const body = 'y'.repeat(200_000);
    expect(await (await client.fetch('/stream', { method: 'POST', body })).json()).toBe(200_000);
  });

  test('a body that was altered on its way reaches no handler', async () => {
    let isReached = false;
    serve((app) => app.use(() => (isReached = true)));
    const altering: typeof fetch = (input, init) => {
      const request = new Request(input, init);
      return fetch(request.method === 'POST' ? new Request(request, { body: 'b', duplex: 'half' } as never) : request);
    };
    const store = new MemoryKeyStore();
    const other = await CaleClient.register({ edge: harness.url, authorization: ALICE, store });
    const altered = (await CaleClient.load({ edge: other.edge, store, fetch: altering })) ?? expect.unreachable();
    const response = await altered.fetch('/x', { method: 'POST', body: 'a' });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ type: 'urn:cale:problem:proof-not-valid' });
    expect(isReached).toBe(false);
  });

  describe('errors end sealed:', () => {
    test.each([
      ['next(error)', (_: Any, __: Any, next: Any) => next(new Error('broken'))],
      [
        'a thrown string',
        () => {
          throw 'broken';
        },
      ],
      [
        'an error after a part of the answer',
        (_: Any, res: Any, next: Any) => {
          res.write('part');
          next(new Error('broken'));
        },
      ],
    ])('%s, by the handler that Express has', async (_, route) => {
      serve((app) => {
        app.set('env', 'production');
        app.get('/broken', route);
      });
      const response = await client.fetch('/broken');
      expect(response.status).toBe(500);
      const text = await response.text();
      expect(text).not.toContain('part');
      expect(text).toContain('Internal Server Error');
    });

    test('a body that breaks off', async () => {
      serve((app) =>
        app.get('/broken', (_: Any, res: Any) => {
          const parts = async function* () {
            yield 'part';
            throw new Error('broken');
          };
          pipeline(Readable.from(parts()), res).catch(() => undefined);
        }),
      );
      const response = await client.fetch('/broken');
      expect([response.status, await response.text()]).toEqual([500, '']);
    });

    test('by a handler of the application', async () => {
      serve((app) => {
        app.get('/broken', () => {
          throw new Error('broken');
        });
        app.use((error: Error, _req: Any, res: Any, _next: Any) => res.status(418).json({ error: error.message }));
      });
      const response = await client.fetch('/broken');
      expect(response.status).toBe(418);
      expect(await response.json()).toEqual({ error: 'broken' });
    });

    test('an unknown path', async () => {
      serve(() => undefined);
      expect((await client.fetch('/nowhere')).status).toBe(404);
    });
  });

  test('an answer in parts, with a stream, with head and end of node:http, without a body', async () => {
    serve((app) => {
      app.get('/parts', (_: Any, res: Any) => {
        res.write('a');
        res.write(Buffer.from('b'));
        res.end('ff', 'hex');
      });
      app.get('/stream', (_: Any, res: Any) => Readable.from(['c', 'd', 'e']).pipe(res));
      app.get('/head', (_: Any, res: Any) => res.writeHead(202, 'Custom', { 'X-A': ['1', '2'] }).end());
      app.get('/empty', (_: Any, res: Any) => res.status(204).end());
      app.get('/moved', (_: Any, res: Any) => res.redirect(303, '/stream'));
    });
    expect(new Uint8Array(await (await client.fetch('/parts')).arrayBuffer())).toEqual(Uint8Array.of(97, 98, 255));
    expect(await (await client.fetch('/stream')).text()).toBe('cde');
    const head = await client.fetch('/head');
    expect([head.status, head.headers.get('X-A')]).toEqual([202, '1, 2']);
    expect((await client.fetch('/empty')).status).toBe(204);
    expect(await (await client.fetch('/moved')).text()).toBe('cde');
  });

  test('middlewares that set fields when the answer begins are waited for', async () => {
    serve((app) => {
      app.use((_: Any, res: Any, next: Any) => {
        const { writeHead } = res;
        res.writeHead = (...args: unknown[]) => {
          res.setHeader('X-Late', 'yes');
          return writeHead.apply(res, args);
        };
        next();
      });
      app.get('/', (_: Any, res: Any) => res.send('hello'));
    });
    expect((await client.fetch('/')).headers.get('X-Late')).toBe('yes');
  });

  test('nothing that a handler says is outside of the envelope', async () => {
    serve((app) =>
      app.get('/secret', (_: Any, res: Any) => {
        res.writeEarlyHints?.({ link: '</secret.css>; rel=preload' });
        res.statusMessage = 'secret';
        res.set('X-Secret', 'secret').set('ETag', '"secret"').status(404).send('secret');
      }),
    );
    let outside = '';
    const application = handler;
    handler = (req, res) => {
      const end = res.end.bind(res);
      res.end = (...given: unknown[]) => {
        outside = JSON.stringify([res.statusCode, res.statusMessage, res.getHeaders(), String(given[0])]);
        return end(...given);
      };
      application(req, res);
    };
    expect(await (await client.fetch('/secret')).text()).toBe('secret');
    expect(outside).toContain('200');
    expect(outside).not.toContain('secret');
    expect(outside).not.toContain('Express');
  });

  test('who comes past the edge gets 403, and reaches no handler', async () => {
    let isReached = false;
    serve((app) => app.use(() => (isReached = true)));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/me`;
    const response = await fetch(url, { method: 'POST', body: 'x'.repeat(100_000) });
    expect([response.status, await response.text()]).toEqual([403, '']);
    expect((await fetch(url)).status).toBe(403);
    expect(isReached).toBe(false);
  });
});

test('a middleware that is not at the top answers nothing', async () => {
  let isReached = false;
  const app = (await versions['Express 5']?.())?.default();
  app.use('/api', middleware);
  app.get('/api/me', () => (isReached = true));
  handler = app;
  await expect(client.fetch('/api/me')).rejects.toThrow(CaleError);
  expect(isReached).toBe(false);
});

test('node:http as it is', async () => {
  handler = (req, res) => middleware(req, res, () => res.end(`hello ${req.cale.owner}`));
  expect(await (await client.fetch('/')).text()).toBe('hello alice');
});
