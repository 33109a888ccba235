/** The edge device: the decisions about a request in their order, and the routes behind them. */

import { Hono } from 'hono';
import { log, reasonOf } from '../../shared/log.ts';
import { problemResponse } from '../../shared/protocol/problem.ts';
import type { EdgeConfig } from './config.ts';
import type { EdgeContext } from './context.ts';
import { Decoys } from './decoys/decoys.ts';
import { crossOrigin } from './middleware/cors.ts';
import { guid } from './middleware/guid.ts';
import { httpsOnly } from './middleware/https.ts';
import { rateLimit } from './middleware/rate-limit.ts';
import { safeMethod } from './middleware/safe-method.ts';
import { tlsCipher } from './middleware/tls-cipher.ts';
import { admin } from './routes/admin.ts';
import { demoPage } from './routes/demo-page.ts';
import { registration } from './routes/registration.ts';
import { resource } from './routes/resource.ts';
import { wellKnown } from './routes/well-known.ts';
import { whoami } from './routes/whoami.ts';

/** Seconds that a client is asked to wait: the limiters' periods in wrangler.toml, and a guess for a party that is down. */
const RETRY_AFTER = { registration: 60, request: 10, unavailable: 5 };

/** @param page HTML of the tour, for `/` where the configuration asks for it. */
export function createEdge(config: EdgeConfig, page: string): Hono<EdgeContext> {
  const registrationLimit = rateLimit(config.registrationLimiter, RETRY_AFTER.registration);
  const requestLimit = rateLimit(config.requestLimiter, RETRY_AFTER.request);
  const cipher = tlsCipher(config);
  const app = new Hono<EdgeContext>();

  app.use(httpsOnly());
  if (config.allowedOrigins.size > 0) app.use(crossOrigin(config));

  app.post('/registration', registrationLimit, cipher, registration(config));
  if (config.adminToken !== undefined) app.all('/admin/*', registrationLimit, admin(config, config.adminToken));

  app.use(requestLimit);
  app.get('/.well-known/cale', wellKnown(config));
  if (config.isDemo) app.get('/', demoPage(page));

  app.use(cipher, guid(), safeMethod(config));
  app.get('/whoami', whoami(config));
  app.all('*', resource(config, new Decoys(config.decoySecret)));

  app.onError((error) => {
    log({ event: 'request-failed', reason: reasonOf(error) });
    return problemResponse('unavailable', { 'Retry-After': String(RETRY_AFTER.unavailable) });
  });
  return app;
}
