import type { Handler } from 'hono';
import { CALE_GUID, CALE_NONCE, CIPHER } from '../../../shared/protocol/headers.ts';
import type { EdgeConfig } from '../config.ts';
import type { EdgeContext } from '../context.ts';
import { fetchUpstream, relaySealedResponse } from '../upstream.ts';

/**
 * `GET /whoami` (draft 4.3, B.3.2): GUID and cipher go to the authority, its sealed answer to the client. Fails when the
 * authority does not do its part.
 */
export function whoami({ authority }: EdgeConfig): Handler<EdgeContext> {
  return async (c) => {
    const { cipher, guid, nonce } = c.var;
    const headers = new Headers({ [CALE_GUID]: guid, [CIPHER]: cipher.name });
    if (nonce !== undefined) headers.set(CALE_NONCE, nonce);
    const accept = c.req.header('Accept');
    if (accept !== undefined) headers.set('Accept', accept);
    const forwarded = new Request('https://authority/whoami', { method: c.req.method, headers });
    return relaySealedResponse('authority', await fetchUpstream('authority', authority, forwarded));
  };
}
