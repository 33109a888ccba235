import type { MiddlewareHandler } from 'hono';
import { isLoopback } from '../../../shared/protocol/loopback.ts';
import { problemResponse } from '../../../shared/protocol/problem.ts';

/** Refuses plain http, except on loopback. */
export function httpsOnly(): MiddlewareHandler {
  return async (c, next) => {
    if (!c.req.url.startsWith('https:') && !isLoopback(new URL(c.req.url))) return problemResponse('https-required');
    return next();
  };
}
