import type { Handler } from 'hono';
import { CALE_GUID } from '../../../shared/protocol/headers.ts';

/** `GET /` of a visitor: the tour. A request with a GUID is a client's, and goes on to the origin. */
export function demoPage(page: string): Handler {
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    // The page holds a policy of its own for what it loads; only a header field can say who may frame it.
    'Content-Security-Policy': "frame-ancestors 'none'",
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  };
  return async (c, next) => (c.req.header(CALE_GUID) === undefined ? new Response(page, { headers }) : next());
}
