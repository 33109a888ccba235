/** The edge device's routes: what is refused before anybody is asked, and who is asked for the rest. */

import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { contentEncryptionFor } from '../../shared/ciphers.ts';
import { CALE_GUID } from '../../shared/wire/headers.ts';
import { problemResponse } from '../../shared/wire/problem.ts';
import { administration } from './admin.ts';
import type { EdgeConfig } from './config.ts';
import { Decoys } from './decoys.ts';
import { demoPage, isForPage } from './demo.ts';
import { networkOf } from './network.ts';
import { registration } from './registration.ts';
import { type NegotiatedCipher, standardRequest } from './standard-request.ts';
import { wellKnown } from './well-known.ts';
import { whoami } from './whoami.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
/** A GUID alone is no proof for any other method (draft 1.6, 4.2). */
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];
/** Characters of a GUID header that are looked at; a GUID has 36. */
const MAX_GUID_LENGTH = 64;

/** Seconds that a client is asked to wait: the limiters' periods in wrangler.toml, and a guess for what is down. */
const RETRY_AFTER = { registration: '60', request: '10', unavailable: '5' };

export function edge(config: EdgeConfig): Hono {
  const decoys = new Decoys(config.decoySecret);
  const { adminToken } = config;
  const app = new Hono();

  app.use(async (c, next) => {
    const isSafe = c.req.url.startsWith('https:') || LOOPBACK.includes(new URL(c.req.url).hostname);
    return isSafe ? next() : problemResponse('https-required');
  });

  if (config.allowedOrigins.size > 0) app.use(crossOrigin(config));

  app.get('/.well-known/cale', async (c) => {
    if (await isOverLimit(config.requestLimiter, c)) return tooMany(RETRY_AFTER.request);
    return wellKnown(config);
  });

  app.post('/registration', async (c) => {
    if (await isOverLimit(config.registrationLimiter, c)) return tooMany(RETRY_AFTER.registration);
    const cipher = negotiatedCipher(config, c.req.raw);
    return cipher === undefined ? problemResponse('cipher-not-accepted') : registration(config, c.req.raw, cipher);
  });

  if (adminToken !== undefined) {
    app.all('/admin/*', async (c) => {
      if (await isOverLimit(config.registrationLimiter, c)) return tooMany(RETRY_AFTER.registration);
      return administration(config, adminToken, c.req.raw);
    });
  }

  app.all('*', async (c) => {
    if (await isOverLimit(config.requestLimiter, c)) return tooMany(RETRY_AFTER.request);
    if (config.isDemo && isForPage(c.req.raw)) return demoPage();
    const cipher = negotiatedCipher(config, c.req.raw);
    if (cipher === undefined) return problemResponse('cipher-not-accepted');
    const guid = c.req.header(CALE_GUID)?.slice(0, MAX_GUID_LENGTH);
    if (guid === undefined) return problemResponse('guid-required', { 'WWW-Authenticate': 'CALE' });
    const isSafe = SAFE_METHODS.includes(c.req.method);
    if (!isSafe && !config.unsafeMethodsAllowed) return problemResponse('secondary-proof-required');
    const isWhoami = c.req.path === '/whoami' && (c.req.method === 'GET' || c.req.method === 'HEAD');
    if (isWhoami) return whoami(config, c.req.raw, guid, cipher);
    return standardRequest(config, decoys, c.req.raw, guid, cipher);
  });

  app.onError((error) => {
    console.error(JSON.stringify({ event: 'request-failed', reason: `${error.name}: ${error.message}` }));
    return problemResponse('unavailable', { 'Retry-After': RETRY_AFTER.unavailable });
  });
  return app;
}

/** Lets pages of the allowed origins ask and read (Fetch standard 3.3). */
function crossOrigin({ allowedOrigins, unsafeMethodsAllowed }: EdgeConfig): MiddlewareHandler {
  const corsForBrowsers = cors({
    origin: (origin) => (allowedOrigins.has('*') || allowedOrigins.has(origin) ? origin : null),
    // Whatever header fields a page asks to send: the origin may want others than the edge.
    allowHeaders: [],
    allowMethods: ['GET', 'HEAD', 'POST', ...(unsafeMethodsAllowed ? ['PUT', 'PATCH', 'DELETE'] : [])],
    exposeHeaders: ['Content-Transfer-Encoding', 'Retry-After', 'WWW-Authenticate'],
    maxAge: 7200,
  });
  return (c, next) => {
    const isPreflight = c.req.header('Access-Control-Request-Method') !== undefined;
    // The middleware would answer every OPTIONS itself, not preflights alone.
    if (c.req.header('Origin') === undefined || (c.req.method === 'OPTIONS' && !isPreflight)) return next();
    c.header('Cache-Control', 'no-store');
    return corsForBrowsers(c, next);
  };
}

/** The cipher that the connection negotiated, unless a setting fixes it; undefined when it is not on the list. */
function negotiatedCipher({ tlsCipher }: EdgeConfig, request: Request): NegotiatedCipher | undefined {
  const name = tlsCipher ?? (request as { cf?: { tlsCipher?: unknown } }).cf?.tlsCipher;
  if (typeof name !== 'string') return undefined;
  const encryption = contentEncryptionFor(name);
  return encryption && { name, encryption };
}

/** One bucket a client's network, whatever it asks for: known and unknown GUIDs count alike. */
async function isOverLimit(limiter: RateLimit, c: Context): Promise<boolean> {
  const { success } = await limiter.limit({ key: networkOf(c.req.header('CF-Connecting-IP') ?? '') });
  return !success;
}

const tooMany = (retryAfter: string): Response => problemResponse('too-many-requests', { 'Retry-After': retryAfter });
