import type { MiddlewareHandler } from 'hono';
import { claimedGuid } from '../../../shared/protocol/guid.ts';
import { CALE_GUID } from '../../../shared/protocol/headers.ts';
import { problemResponse } from '../../../shared/protocol/problem.ts';
import type { EdgeContext } from '../context.ts';

/** Sets the GUID that the client says. Refuses requests without one. */
export function guid(): MiddlewareHandler<EdgeContext> {
  return async (c, next) => {
    const text = c.req.header(CALE_GUID);
    if (text === undefined) return problemResponse('guid-required', { 'WWW-Authenticate': 'CALE' });
    c.set('guid', await claimedGuid(text));
    return next();
  };
}
