import type { MiddlewareHandler } from 'hono';
import { problemResponse } from '../../../shared/protocol/problem.ts';
import type { EdgeConfig } from '../config.ts';

/** A GUID is no proof for any other method (draft 1.6, 4.2). */
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** Refuses methods that can change something, unless a setting allows them. */
export function safeMethod({ unsafeMethodsAllowed }: Pick<EdgeConfig, 'unsafeMethodsAllowed'>): MiddlewareHandler {
  return async (c, next) => {
    const isAllowed = unsafeMethodsAllowed || SAFE_METHODS.includes(c.req.method);
    return isAllowed ? next() : problemResponse('secondary-proof-required');
  };
}
