/** The demo's page: the tour of the protocol that `/` shows where DEMO is on. */

// Built by scripts/build-page.ts, which wrangler runs before it bundles the edge.
import page from '../../build/page.html';
import { CALE_GUID } from '../../shared/wire/headers.ts';

/** Whether a request is a visitor's: one with a GUID is a client's, and for the origin. */
export function isForPage(request: Request): boolean {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  return isRead && new URL(request.url).pathname === '/' && !request.headers.has(CALE_GUID);
}

/** The page, which holds a policy of its own: nothing but itself is loaded, and nobody but this edge asked. */
export function demoPage(): Response {
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "frame-ancestors 'none'",
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  };
  return new Response(page, { headers });
}
