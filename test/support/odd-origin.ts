/** An origin whose handlers end in every way that they can, behind the whole library. */

import { env } from 'cloudflare:workers';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { compress } from 'hono/compress';
import { setCookie } from 'hono/cookie';
import { etag } from 'hono/etag';
import { HTTPException } from 'hono/http-exception';
import { streamSSE } from 'hono/streaming';
import { type CaleEnv, seal } from '../../origin/hono.ts';

interface Settings {
  readonly AUTHORITY_CERTIFICATES: string;
  readonly ORIGIN_SIGNING_KEY: string;
  readonly ORIGIN_SIGNING_CERTIFICATES: string;
  /** An HTTP server of the test. */
  readonly UPSTREAM: string;
}
const settings = env as unknown as Settings;
const { UPSTREAM } = settings;

export const app = seal(new Hono<CaleEnv>(), {
  authorities: settings.AUTHORITY_CERTIFICATES,
  signing: { key: settings.ORIGIN_SIGNING_KEY, certificates: settings.ORIGIN_SIGNING_CERTIFICATES },
  unsafeMethods: 'allow',
  maxAnswerBytes: 1_000_000,
  maxAnswerSeconds: 2,
});
app.use('/limited', bodyLimit({ maxSize: 10 }));
app.use('/tagged', etag());
app.use('/compressed', compress({ encoding: 'gzip', threshold: 0 }));

const thrown = (reason: unknown) => () => {
  throw reason;
};
const rejected = (reason: unknown): Promise<Response> => Promise.reject(reason);

app.get('/throws/error', thrown(new Error('secret')));
app.get('/throws/text', thrown('secret'));
app.get('/throws/object', thrown({ status: 403, message: 'secret' }));
app.get('/throws/later', () => rejected('secret'));
app.get('/throws/teapot', thrown(new HTTPException(418, { message: 'teapot' })));
app.get('/nothing', (() => undefined) as unknown as (c: Context) => Response);
app.get('/broken', () => new Response(new ReadableStream({ start: (c) => c.error(new Error('secret')) })));
app.get('/used', async () => {
  const used = new Response('secret');
  await used.text();
  return used;
});
app.get('/socket', () => new Response(null, { status: 101, webSocket: new WebSocketPair()[0] }));
app.get('/endless', (c) =>
  streamSSE(c, async (stream) => {
    while (!stream.aborted) {
      await stream.writeSSE({ data: 'x' });
      await stream.sleep(50);
    }
  }),
);
app.get('/events', (c) =>
  streamSSE(c, async (stream) => {
    for (let at = 0; at < 3; at++) {
      await stream.writeSSE({ data: String(at) });
      await stream.sleep(10);
    }
  }),
);
app.get('/large', () => new Response(new Uint8Array(1_000_001)));

app.get('/upstream/:name', (c) => fetch(`${UPSTREAM}/${c.req.param('name')}`));
app.get('/rewrapped/:name', async (c) => {
  const response = await fetch(`${UPSTREAM}/${c.req.param('name')}`);
  return new Response(response.body, response);
});
/** A file that was compressed before. */
app.get('/asset', async () => {
  const stream = new Blob(['hello '.repeat(100)]).stream().pipeThrough(new CompressionStream('gzip'));
  const headers = { 'Content-Encoding': 'gzip', 'Content-Type': 'text/plain' };
  return new Response(await new Response(stream).arrayBuffer(), { headers, encodeBody: 'manual' });
});
app.get('/compressed', (c) => c.text('hello '.repeat(100)));

app.get('/empty/:status', (c) => c.body(null, Number(c.req.param('status')) as 204));
app.get('/tagged', (c) => c.text('tagged'));
app.post('/limited', async (c) => c.text(await c.req.text()));
app.get('/redirect', (c) => c.redirect(c.req.query('to') ?? new URL('/there?a=b', c.req.url).href));
app.get('/range', (c) =>
  c.req.header('Range') === 'bytes=0-1' ? c.body('01', 206, { 'Content-Range': 'bytes 0-1/10' }) : c.text('0123456789'),
);
app.get('/fields', (c) => {
  setCookie(c, 'a', '1', { path: '/' });
  setCookie(c, 'b', '2', { expires: new Date(0) });
  c.header('Link', '</a>; rel=x', { append: true });
  c.header('Link', '</b>; rel=y', { append: true });
  const names = {
    'X-Latin': 'Zoë',
    'X-Wide': '日本',
    'X-Empty': '',
    'Content-Disposition': 'attachment; filename="naïve"',
  };
  return c.text('x', 200, names);
});
app.get('/accepts', (c) => c.json({ accept: c.req.header('Accept') ?? null }));

export default app;
