import type { Handler } from 'hono';
import { encodePem } from '../../../shared/encoding/pem.ts';
import { CALE_CREDENTIAL_DAYS } from '../../../shared/protocol/headers.ts';
import { PEM_TYPE } from '../../../shared/protocol/media-types.ts';
import type { AuthorityConfig } from '../config.ts';

/** `GET /certificates`: the authority's own certificates in PEM, the one that issues first, and how long credentials last. */
export function certificates({ anchors, credentialLifetimeDays }: AuthorityConfig): Handler {
  const chain = anchors.map(({ certificate }) => encodePem('CERTIFICATE', certificate)).join('');
  const headers = {
    'Content-Type': PEM_TYPE,
    'Cache-Control': 'no-store',
    [CALE_CREDENTIAL_DAYS]: String(credentialLifetimeDays ?? 0),
  };
  return (c) => c.body(chain, 200, headers);
}
