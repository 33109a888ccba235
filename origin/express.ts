/** The library of a party behind the edge as a middleware of Express and Connect, and for node:http as it is. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { log, reasonOf } from '../shared/log.ts';
import { replaceRequest, toRequest } from './node/request.ts';
import { captureResponse, sendResponse } from './node/response.ts';
import type { OriginOptions } from './options.ts';
import { createOrigin } from './origin.ts';
import type { Client } from './prepare.ts';

/** The options of a party behind the edge, with the URL that clients ask for. */
export interface ExpressOptions extends OriginOptions {
  /** URL of the edge as clients have it, such as `https://api.example.com`: it is a part of what they sign. */
  readonly edge: string | URL;
}

declare global {
  namespace Express {
    interface Request {
      /** The client that asks: owner, organization, scopes, device, and how the request was proved to be its own. */
      cale: Client;
    }
  }
}

/** A middleware of Express 4 and 5; `node:http` takes it too. */
export type ExpressMiddleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;

/** A request as Express hands it to a middleware. */
type Mounted = IncomingMessage & { readonly baseUrl?: string; cale?: Client };

/**
 * Lets requests in by their certificate, verifies those that can change something, opens sealed ones, puts the client
 * into `req.cale`, and signs and seals what handlers and error handlers write to `res`, of any status. It has to be the
 * first middleware, because it reads the body before any parser does, and to be mounted at the top.
 * @throws {EncodingError} at once when a certificate or a key is not usable; {TypeError} when `edge` is no URL.
 *
 * @example
 * app.use(cale({ edge: 'https://api.example.com', ...originOptionsFromSettings(process.env) }));
 * app.get('/balance', (req, res) => res.json({ owner: req.cale.owner, balance: 42 }));
 */
export function cale({ edge, ...options }: ExpressOptions): ExpressMiddleware {
  const origin = createOrigin(options);
  const base = new URL(edge).origin;

  async function handle(req: Mounted, res: ServerResponse, next: () => void): Promise<void> {
    if (req.baseUrl) throw new TypeError(`cale() is mounted at ${req.baseUrl}, and has to be at the top`);
    const received = toRequest(req, res, base);
    const answer = await origin.handle(received, async (request, client) => {
      if (request !== received) await replaceRequest(req, request);
      req.cale = client;
      const captured = captureResponse(req, res);
      next();
      return captured;
    });
    await sendResponse(res, answer);
  }

  return (req, res, next) => {
    handle(req, res, next).catch((error: unknown) => {
      log({ event: 'request-failed', reason: reasonOf(error) });
      // There is nothing that could be sealed. The edge hands on no answer above 499.
      return sendResponse(res, new Response(null, { status: 500, headers: { 'Cache-Control': 'no-store' } }));
    });
  };
}
