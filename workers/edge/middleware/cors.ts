import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import type { EdgeConfig } from '../config.ts';

/** Lets pages of the allowed origins ask and read (Fetch standard 3.3). */
export function crossOrigin({
  allowedOrigins,
  unsafeMethods,
}: Pick<EdgeConfig, 'allowedOrigins' | 'unsafeMethods'>): MiddlewareHandler {
  const corsForBrowsers = cors({
    origin: (origin) => (allowedOrigins.has('*') || allowedOrigins.has(origin) ? origin : null),
    // Every header field that a page asks to send, because the origin may take others than the edge.
    allowHeaders: [],
    allowMethods: ['GET', 'HEAD', 'POST', ...(unsafeMethods === 'refuse' ? [] : ['PUT', 'PATCH', 'DELETE'])],
    exposeHeaders: ['Content-Transfer-Encoding', 'Date', 'Retry-After', 'WWW-Authenticate'],
    maxAge: 7200,
  });
  return (c, next) => {
    const isPreflight = c.req.header('Access-Control-Request-Method') !== undefined;
    // Hono's middleware would answer every OPTIONS itself, not only preflights.
    if (c.req.header('Origin') === undefined || (c.req.method === 'OPTIONS' && !isPreflight)) return next();
    c.header('Cache-Control', 'no-store');
    return corsForBrowsers(c, next);
  };
}
