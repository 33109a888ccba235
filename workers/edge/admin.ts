/** Administration through the edge (draft 4.4): passed on to the authority for whoever has the token. */

import { timingSafeEqual } from 'node:crypto';
import { utf8 } from '../../shared/bytes.ts';
import { problemResponse } from '../../shared/wire/problem.ts';
import type { EdgeConfig } from './config.ts';
import { call } from './upstream.ts';

/**
 * @returns the authority's answer in JSON, or a problem.
 * @throws {UpstreamError} when the authority does not do its part.
 */
export async function administration(config: EdgeConfig, adminToken: string, request: Request): Promise<Response> {
  const [, token] = /^bearer +([^ ]+) *$/i.exec(request.headers.get('Authorization') ?? '') ?? [];
  if (token === undefined || !(await isSame(token, adminToken))) {
    return problemResponse('admin-token-required', { 'WWW-Authenticate': `Bearer realm="${config.organization}"` });
  }
  const { pathname, search } = new URL(request.url);
  const forwarded = new Request(`https://authority${pathname}${search}`, { method: request.method });
  const response = await call('authority', config.authority, forwarded);
  return new Response(response.body, {
    status: response.status,
    headers: {
      'Content-Type': response.headers.get('Content-Type') ?? 'application/json',
      'Cache-Control': 'no-store',
    },
  });
}

/** Compares digests, so that neither content nor length shows in the time it takes. */
async function isSame(a: string, b: string): Promise<boolean> {
  const [digestA, digestB] = await Promise.all([a, b].map((text) => crypto.subtle.digest('SHA-256', utf8(text))));
  return digestA !== undefined && digestB !== undefined && timingSafeEqual(Buffer.from(digestA), Buffer.from(digestB));
}
