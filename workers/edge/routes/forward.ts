import type { Context } from 'hono';
import { log, reasonOf } from '../../../shared/log.ts';
import type { Guid } from '../../../shared/protocol/guid.ts';
import {
  CALE_ADMIT,
  CALE_ASKER,
  CALE_ENVELOPE,
  CALE_GUID,
  CALE_IDENTITY,
  CALE_NONCE,
  CALE_PEM,
  CIPHER,
  endToEndHeaders,
} from '../../../shared/protocol/headers.ts';
import { CERTIFICATE_TYPE } from '../../../shared/protocol/media-types.ts';
import type { Nonce } from '../../../shared/protocol/nonce.ts';
import { deleteUnderscoredFields } from '../../../shared/protocol/request-form.ts';
import type { RequestTrace } from '../../../shared/protocol/request-trace.ts';
import { acceptedInside, envelopeType, negotiateFormat } from '../../../shared/protocol/sealed-response.ts';
import type { EdgeConfig } from '../config.ts';
import type { EdgeContext, NegotiatedCipher } from '../context.ts';
import { sealUnavailable } from '../unavailable.ts';
import { fetchUpstream, relaySealedResponse, UpstreamError } from '../upstream.ts';

/**
 * The standard request (draft 4.2): the GUID is exchanged for a certificate, the request forwarded with it, and the sealed
 * answer handed back. A GUID that is not valid gets a certificate for a decoy, and then the same is done by the same code.
 * @param isAdmitted true when the nonce of the request is to be admitted, once.
 * @throws {UpstreamError} when the authority does not do its part, or the origin is down.
 */
export async function forward(
  config: EdgeConfig,
  { req, env: { trace }, var: { asker, cipher, guid, nonce } }: Context<EdgeContext>,
  isAdmitted: boolean,
): Promise<Response> {
  const calePem = await validate(config, { guid, asker, nonce: isAdmitted ? nonce : undefined }, trace);
  const forwarded = forwardedRequest(req.raw, calePem, cipher);
  try {
    return await relaySealedResponse('origin', await fetchUpstream('origin', config.origin, forwarded, trace));
  } catch (error) {
    // An origin that fails at this request only is up for other GUIDs: a 503 would tell that this one is known.
    await assertOriginIsUp(config, req.url, trace);
    log({ event: 'request-failed', reason: reasonOf(error), requestId: trace.requestId });
    trace.outcome = 'unavailable';
    return sealUnavailable(req.raw, calePem, cipher.encryption, trace.requestId);
  }
}

/**
 * Asks the authority for a certificate (draft B.2.2).
 * @param nonce to be admitted.
 * @returns it as `CALE-PEM`. Whether it is one for a decoy (B.2.3b) makes no difference here.
 */
async function validate(
  { authority }: EdgeConfig,
  { guid, asker, nonce }: { guid: Guid; asker: string; nonce: Nonce | undefined },
  trace: RequestTrace,
): Promise<string> {
  const admission = nonce === undefined ? {} : { [CALE_NONCE]: nonce, [CALE_ADMIT]: '?1' };
  const headers = { [CALE_GUID]: guid, [CALE_ASKER]: asker, ...admission };
  const request = new Request('https://authority/validate', { headers });
  const response = await fetchUpstream('authority', authority, request, trace);
  // The body is the same certificate in PEM.
  await response.body?.cancel();
  const isAnswered = response.status === 200 || response.status === 403;
  const isCertificate = isAnswered && response.headers.get('Content-Type') === CERTIFICATE_TYPE;
  const calePem = isCertificate ? response.headers.get(CALE_PEM) : null;
  if (calePem === null) throw new UpstreamError(`authority answered ${response.status} without a certificate`);
  return calePem;
}

/** Fields that only the edge may say, or that are for the edge. */
const NOT_FORWARDED = [CALE_ADMIT, CALE_ASKER, CALE_GUID, CALE_IDENTITY, 'Authorization'];
/** Answers are sealed as they are and not compressed. */
const NOT_NEGOTIABLE = ['Accept-Encoding'];

/** The client's request with the certificate and the cipher, and without the GUID (draft B.2.4); bodies stream through. */
function forwardedRequest(request: Request, calePem: string, { name, encryption }: NegotiatedCipher): Request {
  const headers = endToEndHeaders(request.headers);
  for (const field of [...NOT_FORWARDED, ...NOT_NEGOTIABLE]) headers.delete(field);
  deleteUnderscoredFields(headers);
  headers.set(CALE_PEM, calePem);
  headers.set(CIPHER, name);
  headers.set(CALE_ENVELOPE, envelopeType(negotiateFormat(encryption, request.headers.get('Accept'))));
  const accept = headers.get('Accept');
  if (accept !== null) headers.set('Accept', acceptedInside(accept));
  return new Request(request, { headers, redirect: 'manual' });
}

/** If the origin is down, unknown GUIDs must get 503 as well, so the edge probes it for them too. */
async function assertOriginIsUp({ origin }: EdgeConfig, url: string, trace: RequestTrace): Promise<void> {
  await fetchUpstream('origin', origin, new Request(new URL('/', url), { redirect: 'manual' }), trace);
}
