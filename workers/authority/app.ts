/**
 * The authorization server: its routes, as the edge calls them (draft B.1.2, B.2.2, B.3.2), its daily sweep, and beside it
 * administration (draft 4.4).
 */

import { Hono } from 'hono';
import { log, reasonOf } from '../../shared/log.ts';
import { problemResponse } from '../../shared/protocol/problem.ts';
import { RequestCounts } from '../../shared/protocol/request-counts.ts';
import { Certificates } from './certificates.ts';
import { parseAuthorityOptions } from './config.ts';
import type { AuthorityContext } from './context.ts';
import { Owners } from './credentials/owners.ts';
import { settleAll } from './credentials/settle.ts';
import { Shards } from './credentials/shards.ts';
import { sweepCatalogue } from './credentials/sweep.ts';
import { Holders } from './holders.ts';
import { LogNames } from './log-names.ts';
import { observe } from './observe.ts';
import type { AuthorityOptions } from './options.ts';
import { admin } from './routes/admin.ts';
import { certificates } from './routes/certificates.ts';
import { credentials } from './routes/credentials.ts';
import { metrics } from './routes/metrics.ts';
import { openApi } from './routes/open-api.ts';
import { registration } from './routes/registration.ts';
import { validate } from './routes/validate.ts';
import { whoami } from './routes/whoami.ts';

/** A Worker's `fetch`, and the daily sweep of a cron trigger. */
export interface Authority {
  fetch(request: Request, env?: unknown, context?: unknown): Response | Promise<Response>;
  scheduled(): Promise<void>;
}

/** Answers `/admin/*`. It trusts its caller, which has asked for the administrator's token. */
export interface AuthorityAdministration {
  fetch(request: Request): Response | Promise<Response>;
}

/**
 * The authority and its administration are two objects. Properties of a Worker's default export can be reached through a
 * binding to it, and administration must not be.
 */
export interface AdministeredAuthority {
  readonly authority: Authority;
  readonly administration: AuthorityAdministration;
}

/**
 * @returns the Worker of an authority, without administration. Only the edge may reach it.
 * @throws {ConfigError} at once, with the name of the option that is not usable.
 *
 * @example
 * import { env } from 'cloudflare:workers';
 * export { CredentialShard, ResourceOwner } from 'cale-workers/authority';
 * export default createAuthority(authorityFromSettings(env));
 */
export const createAuthority = (options: AuthorityOptions): Authority => createAdministeredAuthority(options).authority;

/**
 * @returns the Worker of an authority, and its administration, which is exported as an entrypoint of its own.
 * @throws {ConfigError} at once, with the name of the option that is not usable.
 *
 * @example
 * import { env, WorkerEntrypoint } from 'cloudflare:workers';
 * const { authority, administration } = createAdministeredAuthority(authorityFromSettings(env));
 * export class Administration extends WorkerEntrypoint {
 *   override fetch(request: Request) {
 *     return administration.fetch(request);
 *   }
 * }
 * export default authority;
 */
export function createAdministeredAuthority(options: AuthorityOptions): AdministeredAuthority {
  const config = parseAuthorityOptions(options);
  const shards = new Shards(config.shards, config.layout);
  const stored = { shards, owners: new Owners(config.owners) };
  const holders = new Holders(config, shards);
  const issued = new Certificates(config, holders);
  const names = new LogNames(config.decoySecret);
  const counts = new RequestCounts('authority', config.metrics);
  const app = new Hono<AuthorityContext>()
    .post('/registration', registration({ config, credentials: stored, holders, certificates: issued, names }))
    .get('/validate', validate(issued))
    .get('/whoami', whoami(issued))
    .get('/certificates', certificates(config))
    .get('/openapi', openApi(config))
    .route('/credentials', credentials(stored, holders));
  const administrationApp = new Hono<AuthorityContext>()
    .get('/admin/metrics', metrics(counts))
    .route('/admin', admin(config.catalogue, stored));
  const serve = (routes: Hono<AuthorityContext>) => {
    routes
      .notFound(() => problemResponse('not-found'))
      .onError((error, c) => {
        log({ event: 'request-failed', reason: reasonOf(error), requestId: c.env.trace.requestId });
        return problemResponse('unavailable');
      });
    return (request: Request, _env?: unknown, context?: unknown) =>
      observe(request, { samplePercent: config.logSamplePercent, names, counts }, (trace) =>
        routes.fetch(request, { trace }, context as ExecutionContext | undefined),
      );
  };
  const authority: Authority = {
    fetch: serve(app),
    async scheduled() {
      // At once, so that a failure of KV does not keep the other from its work.
      const [{ removed, revoked, missing }] = await Promise.all([
        sweepCatalogue(config.catalogue, shards, Date.now()),
        settleAll(config.catalogue, stored),
      ]);
      log({ event: 'catalogue-swept', removed });
      if (revoked + missing > 0) log({ event: 'credentials-reconciled', revoked, missing });
    },
  };
  const answer = serve(administrationApp);
  return { authority, administration: { fetch: (request) => answer(request) } };
}
