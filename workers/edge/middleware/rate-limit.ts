import type { MiddlewareHandler } from 'hono';
import { encodeBase64Url } from '../../../shared/encoding/base64.ts';
import { utf8 } from '../../../shared/encoding/bytes.ts';
import { problemResponse } from '../../../shared/protocol/problem.ts';
import type { RateLimiter } from '../config.ts';
import type { EdgeContext } from '../context.ts';

/** Seconds that a client is asked to wait: the limiters' periods in wrangler.toml. */
const RETRY_AFTER = { registration: 60, request: 10, site: 10, guid: 10, owner: 60 };

/** The name of a limit. */
export type Limit = keyof typeof RETRY_AFTER;

/** @returns the refusal of one that is beyond the limit; undefined for one that is within it. */
export async function refusalBeyond(limit: Limit, limiter: RateLimiter, key: string): Promise<Response | undefined> {
  const { success } = await limiter.limit({ key });
  return success ? undefined : problemResponse('too-many-requests', { 'Retry-After': String(RETRY_AFTER[limit]) });
}

/** Refuses requests of a network beyond a limit, and of its site beyond another one. Known and unknown GUIDs count alike. */
export function networkLimit(
  limit: Limit,
  limiter: RateLimiter,
  siteLimiter: RateLimiter,
): MiddlewareHandler<EdgeContext> {
  return async (c, next) => {
    const { name, site } = c.var.network;
    const refusal = await refusalBeyond(limit, limiter, name);
    if (refusal !== undefined) return refusal;
    return (site && (await refusalBeyond('site', siteLimiter, site))) || next();
  };
}

/**
 * Refuses requests of a network with one GUID beyond a limit, known or not. Networks are counted apart: where others of a GUID
 * count too, who is refused sooner learns that it is in use.
 */
export function guidLimit(limiter: RateLimiter): MiddlewareHandler<EdgeContext> {
  return async (c, next) => {
    const asker = await digestOf(`${c.var.network.name} ${c.var.guid}`);
    c.set('asker', asker);
    return (await refusalBeyond('guid', limiter, asker)) ?? next();
  };
}

/** base64url of the SHA-256, so that counters hold no GUID. */
async function digestOf(text: string): Promise<string> {
  return encodeBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text))));
}
