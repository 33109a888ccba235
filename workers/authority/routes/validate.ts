import type { Handler } from 'hono';
import { encodePem } from '../../../shared/encoding/pem.ts';
import { encodeCalePem } from '../../../shared/protocol/cale-pem.ts';
import { claimedGuid } from '../../../shared/protocol/guid.ts';
import { CALE_ADMIT, CALE_ASKER, CALE_GUID, CALE_NONCE, CALE_PEM } from '../../../shared/protocol/headers.ts';
import { CERTIFICATE_TYPE } from '../../../shared/protocol/media-types.ts';
import { tryParseNonce } from '../../../shared/protocol/nonce.ts';
import { problemResponse } from '../../../shared/protocol/problem.ts';
import type { Certificates } from '../certificates.ts';
import type { AuthorityContext } from '../context.ts';

/**
 * `GET /validate` (draft B.2.2): a certificate in PEM (B.2.3a), beside it the field that the edge sends on (B.2.4). For a
 * GUID that is unknown, revoked or malformed it comes with 403 (B.2.3b), and is one for a decoy. With `CALE-Admit: ?1` the
 * nonce is admitted once, and 403 is also for one that is not.
 */
export function validate(certificates: Certificates): Handler<AuthorityContext> {
  return async (c) => {
    const guid = await claimedGuid(c.req.header(CALE_GUID) ?? '');
    const isToAdmit = c.req.header(CALE_ADMIT) === '?1';
    const nonce = isToAdmit ? tryParseNonce(c.req.header(CALE_NONCE) ?? '') : undefined;
    if (isToAdmit && nonce === undefined) return problemResponse('nonce-malformed');
    const { der, refusal } = await certificates.forRequest(guid, c.env.trace, {
      nonce,
      asker: c.req.header(CALE_ASKER),
    });
    c.env.trace.noteGuid(refusal);
    const headers = {
      'Content-Type': CERTIFICATE_TYPE,
      [CALE_PEM]: encodeCalePem(der),
      'Cache-Control': 'no-store',
    };
    return c.body(encodePem('CERTIFICATE', der), refusal === null ? 200 : 403, headers);
  };
}
