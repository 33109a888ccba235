/** A demo API behind the library `origin/`: an example of an origination server. */

import { Hono } from 'hono';
import { type CaleEnv, seal } from '../../origin/hono.ts';
import { log, reasonOf } from '../../shared/log.ts';
import { CALE_NONCE, CALE_PEM } from '../../shared/protocol/headers.ts';
import type { DemoOriginConfig } from './config.ts';
import { EXAMPLES } from './examples.ts';

/** Bytes of the largest answer of `/resource/{size}`. */
const MAX_SIZE = 10 * 1024 * 1024;

/** The text of `/note`, and its length, which is drawn at random, because few APIs have answers of one length. */
const NOTE = 'Remember the milk. Call Bob about the deeds. Feed the cat. ';
const NOTE_LENGTH = { least: 53, span: 1024 };

/** @throws {EncodingError} when a certificate or a key is not usable. */
export function createDemoOrigin({ options, resourceServer }: DemoOriginConfig): Hono<CaleEnv> {
  const ask = (path: string) => (request: Request) => askResourceServer(resourceServer, path, request.headers);
  const calls = { 'GET /resource': ask('/aggregate'), 'GET /balance': ask('/balance') };
  const app = seal(new Hono<CaleEnv>(), { ...options, decoys: { examples: EXAMPLES, calls, ...options.decoys } });

  app.get('/resource', async (c) => {
    const { owner, organization, scopes } = c.var.client;
    return c.json({
      owner,
      organization,
      scopes,
      aggregate: await fromResourceServer(resourceServer, '/aggregate', c.req.raw.headers),
    });
  });

  app.get('/balance', async (c) => {
    const { owner } = c.var.client;
    return c.json({ owner, balance: await fromResourceServer(resourceServer, '/balance', c.req.raw.headers) });
  });

  app.get('/resource/:size{[0-9]+}', (c) => {
    const size = Number(c.req.param('size'));
    if (size > MAX_SIZE) return c.json({ error: `at most ${MAX_SIZE} bytes` }, 400);
    return c.body('x'.repeat(size), 200, { 'Content-Type': 'text/plain' });
  });

  app.get('/scoped', (c) => {
    const { owner, scopes } = c.var.client;
    return scopes.includes('write')
      ? c.json({ owner, scope: 'write' })
      : c.json({ error: 'scope write is needed' }, 403);
  });

  app.post('/echo', async (c) => {
    const { owner } = c.var.client;
    return c.json({ owner, method: c.req.method, body: await c.req.text() });
  });

  app.get('/note', (c) => {
    const length = NOTE_LENGTH.least + Math.floor(Math.random() * NOTE_LENGTH.span);
    return c.json({ note: NOTE.repeat(Math.ceil(length / NOTE.length)).slice(0, length) });
  });

  app.notFound((c) => c.json({ error: 'not found' }, 404));
  app.onError((error, c) => {
    log({ event: 'request-failed', reason: reasonOf(error) });
    return c.json({ error: 'internal error' }, 500);
  });
  return app;
}

/** Draft B.2.5: asks the resource server with the certificate and without the cipher, so that it answers in the clear. */
async function fromResourceServer(resourceServer: Fetcher, path: string, received: Headers): Promise<unknown> {
  const response = await askResourceServer(resourceServer, path, received);
  if (!response.ok) throw new Error(`the resource server answered ${response.status}`);
  return response.json();
}

function askResourceServer(resourceServer: Fetcher, path: string, received: Headers): Promise<Response> {
  const headers = new Headers({ [CALE_PEM]: received.get(CALE_PEM) ?? '' });
  const nonce = received.get(CALE_NONCE);
  if (nonce !== null) headers.set(CALE_NONCE, nonce);
  return resourceServer.fetch(`https://resource${path}`, { headers });
}
