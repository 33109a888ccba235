/** The library of a party behind the edge as a middleware of Hono. */

import type { MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import { log } from '../shared/log.ts';
import type { ClientCertificate } from '../shared/protocol/client-certificate.ts';
import { admit, createTrust, type Refusal } from './admit.ts';
import { respond } from './respond.ts';

/** The variables that handlers behind the middleware find under `c.var`. */
export interface CaleVariables {
  /** The client that asks: owner, organization, scopes, device, and its certificate. */
  readonly client: ClientCertificate;
}

export type CaleEnv = { Variables: CaleVariables };

export interface CaleOptions {
  /** Certificates in PEM of the authorities that are trusted; more than one while keys are rotated. */
  readonly authorities: string;
  /** Told of every request that is refused; by default a line in the log, except for those without a certificate. */
  readonly onRefusal?: (reason: Refusal) => void;
}

/**
 * Verifies `CALE-PEM`, puts the client into the context, and seals the answer, of any status, when there is a `Cipher`.
 * A request without a good certificate gets 403 without a body, which the edge never hands on.
 * @throws {EncodingError} at once when `authorities` is not a list of certificates of authorities.
 */
export function cale({ authorities, onRefusal = logRefusal }: CaleOptions): MiddlewareHandler<CaleEnv> {
  const trust = createTrust(authorities);
  return createMiddleware<CaleEnv>(async (c, next) => {
    const admitted = await admit(c.req.raw, trust);
    if (!admitted.ok) {
      onRefusal(admitted.fault);
      return c.body(null, 403);
    }
    c.set('client', admitted.value.client);
    await next();
    const answer = await respond(admitted.value, c.req.raw, c.res);
    if (answer === c.res) return undefined;
    // Hono carries header fields of an answer over to the one that replaces it, unless there is none to begin with.
    c.res = undefined;
    c.res = answer;
    return undefined;
  });
}

function logRefusal(reason: Refusal): void {
  // The edge asks without one for every unknown GUID, and strangers must not be able to fill the log.
  if (reason !== 'certificate-missing') log({ event: 'request-refused', reason });
}
