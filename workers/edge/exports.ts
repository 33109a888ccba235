/** The package's `cale-workers/edge`: the edge as a library. */

export { ConfigError } from '../../shared/settings.ts';
export { createEdge, type Edge } from './app.ts';
export type { EdgeOptions, RateLimiter } from './config.ts';
export { basicFromSettings } from './identity/basic.ts';
export { bearerFromSettings } from './identity/bearer.ts';
export type { IdentityMethod, Proof, ProvedIdentity } from './identity/method.ts';
export { edgeFromSettings } from './settings.ts';
export type { Upstream } from './upstream.ts';
export { upstreamAt } from './upstream-at.ts';
