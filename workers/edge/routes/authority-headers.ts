/** The header fields of a client's request that go to the authority, and no others. */

import type { Context } from 'hono';
import { CALE_GUID, CALE_NONCE, CALE_TARGET_URI, CIPHER } from '../../../shared/protocol/headers.ts';
import type { EdgeContext } from '../context.ts';

/** GUID, cipher and nonce, and the form that the client takes. */
export function authorityHeaders({ req, var: { cipher, guid, nonce } }: Context<EdgeContext>): Headers {
  const headers = new Headers({ [CALE_GUID]: guid, [CIPHER]: cipher.name });
  if (nonce !== undefined) headers.set(CALE_NONCE, nonce);
  const accept = req.header('Accept');
  if (accept !== undefined) headers.set('Accept', accept);
  return headers;
}

/** Fields that the signature of a request covers, and those of the signature. */
const SIGNED = ['Content-Type', 'Content-Digest', 'Signature-Input', 'Signature'];

/** Those of {@link authorityHeaders}, and all that the authority verifies a signature by. */
export function signedHeaders(c: Context<EdgeContext>): Headers {
  const headers = authorityHeaders(c);
  headers.set(CALE_TARGET_URI, c.req.url);
  for (const name of SIGNED) {
    const value = c.req.header(name);
    if (value !== undefined) headers.set(name, value);
  }
  return headers;
}
