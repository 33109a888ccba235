/** `/.well-known/cale/credentials`: an owner's own credentials. The authority answers, and seals what it says. */

import type { Context, Handler, MiddlewareHandler } from 'hono';
import { CALE_GUID, CALE_IDENTITY } from '../../../shared/protocol/headers.ts';
import { encodeIdentityHeader } from '../../../shared/protocol/identity-header.ts';
import type { EdgeConfig } from '../config.ts';
import type { EdgeContext } from '../context.ts';
import { refusalOfForm } from '../middleware/secondary-proof.ts';
import { fetchUpstream, relayOrProblem, relaySealedResponse } from '../upstream.ts';
import { authorityHeaders, signedHeaders } from './authority-headers.ts';
import { proveIdentityOrRefuse } from './registration.ts';

/** `GET`: the list, sealed; a decoy of it for a GUID that is not valid. Fails when the authority does not do its part. */
export function credentialList({ authority }: EdgeConfig): Handler<EdgeContext> {
  return async (c) => {
    const cursor = c.req.query('cursor');
    const query = cursor === undefined ? '' : `?${new URLSearchParams({ cursor })}`;
    const request = new Request(`https://authority/credentials${query}`, {
      method: c.req.method,
      headers: authorityHeaders(c),
    });
    return relaySealedResponse('authority', await fetchUpstream('authority', authority, request, c.env.trace));
  };
}

/** `DELETE` of one, signed whatever the setting for other writes is; the answer is sealed, or the one refusal. */
export function revocation({ authority }: EdgeConfig): Handler<EdgeContext> {
  return async (c) => {
    const refusal = refusalOfForm(c.req.raw, c.var.nonce);
    if (refusal !== undefined) return refusal;
    const request = new Request(urlOf(c), { method: 'DELETE', headers: signedHeaders(c) });
    return relayOrProblem('authority', await fetchUpstream('authority', authority, request, c.env.trace), [403]);
  };
}

/**
 * `DELETE` of one by an owner who proves an identity in place of a GUID, because all devices are lost: 204, or a problem.
 * Goes on to the next handler when there is a GUID, or no proof.
 * @param limit that of registrations, because passwords can be tried here too.
 */
export function revocationByIdentity(config: EdgeConfig, limit: MiddlewareHandler): Handler<EdgeContext> {
  return async (c, next) => {
    if (c.req.header(CALE_GUID) !== undefined || c.req.header('Authorization') === undefined) return next();
    let answer: Response | undefined;
    const refused = await limit(c, async () => {
      answer = await revoke(config, c);
    });
    return answer ?? refused;
  };
}

async function revoke(config: EdgeConfig, c: Context<EdgeContext>): Promise<Response> {
  const proved = await proveIdentityOrRefuse(config, c);
  if (proved instanceof Response) return proved;
  const headers = { [CALE_IDENTITY]: encodeIdentityHeader(proved) };
  const request = new Request(urlOf(c), { method: 'DELETE', headers });
  const response = await fetchUpstream('authority', config.authority, request, c.env.trace);
  return new Response(response.body, response);
}

const urlOf = (c: Context): string => `https://authority/credentials/${encodeURIComponent(c.req.param('id') ?? '')}`;
