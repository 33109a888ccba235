/** `/.well-known/cale`: what a client needs to know before it registers. */

import { CONTENT_ENCRYPTIONS } from '../../shared/ciphers.ts';
import { decodePemBlocks, encodePem } from '../../shared/wire/pem.ts';
import type { EdgeConfig } from './config.ts';
import { call, UpstreamError } from './upstream.ts';

const KEY_TYPES = ['P-256', 'P-384', 'P-521', 'RSA-2048', 'RSA-3072', 'RSA-4096'];

/** @throws {UpstreamError} when the authority does not do its part. */
export async function wellKnown(config: EdgeConfig): Promise<Response> {
  const response = await call('authority', config.authority, new Request('https://authority/certificates'));
  if (response.status !== 200) throw new UpstreamError(`authority answered ${response.status}`);
  const certificates = decodePemBlocks('CERTIFICATE', await response.text());
  const document = {
    organization: config.organization,
    endpoints: { registration: '/registration', whoami: '/whoami' },
    keyTypes: KEY_TYPES,
    ciphers: CONTENT_ENCRYPTIONS,
    identityMethods: [...(config.basicUsers ? ['basic'] : []), ...(config.bearerIssuer ? ['bearer'] : [])],
    ...(config.bearerIssuer && { bearerIssuer: config.bearerIssuer.issuer }),
    authorityCertificates: certificates.map((der) => encodePem('CERTIFICATE', der)),
  };
  return Response.json(document, { headers: { 'Cache-Control': 'no-store' } });
}
