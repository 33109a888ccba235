import type { Context, MiddlewareHandler, Next } from 'hono';
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
  // An owner revokes credentials by DELETE, whether other writes are refused or not.
  const methods = ['GET', 'HEAD', 'POST', ...(unsafeMethods === 'refuse' ? [] : ['PUT', 'PATCH']), 'DELETE'].join(',');
  const logRefusal = createRefusalLog();
  return async (c, next) => {
    const origin = c.req.header('Origin');
    const isPreflight = c.req.method === 'OPTIONS' && c.req.header('Access-Control-Request-Method') !== undefined;
    if (origin === undefined || (c.req.method === 'OPTIONS' && !isPreflight)) return next();
    if (isAllowedOrigin(allowedOrigins, origin)) {
      return isPreflight ? allowRequest(c, origin, methods) : allowReading(c, origin, next);
    }
    if (isOwnOrigin(c, origin)) return next();
    logRefusal(origin);
    return isPreflight ? problemResponse('web-origin-not-allowed') : next();
  };
}

/** Header fields of answers that pages read. */
const EXPOSED = ['Content-Transfer-Encoding', 'Date', 'Retry-After', 'WWW-Authenticate'].join(',');
const MAX_AGE_SECONDS = '7200';

/** The answer to a preflight: all header fields that the page asks to send, because the origin may take any. */
function allowRequest(c: Context, origin: string, methods: string): Response {
  const headers = new Headers({
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': EXPOSED,
    'Access-Control-Max-Age': MAX_AGE_SECONDS,
    'Access-Control-Allow-Methods': methods,
    Vary: 'Origin',
  });
  const asked = c.req.header('Access-Control-Request-Headers');
  if (asked) {
    headers.set('Access-Control-Allow-Headers', asked.replaceAll(/\s*,\s*/g, ',').trim());
    headers.append('Vary', 'Access-Control-Request-Headers');
  }
  return new Response(null, { status: 204, headers });
}

async function allowReading(c: Context, origin: string, next: Next): Promise<void> {
  await next();
  c.header('Access-Control-Allow-Origin', origin);
  c.header('Access-Control-Expose-Headers', EXPOSED);
  c.header('Vary', 'Origin', { append: true });
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
