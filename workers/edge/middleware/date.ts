import type { MiddlewareHandler } from 'hono';

/** Sets `Date` on every answer, because clients take the time of their nonces from it. */
export function date(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    c.header('Date', new Date().toUTCString());
  };
}
