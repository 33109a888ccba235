/** The package's `cale-workers/edge`: the edge as a library. */

import { PasswordGuard as Guard } from '../../durable-objects/password-guard/guard.ts';

export type { Identity } from '../../shared/protocol/identity.ts';
export type { MetricsDataset } from '../../shared/protocol/request-counts.ts';
export { ConfigError } from '../../shared/settings.ts';
export { accessFromSettings } from './administration/access.ts';
export type { AdministratorProof, ProvedAdministrator } from './administration/proof.ts';
export { createEdge, type Edge } from './app.ts';
export type { EdgeOptions, RateLimiter } from './config.ts';
export { basicFromSettings } from './identity/basic.ts';
export { bearerFromSettings } from './identity/bearer.ts';
export type { IdentityMethod, Proof, ProofContext, ProvedIdentity } from './identity/method.ts';
export { edgeFromSettings } from './settings.ts';
export type { Upstream } from './upstream.ts';
export { upstreamAt } from './upstream-at.ts';

/**
 * The class of the Durable Objects that check passwords, which the Worker of the edge exports. `basicFromSettings` needs
 * a binding to it under the name `PASSWORDS`.
 */
export interface PasswordGuard {
  /** Cloudflare's types know a Durable Object by this. */
  readonly __DURABLE_OBJECT_BRAND: never;
}
/** The class itself, without the types of Cloudflare, so that programs that have others can import this module. */
export const PasswordGuard = Guard as unknown as new (state: never, env: never) => PasswordGuard;
