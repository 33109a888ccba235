import type { Context, MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { log } from '../../../shared/log.ts';
import { problemResponse } from '../../../shared/protocol/problem.ts';
import { isAllowedOrigin } from '../allowed-origins.ts';
import type { EdgeConfig } from '../config.ts';

/**
 * Lets pages of the allowed origins ask and read (Fetch standard 3.3). Preflights of other origins are refused; their
 * other requests are answered as always, but browsers do not show pages the answers.
 */
export function crossOrigin({
  allowedOrigins,
  unsafeMethods,
}: Pick<EdgeConfig, 'allowedOrigins' | 'unsafeMethods'>): MiddlewareHandler {
  const corsForBrowsers = cors({
    origin: (origin) => origin,
    // Every header field that a page asks to send, because the origin may take others than the edge.
    allowHeaders: [],
    // An owner revokes credentials by DELETE, whether other writes are refused or not.
    allowMethods: ['GET', 'HEAD', 'POST', ...(unsafeMethods === 'refuse' ? [] : ['PUT', 'PATCH']), 'DELETE'],
    exposeHeaders: ['Content-Transfer-Encoding', 'Date', 'Retry-After', 'WWW-Authenticate'],
    maxAge: 7200,
  });
  const logRefusal = createRefusalLog();
  return async (c, next) => {
    const origin = c.req.header('Origin');
    const isPreflight = c.req.method === 'OPTIONS' && c.req.header('Access-Control-Request-Method') !== undefined;
    // Hono's middleware would answer every OPTIONS itself, not only preflights.
    if (origin === undefined || (c.req.method === 'OPTIONS' && !isPreflight)) return next();
    if (isAllowedOrigin(allowedOrigins, origin)) return corsForBrowsers(c, next);
    if (isOwnOrigin(c, origin)) return next();
    logRefusal(origin);
    return isPreflight ? problemResponse('web-origin-not-allowed') : next();
  };
}

/** True for a page that the edge itself serves: browsers say its origin too, where it writes. */
const isOwnOrigin = (c: Context, origin: string): boolean => new URL(c.req.url).origin === origin;

/** Number of origins that are told of, and characters of one: strangers must not be able to fill the log. */
const MAX_LOGGED_ORIGINS = 100;
const MAX_LOGGED_LENGTH = 200;

/** @returns a function that writes one line for each origin. */
function createRefusalLog(): (origin: string) => void {
  const logged = new Set<string>();
  return (origin) => {
    const name = origin.slice(0, MAX_LOGGED_LENGTH);
    if (logged.has(name) || logged.size === MAX_LOGGED_ORIGINS) return;
    logged.add(name);
    log({ event: 'web-origin-refused', origin: name, reason: 'ALLOWED_ORIGINS does not name it' });
  };
}
