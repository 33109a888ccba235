/** An origin elsewhere, as a Worker, so that the edge of a harness can be bound to it. */

import { env } from 'cloudflare:workers';
import { upstreamAt } from '../../workers/edge/upstream-at.ts';

const { UPSTREAM } = env as unknown as { UPSTREAM: string };

const upstream = upstreamAt(UPSTREAM);

export default { fetch: (request) => upstream.fetch(request as never) } satisfies ExportedHandler;
