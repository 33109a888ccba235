import type { Context } from 'hono';
import { log, reasonOf } from '../../../shared/log.ts';
import type { Guid } from '../../../shared/protocol/guid.ts';
import {
  CALE_ADMIT,
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
import { acceptedInside, envelopeType, negotiateFormat } from '../../../shared/protocol/sealed-response.ts';
import type { EdgeConfig } from '../config.ts';
import type { EdgeContext, NegotiatedCipher } from '../context.ts';
import type { Decoys } from '../decoys/decoys.ts';
import { sealUnavailable } from '../unavailable.ts';
import { fetchUpstream, relaySealedResponse, UpstreamError } from '../upstream.ts';

/**
 * The standard request (draft 4.2): the GUID is validated, the request forwarded with a certificate, and the sealed
 * answer handed back; for an unknown GUID, a decoy.
 * @param isAdmitted true when the nonce of the request is to be admitted, once.
 * @throws {UpstreamError} when the authority does not do its part, or the origin is down.
 */
export async function forward(
  config: EdgeConfig,
  decoys: Decoys,
  { req, var: { cipher, guid, nonce } }: Context<EdgeContext>,
  isAdmitted: boolean,
): Promise<Response> {
  const calePem = await validate(config, guid, isAdmitted ? nonce : undefined);
  if (calePem === undefined) {
    await assertOriginIsUp(config, req.url);
    return decoys.answer(req.raw, guid, cipher.encryption);
  }
  const forwarded = forwardedRequest(req.raw, calePem, cipher);
  try {
    return relaySealedResponse('origin', await fetchUpstream('origin', config.origin, forwarded));
  } catch (error) {
    // An origin that fails at this request only is up for unknown GUIDs: a 503 would tell that this one is known.
    await assertOriginIsUp(config, req.url);
    log({ event: 'request-failed', reason: reasonOf(error) });
    return sealUnavailable(req.raw, calePem, cipher.encryption);
  }
}

/**
 * Asks the authority for a certificate (draft B.2.2).
 * @param nonce to be admitted.
 * @returns it as `CALE-PEM`; undefined when the GUID is unknown or revoked, or the nonce is not admitted.
 */
async function validate({ authority }: EdgeConfig, guid: Guid, nonce: Nonce | undefined): Promise<string | undefined> {
  const admission = nonce === undefined ? {} : { [CALE_NONCE]: nonce, [CALE_ADMIT]: '?1' };
  const request = new Request('https://authority/validate', { headers: { [CALE_GUID]: guid, ...admission } });
  const response = await fetchUpstream('authority', authority, request);
  // The body is the same certificate in PEM.
  await response.body?.cancel();
  if (response.status === 403) return undefined;
  const isCertificate = response.status === 200 && response.headers.get('Content-Type') === CERTIFICATE_TYPE;
  const calePem = isCertificate ? response.headers.get(CALE_PEM) : null;
  if (calePem === null) throw new UpstreamError(`authority answered ${response.status} without a certificate`);
  return calePem;
}

/** Fields that only the edge may say, or that are for the edge. */
const NOT_FORWARDED = [CALE_ADMIT, CALE_GUID, CALE_IDENTITY, 'Authorization'];
/** Answers are sealed as they are and not compressed. */
const NOT_NEGOTIABLE = ['Accept-Encoding'];

/** The client's request with the certificate and the cipher, and without the GUID (draft B.2.4); bodies stream through. */
function forwardedRequest(request: Request, calePem: string, { name, encryption }: NegotiatedCipher): Request {
  const headers = endToEndHeaders(request.headers);
  for (const field of [...NOT_FORWARDED, ...NOT_NEGOTIABLE]) headers.delete(field);
  headers.set(CALE_PEM, calePem);
  headers.set(CIPHER, name);
  headers.set(CALE_ENVELOPE, envelopeType(negotiateFormat(encryption, request.headers.get('Accept'))));
  const accept = headers.get('Accept');
  if (accept !== null) headers.set('Accept', acceptedInside(accept));
  return new Request(request, { headers, redirect: 'manual' });
}

/** If the origin is down, unknown GUIDs must get 503 as well, so the edge probes it for them too. */
async function assertOriginIsUp({ origin }: EdgeConfig, url: string): Promise<void> {
  await fetchUpstream('origin', origin, new Request(new URL('/', url), { redirect: 'manual' }));
}
