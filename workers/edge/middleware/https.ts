import type { MiddlewareHandler } from 'hono';
import { isLoopback } from '../../../shared/protocol/loopback.ts';
import { problemResponse } from '../../../shared/protocol/problem.ts';

/** Two years, in seconds. Whether other hosts below this one have https is not known here. */
const STRICT_TRANSPORT = 'max-age=63072000';

/**
 * Refuses plain http, except on loopback. Over https every answer, refusals too, tells browsers to come by https only; over
 * http none does (RFC 6797 7.2).
 */
export function httpsOnly(): MiddlewareHandler {
  return async (c, next) => {
    const isHttps = c.req.url.startsWith('https:');
    if (!isHttps && !isLoopback(new URL(c.req.url))) return problemResponse('https-required');
    await next();
    if (isHttps) c.header('Strict-Transport-Security', STRICT_TRANSPORT);
    return undefined;
  };
}
