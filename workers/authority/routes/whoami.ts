import type { Handler } from 'hono';
import { claimedGuid } from '../../../shared/protocol/guid.ts';
import { CALE_GUID, CALE_NONCE, CIPHER } from '../../../shared/protocol/headers.ts';
import { tryParseNonce } from '../../../shared/protocol/nonce.ts';
import { problemResponse } from '../../../shared/protocol/problem.ts';
import { createSealedResponse, negotiateFormat } from '../../../shared/protocol/sealed-response.ts';
import { contentEncryptionFor } from '../../../shared/protocol/tls-ciphers.ts';
import type { Certificates } from '../certificates.ts';
import type { AuthorityContext } from '../context.ts';

/** `GET /whoami` (draft B.3.2): a sealed certificate that has expired (B.3.3), or a decoy of one. */
export function whoami(certificates: Certificates): Handler<AuthorityContext> {
  return async (c) => {
    const encryption = contentEncryptionFor(c.req.header(CIPHER) ?? '');
    if (encryption === undefined) return problemResponse('cipher-not-accepted');
    c.env.trace.cipher = encryption;
    const guid = await claimedGuid(c.req.header(CALE_GUID) ?? '');
    const nonce = tryParseNonce(c.req.header(CALE_NONCE) ?? '');
    const { parts, refusal } = await certificates.whoami(guid, encryption, c.env.trace, nonce);
    c.env.trace.noteGuid(refusal);
    return createSealedResponse(negotiateFormat(encryption, c.req.header('Accept') ?? null), parts, c.req.method);
  };
}
