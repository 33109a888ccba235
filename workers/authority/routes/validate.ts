import type { Handler } from 'hono';
import { encodePem } from '../../../shared/encoding/pem.ts';
import { encodeCalePem } from '../../../shared/protocol/cale-pem.ts';
import { claimedGuid } from '../../../shared/protocol/guid.ts';
import { CALE_GUID, CALE_PEM } from '../../../shared/protocol/headers.ts';
import { CERTIFICATE_TYPE } from '../../../shared/protocol/media-types.ts';
import type { Certificates } from '../issuance/certificates.ts';

/**
 * `GET /validate` (draft B.2.2): a certificate in PEM (B.2.3a), beside it the field that the edge sends on (B.2.4); 403
 * for a GUID that is unknown, revoked or malformed (B.2.3b).
 */
export function validate(certificates: Certificates): Handler {
  return async (c) => {
    const certificate = await certificates.forRequest(await claimedGuid(c.req.header(CALE_GUID) ?? ''));
    if (certificate === undefined) return c.body(null, 403, { 'Cache-Control': 'no-store' });
    const headers = {
      'Content-Type': CERTIFICATE_TYPE,
      [CALE_PEM]: encodeCalePem(certificate),
      'Cache-Control': 'no-store',
    };
    return c.body(encodePem('CERTIFICATE', certificate), 200, headers);
  };
}
