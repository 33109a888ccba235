/** The library of a party behind the edge, for applications of Hono. */

import type { Context, Hono, MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import { matchedRoutes } from 'hono/route';
import type { OriginOptions } from './options.ts';
import { createOrigin } from './origin.ts';
import type { Client } from './prepare.ts';

/** The variables that handlers find under `c.var`. */
export interface CaleVariables {
  /** The client that asks: owner, organization, scopes, device, and how the request was proved to be its own. */
  readonly client: Client;
}

/** The environment of handlers that find a client in their context. */
export type CaleEnv = { Variables: CaleVariables };

/** Handlers with their routes, as a router of Hono gives them. */
type MatchedRoutes = readonly [
  readonly (readonly [readonly [handler: unknown, route: { readonly path: string }], unknown])[],
  ...unknown[],
];

/** The parts of an application of Hono that {@link seal} uses. */
interface SealableApp {
  fetch: (request: Request, ...more: never[]) => Response | Promise<Response>;
  readonly routes: readonly unknown[];
  readonly router: { match(method: string, path: string): MatchedRoutes };
  readonly getPath: (request: Request, ...more: never[]) => string;
  // biome-ignore lint/suspicious/noExplicitAny: an application may have variables and bindings of its own
  use(middleware: MiddlewareHandler<any>): unknown;
}

/**
 * Puts an application behind the edge as a whole. Requests are let in by their certificate, and verified where they can
 * change something; handlers find the client in the context; each answer is signed and sealed, of handlers, middlewares and
 * error handlers alike. A request without a good certificate gets 403 without a body, which the edge never hands on.
 * @param app without routes yet, because the client has to be there for all of them.
 * @returns the application, whose `fetch` is now for the edge.
 * @throws {EncodingError} when a certificate or a key is not usable. @throws {TypeError} when there are routes.
 *
 * @example
 * const app = seal(new Hono<CaleEnv>(), { authorities: env.AUTHORITY_CERTIFICATES });
 * app.get('/balance', (c) => c.json({ owner: c.var.client.owner }));
 * export default app;
 */
export function seal<App extends SealableApp>(app: App, options: OriginOptions): App {
  if (app.routes.length > 0) throw new TypeError('seal the application before its first route or middleware');
  const origin = createOrigin(options);
  const clients = new WeakMap<Request, Client>();
  const decoys = new WeakMap<Request, () => Promise<Response>>();
  app.use(
    createMiddleware<CaleEnv>(async (c, next) => {
      const decoy = decoys.get(c.req.raw);
      if (decoy !== undefined) return decoy();
      const client = clients.get(c.req.raw);
      // As of an application that this one was made a part of.
      if (client === undefined) throw new Error('the request did not come through `fetch` of the sealed application');
      c.set('client', client);
      return next();
    }),
  );
  const fetchInside = app.fetch;
  app.fetch = (request, ...more) =>
    origin.handle(
      request,
      (admitted, client) => {
        clients.set(admitted, client);
        return fetchInside(admitted, ...more);
      },
      {
        routeOf: (admitted) => pathOfRoute(app, admitted),
        relay(admitted, answer) {
          decoys.set(admitted, answer);
          return fetchInside(admitted, ...more);
        },
      },
    );
  return app;
}

/** @returns the path of the route that a request is for. No handler is run. */
function pathOfRoute(app: Pick<SealableApp, 'router' | 'getPath'>, request: Request): string {
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const [matched] = app.router.match(method, app.getPath(request));
  return matched.at(-1)?.[0][1].path ?? '';
}

/** The options of a party behind the edge, with the application that opened requests go to. */
export interface CaleOptions extends OriginOptions {
  /** The application itself, which opened requests are handed to. Needed where `encryption` is set. */
  readonly app?: Pick<Hono<CaleEnv>, 'fetch' | 'router' | 'getPath'>;
}

/**
 * Does for a part of an application what {@link seal} does for a whole one: as a middleware, for what is registered behind
 * it. Middlewares before it answer the edge themselves: what they answer is not sealed, and the edge does not hand it on.
 * @throws {EncodingError} at once when a certificate or a key is not usable.
 *
 * @example
 * app.use('/accounts/*', cale({ authorities: env.AUTHORITY_CERTIFICATES, app }));
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
    const answer = await origin.handle(
      c.req.raw,
      async (request, admitted) => {
        if (admitted.isSealed && app !== undefined) {
          opened.set(request, admitted);
          return app.fetch(request, c.env, executionContextOf(c));
        }
        c.set('client', admitted);
        c.req.raw = request;
        await next();
        // Hono would make an empty answer of none.
        return c.finalized ? c.res : (undefined as never);
      },
      {
        routeOf: (admitted) => (app === undefined ? (matchedRoutes(c).at(-1)?.path ?? '') : pathOfRoute(app, admitted)),
      },
    );
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
