import type { MiddlewareHandler } from 'hono';
import { problemResponse } from '../../../shared/protocol/problem.ts';
import type { RateLimiter } from '../config.ts';
import { networkOf } from './network.ts';

/**
 * Refuses requests beyond a limit. All requests of a client's network count, for known and unknown GUIDs alike.
 * @param retryAfterSeconds told to whom is refused.
 */
export function rateLimit(limiter: RateLimiter, retryAfterSeconds: number): MiddlewareHandler {
  return async (c, next) => {
    const { success } = await limiter.limit({ key: networkOf(c.req.header('CF-Connecting-IP') ?? '') });
    return success ? next() : problemResponse('too-many-requests', { 'Retry-After': String(retryAfterSeconds) });
  };
}
