import type { MiddlewareHandler } from 'hono';
import type { EdgeContext } from '../context.ts';
import { networkOf } from '../network.ts';

/**
 * Sets the network of the client.
 * @param field that says its address. Of a list the last member counts: the trusted proxy in front has added that one,
 *   and the client can have written the others.
 */
export function network(field: string): MiddlewareHandler<EdgeContext> {
  return async (c, next) => {
    const [address = ''] = (c.req.header(field) ?? '').split(',').slice(-1);
    c.set('network', networkOf(address));
    return next();
  };
}
