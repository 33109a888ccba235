/** The standard request (draft 4.2): validate the GUID, forward with a certificate, hand back what only the client reads. */

import type { ContentEncryption } from '../../shared/ciphers.ts';
import {
  CALE_GUID,
  CALE_IDENTITY,
  CALE_PEM,
  CERTIFICATE_TYPE,
  CIPHER,
  calePemOf,
  endToEndHeaders,
} from '../../shared/wire/headers.ts';
import type { EdgeConfig } from './config.ts';
import type { Decoys } from './decoys.ts';
import { sealedAnswer } from './sealed-answer.ts';
import { call, UpstreamError } from './upstream.ts';

/** The negotiated cipher, by its name and by what CMS makes of it. */
export interface NegotiatedCipher {
  readonly name: string;
  readonly encryption: ContentEncryption;
}

/**
 * @param guid as the client sent it.
 * @returns what the origin sealed; for an unknown GUID, a decoy.
 * @throws {UpstreamError} when authority or origin do not do their part.
 */
export async function standardRequest(
  config: EdgeConfig,
  decoys: Decoys,
  request: Request,
  guid: string,
  cipher: NegotiatedCipher,
): Promise<Response> {
  const calePem = await validate(config, guid);
  if (calePem === undefined) {
    await assertOriginIsUp(config, request.url);
    return decoys.answer(request, guid, cipher.encryption);
  }
  const forwarded = forwardedRequest(request, calePem, cipher.name);
  return sealedAnswer('origin', await call('origin', config.origin, forwarded));
}

/** Draft B.2.2: asks the authority for a certificate, in the form of `CALE-PEM`. Undefined when it answers 403: unknown, revoked or malformed. */
async function validate({ authority }: EdgeConfig, guid: string): Promise<string | undefined> {
  const request = new Request('https://authority/validate', { headers: { [CALE_GUID]: guid } });
  const response = await call('authority', authority, request);
  if (response.status === 403) return undefined;
  const isCertificate = response.status === 200 && response.headers.get('Content-Type') === CERTIFICATE_TYPE;
  const calePem = isCertificate ? calePemOf(await response.text()) : undefined;
  if (calePem === undefined) throw new UpstreamError(`authority answered ${response.status} without a certificate`);
  return calePem;
}

/** What a client says that only the edge may say, and what is for the edge alone. */
const NOT_FORWARDED = [CALE_GUID, CALE_IDENTITY, 'Authorization'];
/** An origin that compressed its answer would have no place to say so: what it seals is the body alone. */
const NOT_NEGOTIABLE = ['Accept-Encoding'];

/** Draft B.2.4: the client's request with the certificate and the cipher, and without the GUID; bodies stream through. */
function forwardedRequest(request: Request, calePem: string, cipher: string): Request {
  const headers = endToEndHeaders(request.headers);
  for (const name of [...NOT_FORWARDED, ...NOT_NEGOTIABLE]) headers.delete(name);
  headers.set(CALE_PEM, calePem);
  headers.set(CIPHER, cipher);
  return new Request(request, { headers, redirect: 'manual' });
}

/** An origin that is down must not tell known GUIDs (503) from unknown ones: those ask it too, for nothing. */
async function assertOriginIsUp({ origin }: EdgeConfig, url: string): Promise<void> {
  await call('origin', origin, new Request(new URL('/', url)));
}
