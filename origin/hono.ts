/** The library of a party behind the edge as a middleware of Hono. */

import type { Context, Hono, MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { OriginOptions } from './options.ts';
import { createOrigin } from './origin.ts';
import type { Client } from './prepare.ts';

/** The variables that handlers behind the middleware find under `c.var`. */
export interface CaleVariables {
  /** The client that asks: owner, organization, scopes, device, and how the request was proved to be its own. */
  readonly client: Client;
}

export type CaleEnv = { Variables: CaleVariables };

export interface CaleOptions extends OriginOptions {
  /** The application itself, which opened requests are handed to. Needed where `encryption` is set. */
  readonly app?: Pick<Hono<CaleEnv>, 'fetch'>;
}

/**
 * Lets requests in by their certificate, verifies those that can change something, puts the client into the context, and
 * signs and seals the answer, of any status. A request without a good certificate gets 403 without a body, which the edge
 * never hands on.
 * @throws {EncodingError} at once when a certificate or a key is not usable.
 *
 * @example
 * const app = new Hono<CaleEnv>();
 * app.use(cale({ authorities: env.AUTHORITY_CERTIFICATES, app }));
 */
export function cale({ app, ...options }: CaleOptions): MiddlewareHandler<CaleEnv> {
  if (options.encryption !== undefined && app === undefined) {
    throw new TypeError('opened requests are handed to `app`, which is missing');
  }
  const origin = createOrigin(options);
  /** Requests that came out of sealed ones, on their second way through the application. */
  const opened = new WeakMap<Request, Client>();
  return createMiddleware<CaleEnv>(async (c, next) => {
    const client = opened.get(c.req.raw);
    if (client !== undefined) {
      c.set('client', client);
      return next();
    }
    const answer = await origin.handle(c.req.raw, async (request, admitted) => {
      if (admitted.isSealed && app !== undefined) {
        opened.set(request, admitted);
        return app.fetch(request, c.env, executionContextOf(c));
      }
      c.set('client', admitted);
      c.req.raw = request;
      await next();
      return c.res;
    });
    if (answer === c.res) return undefined;
    // Hono carries header fields of an answer over to the one that replaces it, unless there is none to begin with.
    c.res = undefined;
    c.res = answer;
    return undefined;
  });
}

/** Hono throws where there is none, as outside of Workers. */
function executionContextOf(c: Context): Context['executionCtx'] | undefined {
  try {
    return c.executionCtx;
  } catch {
    return undefined;
  }
}
