import type { Handler } from 'hono';
import { CALE_IDENTITY, CIPHER } from '../../../shared/protocol/headers.ts';
import { encodeIdentityHeader } from '../../../shared/protocol/identity-header.ts';
import { CSR_TYPE, mediaTypeOf, PROBLEM_TYPE } from '../../../shared/protocol/media-types.ts';
import { MAX_CSR_BYTES, problemResponse } from '../../../shared/protocol/problem.ts';
import { readBody } from '../../../shared/protocol/read-body.ts';
import type { EdgeConfig } from '../config.ts';
import type { EdgeContext } from '../context.ts';
import { challenges, proveIdentity } from '../identity/identity.ts';
import { fetchUpstream, relaySealedResponse } from '../upstream.ts';

/**
 * `POST /registration`, initiation (draft 4.1): an identity is proved, and the CSR forwarded with it and with the cipher
 * (B.1.2). The answer is the sealed GUID, or a problem. Fails when authority or token issuer do not do their part.
 */
export function registration(config: EdgeConfig): Handler<EdgeContext> {
  return async (c) => {
    const { headers } = c.req.raw;
    const proved = await proveIdentity(config, headers.get('Authorization'));
    if (!proved.ok) {
      return problemResponse(proved.fault, proved.fault === 'identity-required' ? challenges(config) : {});
    }
    if (mediaTypeOf(headers.get('Content-Type')) !== CSR_TYPE) {
      return problemResponse('media-type-not-supported', { Accept: CSR_TYPE });
    }
    const csr = await readBody(c.req.raw, MAX_CSR_BYTES);
    if (csr === undefined) return problemResponse('csr-too-large');

    const forwarded = new Headers({
      'Content-Type': CSR_TYPE,
      [CIPHER]: c.var.cipher.name,
      [CALE_IDENTITY]: encodeIdentityHeader(proved.value),
    });
    const accept = headers.get('Accept');
    if (accept !== null) forwarded.set('Accept', accept);
    const request = new Request('https://authority/registration', { method: 'POST', headers: forwarded, body: csr });
    const response = await fetchUpstream('authority', config.authority, request);
    const isProblem = response.status === 400 && response.headers.get('Content-Type') === PROBLEM_TYPE;
    return isProblem ? response : relaySealedResponse('authority', response);
  };
}
