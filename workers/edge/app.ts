/** The edge device: the decisions about a request in their order, and the routes behind them. */

import { HonoBase as Hono } from 'hono/hono-base';
import { TrieRouter } from 'hono/router/trie-router';
import { log, reasonOf } from '../../shared/log.ts';
import {
  CREDENTIALS_PATH,
  OPENAPI_PATH,
  REGISTRATION_PATH,
  SEALED_PATH,
  WELL_KNOWN_PATH,
  WHOAMI_PATH,
} from '../../shared/protocol/endpoints.ts';
import { RequestCounts } from '../../shared/protocol/request-counts.ts';
import { type EdgeOptions, parseEdgeOptions } from './config.ts';
import type { EdgeContext } from './context.ts';
import { crossOrigin } from './middleware/cors.ts';
import { date } from './middleware/date.ts';
import { guid } from './middleware/guid.ts';
import { httpsOnly } from './middleware/https.ts';
import { network } from './middleware/network.ts';
import { nonce } from './middleware/nonce.ts';
import { guidLimit, networkLimit } from './middleware/rate-limit.ts';
import { requestForm } from './middleware/request-form.ts';
import { secondaryProof } from './middleware/secondary-proof.ts';
import { tlsCipher } from './middleware/tls-cipher.ts';
import { observe } from './observe.ts';
import { admin } from './routes/admin.ts';
import { credentialList, revocation, revocationByIdentity } from './routes/credentials.ts';
import { demoPage } from './routes/demo-page.ts';
import { metrics } from './routes/metrics.ts';
import { openApi } from './routes/open-api.ts';
import { registration } from './routes/registration.ts';
import { resource } from './routes/resource.ts';
import { sealed } from './routes/sealed.ts';
import { wellKnown } from './routes/well-known.ts';
import { whoami } from './routes/whoami.ts';
import { unavailable } from './unavailable.ts';

/** A Worker's `fetch`, and nothing else. */
export interface Edge {
  fetch(request: Request, env?: unknown, context?: unknown): Response | Promise<Response>;
}

/**
 * @returns the Worker of an edge.
 * @throws {ConfigError} at once, with the name of the option that is not usable.
 *
 * @example
 * import { env } from 'cloudflare:workers';
 * export default createEdge(edgeFromSettings(env));
 */
export function createEdge(options: EdgeOptions): Edge {
  const config = parseEdgeOptions(options);
  const registrationLimit = networkLimit('registration', config.registrationLimiter, config.siteLimiter);
  const requestLimit = networkLimit('request', config.requestLimiter, config.siteLimiter);
  const cipher = tlsCipher(config);
  const counts = new RequestCounts('edge', config.metrics);
  // The smallest of Hono's routers that take no path with a slash more for one of these.
  const app = new Hono<EdgeContext>({ router: new TrieRouter() });

  app.use(date(), httpsOnly(), crossOrigin(config), requestForm(), network(config.clientAddressField));

  app.post(REGISTRATION_PATH, registrationLimit, cipher, registration(config));
  app.delete(`${CREDENTIALS_PATH}/:id`, revocationByIdentity(config, registrationLimit));
  if (config.administration !== undefined && config.adminTokens.length > 0) {
    const passOn = admin(config, config.administration);
    app.get('/admin/metrics', registrationLimit, metrics(counts, passOn));
    app.all('/admin/*', registrationLimit, passOn);
  }

  app.use(requestLimit);
  app.get(WELL_KNOWN_PATH, wellKnown(config));
  app.get(OPENAPI_PATH, openApi(config));
  if (config.page !== undefined) app.get('/', demoPage(config.page));

  app.use(cipher, guid(), guidLimit(config.guidLimiter), nonce());
  app.get(WHOAMI_PATH, whoami(config));
  app.get(CREDENTIALS_PATH, credentialList(config));
  app.delete(`${CREDENTIALS_PATH}/:id`, revocation(config));
  app.post(SEALED_PATH, sealed(config));

  app.use(secondaryProof(config));
  app.all('*', resource(config));

  app.onError((error, c) => {
    log({ event: 'request-failed', reason: reasonOf(error), requestId: c.env.trace.requestId });
    return unavailable();
  });
  return {
    fetch: (request, _env, context) =>
      observe(request, { samplePercent: config.logSamplePercent, counts }, (trace) =>
        app.fetch(request, { trace }, context as ExecutionContext | undefined),
      ),
  };
}
