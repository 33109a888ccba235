/** The gateway: an origin (draft 4.2) whose application is an API elsewhere that knows nothing of this protocol. */

import { createOrigin } from '../../origin/origin.ts';
import type { Client } from '../../origin/prepare.ts';
import { log, reasonOf } from '../../shared/log.ts';
import { requestIdOf } from '../../shared/protocol/request-id.ts';
import { clientAnswer } from './answer.ts';
import type { GatewayConfig } from './config.ts';
import { withDeadline } from './deadline.ts';
import { GatewayError, type GatewayProblem, gatewayProblem } from './problems.ts';
import { type Caller, upstreamRequest } from './request.ts';
import { findUpstream, type Upstream } from './upstreams.ts';

/** The address of the client, which the edge's platform says. A sealed request could name another one inside. */
const ADDRESS = 'CF-Connecting-IP';

export interface Gateway {
  /** @returns the answer to the edge. */
  fetch(request: Request): Promise<Response>;
}

/** @throws {EncodingError} when a certificate or a key is not usable. */
export function createGateway({ options, upstreams, maxAnswerBytes }: GatewayConfig): Gateway {
  const origin = createOrigin(options);

  async function answer(request: Request, caller: Caller): Promise<Response> {
    const found = findUpstream(upstreams, new URL(request.url).pathname);
    const requestId = requestIdOf(request.headers);
    if (!found.ok) return refuse(found.fault, { requestId });
    const upstream = found.value;
    const missing = upstream.scopes.filter((scope) => !caller.client.scopes.includes(scope));
    if (missing.length > 0)
      return refuse('scope-missing', { detail: `It needs: ${missing.join(' ')}.`, scopes: missing, requestId });
    try {
      return await withDeadline(upstream.deadline, (signal) => ask(upstream, request, caller, signal));
    } catch (error) {
      log({ event: 'upstream-failed', upstream: upstream.prefix, reason: reasonOf(error), requestId });
      return gatewayProblem(error instanceof GatewayError ? error.problem : 'upstream-failed', {}, { requestId });
    }
  }

  async function ask(upstream: Upstream, request: Request, caller: Caller, signal: AbortSignal): Promise<Response> {
    const asked = await upstream.credential(upstreamRequest(upstream, request, caller, signal));
    const response = await upstream.fetch(asked);
    const urls = { publicUrl: new URL(request.url), asked: new URL(asked.url) };
    return clientAnswer({ upstream, ...urls, response }, maxAnswerBytes);
  }

  return {
    fetch: (outer) =>
      origin.handle(outer, (request, client: Client) =>
        answer(request, { client, address: outer.headers.get(ADDRESS) }),
      ),
  };
}

function refuse(problem: GatewayProblem, members: object): Response {
  log({ event: 'request-refused', reason: problem });
  return gatewayProblem(problem, {}, members);
}
