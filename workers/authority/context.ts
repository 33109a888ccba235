/** What the routes of the authority know of a request beside itself. */

import type { RequestTrace } from '../../shared/protocol/request-trace.ts';

export interface AuthorityContext {
  readonly Bindings: {
    /** Gathers the facts of the request for the log. */
    readonly trace: RequestTrace;
  };
}
