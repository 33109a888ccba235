import { timingSafeEqual } from 'node:crypto';
import type { Handler } from 'hono';
import { utf8 } from '../../../shared/encoding/bytes.ts';
import { CALE_ADMINISTRATOR } from '../../../shared/protocol/headers.ts';
import { problemResponse } from '../../../shared/protocol/problem.ts';
import { readBody } from '../../../shared/protocol/read-body.ts';
import type { EdgeConfig } from '../config.ts';
import type { EdgeContext } from '../context.ts';
import { fetchUpstream } from '../upstream.ts';

/** The name of who has the token. */
const ADMINISTRATOR = 'administrator';
/** Maximum size of a body. A page of an import is smaller: a hundred CSRs of the largest size do not come together. */
const MAX_BODY_BYTES = 1024 * 1024;
const TOO_LARGE = `The body is larger than ${MAX_BODY_BYTES / 1024 / 1024} MiB.`;

/**
 * `/admin/*`, administration (draft 4.4): passed on to the authority for a bearer of the token. The answer is the
 * authority's, in JSON, or a problem. Fails when the authority does not do its part.
 */
export function admin({ authority, organization }: EdgeConfig, adminToken: string): Handler<EdgeContext> {
  return async (c) => {
    const [, token] = /^bearer +([^ ]+) *$/i.exec(c.req.header('Authorization') ?? '') ?? [];
    if (token === undefined || !(await isSame(token, adminToken))) {
      return problemResponse('admin-token-required', { 'WWW-Authenticate': `Bearer realm="${organization}"` });
    }
    const { method } = c.req;
    const body = method === 'POST' ? await readBody(c.req.raw, MAX_BODY_BYTES) : null;
    if (body === undefined) return problemResponse('admin-request-malformed', {}, { detail: TOO_LARGE });
    const { pathname, search } = new URL(c.req.url);
    const forwarded = new Request(`https://authority${pathname}${search}`, {
      method,
      body,
      headers: { [CALE_ADMINISTRATOR]: ADMINISTRATOR },
    });
    const response = await fetchUpstream('authority', authority, forwarded, c.env.trace);
    return new Response(response.body, {
      status: response.status,
      headers: {
        'Content-Type': response.headers.get('Content-Type') ?? 'application/json',
        'Cache-Control': 'no-store',
      },
    });
  };
}

/** Compares digests, so that neither content nor length shows in the time that it takes. */
async function isSame(a: string, b: string): Promise<boolean> {
  const [digestA, digestB] = await Promise.all([a, b].map((text) => crypto.subtle.digest('SHA-256', utf8(text))));
  return digestA !== undefined && digestB !== undefined && timingSafeEqual(Buffer.from(digestA), Buffer.from(digestB));
}
