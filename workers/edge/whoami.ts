/** The whoami request at the edge (draft 4.3, B.3.2): GUID and cipher go to the authority, its answer to the client. */

import { CALE_GUID, CIPHER } from '../../shared/wire/headers.ts';
import type { EdgeConfig } from './config.ts';
import { sealedAnswer } from './sealed-answer.ts';
import type { NegotiatedCipher } from './standard-request.ts';
import { call } from './upstream.ts';

/** @throws {UpstreamError} when the authority does not do its part. */
export async function whoami(
  config: EdgeConfig,
  request: Request,
  guid: string,
  cipher: NegotiatedCipher,
): Promise<Response> {
  const headers = new Headers({ [CALE_GUID]: guid, [CIPHER]: cipher.name });
  const accept = request.headers.get('Accept');
  if (accept !== null) headers.set('Accept', accept);
  const forwarded = new Request('https://authority/whoami', { method: request.method, headers });
  return sealedAnswer('authority', await call('authority', config.authority, forwarded));
}
