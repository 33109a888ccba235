/** The authorization server: its routes, as the edge calls them (draft B.1.2, B.2.2, B.3.2), and its daily sweep. */

import { Hono } from 'hono';
import { log, reasonOf } from '../../shared/log.ts';
import { problemResponse } from '../../shared/protocol/problem.ts';
import type { AuthorityConfig } from './config.ts';
import { Shards } from './credentials/shards.ts';
import { sweepCatalogue } from './credentials/sweep.ts';
import { Certificates } from './issuance/certificates.ts';
import { admin } from './routes/admin.ts';
import { certificates } from './routes/certificates.ts';
import { registration } from './routes/registration.ts';
import { validate } from './routes/validate.ts';
import { whoami } from './routes/whoami.ts';

/** @returns the Worker of an authority. */
export function createAuthority(config: AuthorityConfig): ExportedHandler {
  const shards = new Shards(config.shards, config.shardCount);
  const issued = new Certificates(config, shards);
  const app = new Hono()
    .post('/registration', registration(config, shards, issued))
    .get('/validate', validate(issued))
    .get('/whoami', whoami(issued))
    .get('/certificates', certificates(config))
    .route('/admin', admin(shards))
    .notFound(() => problemResponse('not-found'))
    .onError((error) => {
      log({ event: 'request-failed', reason: reasonOf(error) });
      return problemResponse('unavailable');
    });
  return {
    fetch: (request, _env, context) => app.fetch(request, undefined, context),
    async scheduled() {
      const removed = await sweepCatalogue(config.catalogue, shards, Date.now());
      log({ event: 'catalogue-swept', removed });
    },
  };
}
