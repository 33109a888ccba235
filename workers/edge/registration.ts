/** Initiation at the edge (draft 4.1): identity proved, the CSR is forwarded with it and with the cipher (B.1.2). */

import { MAX_CSR_OCTETS } from '../../shared/csr/decode.ts';
import { CALE_IDENTITY, CIPHER, CSR_TYPE } from '../../shared/wire/headers.ts';
import { formatIdentity } from '../../shared/wire/identity-header.ts';
import { PROBLEM_TYPE, problemResponse } from '../../shared/wire/problem.ts';
import type { EdgeConfig } from './config.ts';
import { challenges, proveIdentity } from './identity/prove.ts';
import { sealedAnswer } from './sealed-answer.ts';
import type { NegotiatedCipher } from './standard-request.ts';
import { call } from './upstream.ts';

/**
 * @returns the sealed GUID, or a problem.
 * @throws {UpstreamError} when the authority does not do its part.
 * @throws {IssuerUnavailable} when a token's issuer does not answer.
 */
export async function registration(config: EdgeConfig, request: Request, cipher: NegotiatedCipher): Promise<Response> {
  const identity = await proveIdentity(config, request.headers.get('Authorization'));
  if ('problem' in identity) {
    return problemResponse(identity.problem, identity.problem === 'identity-required' ? challenges(config) : {});
  }
  const [mediaType] = (request.headers.get('Content-Type') ?? '').split(';');
  if (mediaType?.trim().toLowerCase() !== CSR_TYPE)
    return problemResponse('media-type-not-supported', { Accept: CSR_TYPE });
  const csr = await readUpTo(request.body, MAX_CSR_OCTETS);
  if (csr === undefined) return problemResponse('csr-too-large');

  const headers = new Headers({
    'Content-Type': CSR_TYPE,
    [CIPHER]: cipher.name,
    [CALE_IDENTITY]: formatIdentity(identity),
  });
  const accept = request.headers.get('Accept');
  if (accept !== null) headers.set('Accept', accept);
  const forwarded = new Request('https://authority/registration', { method: 'POST', headers, body: csr });
  const response = await call('authority', config.authority, forwarded);
  if (response.status === 400 && response.headers.get('Content-Type') === PROBLEM_TYPE) return response;
  return sealedAnswer('authority', response);
}

/** @returns the body, or undefined when it is longer than `most` octets; no more than that is read. */
async function readUpTo(
  body: ReadableStream<Uint8Array> | null,
  most: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const whole = new Uint8Array(most);
  let length = 0;
  for await (const chunk of body ?? []) {
    if (length + chunk.length > most) return undefined;
    whole.set(chunk, length);
    length += chunk.length;
  }
  return whole.subarray(0, length);
}
