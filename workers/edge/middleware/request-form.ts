import type { MiddlewareHandler } from 'hono';
import { problemResponse } from '../../../shared/protocol/problem.ts';
import { faultOfRequestMethod } from '../../../shared/protocol/request-form.ts';

/**
 * Refuses content of GET, HEAD and OPTIONS, and fields that name another method. Fields are not just left out: the request
 * would then be done in another way than its sender means, such as a POST in place of a DELETE.
 */
export function requestForm(): MiddlewareHandler {
  return async (c, next) => {
    const { method, headers, body } = c.req.raw;
    // With Transfer-Encoding there is a body, be it an empty one.
    const fault = faultOfRequestMethod(method, headers.keys(), body !== null && headers.get('Content-Length') !== '0');
    return fault === undefined ? next() : problemResponse(fault);
  };
}
