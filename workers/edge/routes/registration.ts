import type { Context, Handler } from 'hono';
import { log } from '../../../shared/log.ts';
import { claimedGuid } from '../../../shared/protocol/guid.ts';
import { CALE_GUID, CALE_IDENTITY, CALE_NONCE, CIPHER } from '../../../shared/protocol/headers.ts';
import type { Identity } from '../../../shared/protocol/identity.ts';
import { encodeIdentityHeader } from '../../../shared/protocol/identity-header.ts';
import { CSR_TYPE, mediaTypeOf } from '../../../shared/protocol/media-types.ts';
import { tryParseNonce } from '../../../shared/protocol/nonce.ts';
import { MAX_CSR_BYTES, problemResponse } from '../../../shared/protocol/problem.ts';
import type { EdgeConfig } from '../config.ts';
import type { EdgeContext } from '../context.ts';
import { challenges, type IdentityDelay, type IdentityRefusal, proveIdentity } from '../identity/identity.ts';
import { refusalBeyond } from '../middleware/rate-limit.ts';
import { refusalOfForm } from '../middleware/secondary-proof.ts';
import { readCsr } from '../read-csr.ts';
import { fetchUpstream, relayOrProblem } from '../upstream.ts';
import { signedHeaders } from './authority-headers.ts';

const QUOTABLE_TYPE = /^[a-z0-9!#$&^_.+-]{1,64}\/[a-z0-9!#$&^_.+-]{1,64}$/;

const describeSize = (contentLength: string | null): string =>
  `The body has ${contentLength ?? `more than ${MAX_CSR_BYTES}`} bytes.`;

/** @param isAttempt true when credentials were sent, which operators hear about. */
function refuseIdentity(config: EdgeConfig, refusal: IdentityRefusal | IdentityDelay, isAttempt: boolean): Response {
  if (refusal.fault === 'too-many-requests') {
    log({ event: 'identity-refused', method: refusal.method.name, reason: 'too many that were wrong came before' });
    return problemResponse('too-many-requests', { 'Retry-After': String(refusal.retryAfterSeconds) });
  }
  const { fault, detail, method } = refusal;
  if (isAttempt) log({ event: 'identity-refused', method: method?.name ?? 'none', reason: detail });
  return problemResponse(fault, fault === 'identity-required' ? challenges(config, refusal) : {}, { detail });
}

/** @returns the identity that a request proves, or the refusal: of the proof, or of an owner beyond the limit. */
export async function proveIdentityOrRefuse(config: EdgeConfig, c: Context<EdgeContext>): Promise<Identity | Response> {
  const { headers } = c.req.raw;
  const proved = await proveIdentity(config, headers.get('Authorization'), { network: c.var.network.name });
  if (!proved.ok) return refuseIdentity(config, proved, headers.has('Authorization'));
  return (await refusalBeyond('owner', config.ownerLimiter, proved.value.owner)) ?? proved.value;
}

/**
 * `POST /registration`, initiation (draft 4.1): an identity is proved, and the CSR forwarded with it and with the cipher
 * (B.1.2). With a GUID and without `Authorization` it is a renewal: the signature goes on in place of the identity. The
 * answer is the sealed GUID, or a problem. Fails when authority or token issuer do not do their part.
 */
export function registration(config: EdgeConfig): Handler<EdgeContext> {
  return async (c) => {
    const { headers } = c.req.raw;
    const isRenewal = headers.has(CALE_GUID) && !headers.has('Authorization');
    const forwarded = await (isRenewal ? renewalHeaders(c) : registrationHeaders(config, c));
    if (forwarded instanceof Response) return forwarded;
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
    const request = new Request('https://authority/registration', { method: 'POST', headers: forwarded, body: csr });
    const response = await fetchUpstream('authority', config.authority, request, c.env.trace);
    return relayOrProblem('authority', response, isRenewal ? [400, 403] : [400, 409]);
  };
}

/** @returns what goes on in place of the client's fields, or the refusal of its proof of identity. */
async function registrationHeaders(config: EdgeConfig, c: Context<EdgeContext>): Promise<Headers | Response> {
  const identity = await proveIdentityOrRefuse(config, c);
  if (identity instanceof Response) return identity;
  const forwarded = new Headers({
    'Content-Type': CSR_TYPE,
    [CIPHER]: c.var.cipher.name,
    [CALE_IDENTITY]: encodeIdentityHeader(identity),
  });
  const accept = c.req.header('Accept');
  if (accept !== undefined) forwarded.set('Accept', accept);
  return forwarded;
}

/** @returns as {@link registrationHeaders}; the refusal is of the form of nonce or signature, for every GUID alike. */
async function renewalHeaders(c: Context<EdgeContext>): Promise<Headers | Response> {
  const value = c.req.header(CALE_NONCE);
  const nonce = value === undefined ? undefined : tryParseNonce(value);
  if (value !== undefined && nonce === undefined) return problemResponse('nonce-malformed');
  const refusal = refusalOfForm(c.req.raw, nonce);
  if (refusal !== undefined) return refusal;
  c.set('guid', await claimedGuid(c.req.header(CALE_GUID) ?? ''));
  c.set('nonce', nonce);
  return signedHeaders(c);
}
