import type { Handler } from 'hono';

/** `GET /.well-known/cale/openapi.json`: the description of this interface, the same for every deployment. */
export function openApi(document: string): Handler {
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
  return () => new Response(document, { headers });
}
