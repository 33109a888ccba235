import type { MiddlewareHandler } from 'hono';
import { CALE_NONCE } from '../../../shared/protocol/headers.ts';
import { tryParseNonce } from '../../../shared/protocol/nonce.ts';
import { problemResponse } from '../../../shared/protocol/problem.ts';
import type { EdgeContext } from '../context.ts';

/** Sets the nonce of the request, where it has one. Refuses a malformed one. */
export function nonce(): MiddlewareHandler<EdgeContext> {
  return async (c, next) => {
    const value = c.req.header(CALE_NONCE);
    const parsed = value === undefined ? undefined : tryParseNonce(value);
    if (value !== undefined && parsed === undefined) return problemResponse('nonce-malformed');
    c.set('nonce', parsed);
    return next();
  };
}
