import type { Handler } from 'hono';
import { CONTENT_ENCRYPTION_NAMES } from '../../../shared/cms/content-encryption.ts';
import { KEY_TYPE_NAMES } from '../../../shared/crypto/keys/key-types.ts';
import { encodePem, parsePem } from '../../../shared/encoding/pem.ts';
import type { EdgeConfig } from '../config.ts';
import { fetchUpstream, UpstreamError } from '../upstream.ts';

/** `GET /.well-known/cale`: the facts that a client needs before it registers. Fails when the authority is down. */
export function wellKnown({ authority, identityMethods, organization }: EdgeConfig): Handler {
  return async () => {
    const response = await fetchUpstream('authority', authority, new Request('https://authority/certificates'));
    if (response.status !== 200) throw new UpstreamError(`authority answered ${response.status}`);
    const certificates = parsePem('CERTIFICATE', await response.text());
    const document = {
      organization,
      endpoints: { registration: '/registration', whoami: '/whoami' },
      keyTypes: KEY_TYPE_NAMES,
      ciphers: CONTENT_ENCRYPTION_NAMES,
      identityMethods: identityMethods.map(({ name }) => name),
      ...Object.assign({}, ...identityMethods.map(({ members }) => members)),
      authorityCertificates: certificates.map((der) => encodePem('CERTIFICATE', der)),
    };
    return Response.json(document, { headers: { 'Cache-Control': 'no-store' } });
  };
}
