import type { Handler } from 'hono';
import type { EdgeConfig } from '../config.ts';
import type { EdgeContext } from '../context.ts';
import { fetchUpstream, relaySealedResponse } from '../upstream.ts';
import { authorityHeaders } from './authority-headers.ts';

/**
 * `GET /whoami` (draft 4.3, B.3.2): GUID and cipher go to the authority, its sealed answer to the client. Fails when the
 * authority does not do its part.
 */
export function whoami({ authority }: EdgeConfig): Handler<EdgeContext> {
  return async (c) => {
    const forwarded = new Request('https://authority/whoami', { method: c.req.method, headers: authorityHeaders(c) });
    return relaySealedResponse('authority', await fetchUpstream('authority', authority, forwarded, c.env.trace));
  };
}
