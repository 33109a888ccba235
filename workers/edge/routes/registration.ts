import type { Handler } from 'hono';
import { log } from '../../../shared/log.ts';
import { CALE_IDENTITY, CIPHER } from '../../../shared/protocol/headers.ts';
import { encodeIdentityHeader } from '../../../shared/protocol/identity-header.ts';
import { CSR_TYPE, mediaTypeOf, PROBLEM_TYPE } from '../../../shared/protocol/media-types.ts';
import { MAX_CSR_BYTES, problemResponse } from '../../../shared/protocol/problem.ts';
import type { EdgeConfig } from '../config.ts';
import type { EdgeContext } from '../context.ts';
import { challenges, type IdentityRefusal, proveIdentity } from '../identity/identity.ts';
import { readCsr } from '../read-csr.ts';
import { fetchUpstream, relaySealedResponse } from '../upstream.ts';

const QUOTABLE_TYPE = /^[a-z0-9!#$&^_.+-]{1,64}\/[a-z0-9!#$&^_.+-]{1,64}$/;

const describeSize = (contentLength: string | null): string =>
  `The body has ${contentLength ?? `more than ${MAX_CSR_BYTES}`} bytes.`;

/** @param isAttempt true when credentials were sent, which operators hear about. */
function refuseIdentity(config: EdgeConfig, refusal: IdentityRefusal, isAttempt: boolean): Response {
  const { fault, detail, method } = refusal;
  if (isAttempt) log({ event: 'identity-refused', method: method?.name ?? 'none', reason: detail });
  return problemResponse(fault, fault === 'identity-required' ? challenges(config, refusal) : {}, { detail });
}

/**
 * `POST /registration`, initiation (draft 4.1): an identity is proved, and the CSR forwarded with it and with the cipher
 * (B.1.2). The answer is the sealed GUID, or a problem. Fails when authority or token issuer do not do their part.
 */
export function registration(config: EdgeConfig): Handler<EdgeContext> {
  return async (c) => {
    const { headers } = c.req.raw;
    const proved = await proveIdentity(config, headers.get('Authorization'));
    if (!proved.ok) return refuseIdentity(config, proved, headers.has('Authorization'));
    const type = mediaTypeOf(headers.get('Content-Type'));
    if (type !== CSR_TYPE) {
      const found = QUOTABLE_TYPE.test(type) ? `Content-Type is ${type}` : 'Content-Type is missing or malformed';
      const detail = `${found}; it has to be ${CSR_TYPE}.`;
      return problemResponse('media-type-not-supported', { Accept: CSR_TYPE }, { detail });
    }
    const csr = await readCsr(c.req.raw);
    if (csr === undefined) {
      return problemResponse('csr-too-large', {}, { detail: describeSize(headers.get('Content-Length')) });
    }

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
