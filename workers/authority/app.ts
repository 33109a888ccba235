/** The authorization server's routes, as the edge calls them (draft B.1.2, B.2.2, B.3.2). */

import { Hono } from 'hono';
import { contentEncryptionFor } from '../../shared/ciphers.ts';
import { answerForm, sealedResponse } from '../../shared/wire/answer.ts';
import { CALE_GUID, CALE_IDENTITY, CERTIFICATE_TYPE, CIPHER } from '../../shared/wire/headers.ts';
import { parseIdentity } from '../../shared/wire/identity-header.ts';
import { encodePem } from '../../shared/wire/pem.ts';
import { problemResponse } from '../../shared/wire/problem.ts';
import { admin } from './admin.ts';
import { Certificates } from './certificates.ts';
import type { AuthorityConfig } from './config.ts';
import { register } from './registration.ts';
import { Shards } from './shards.ts';

export function authority(config: AuthorityConfig): Hono {
  const shards = new Shards(config.shards, config.shardCount);
  const certificates = new Certificates(config, shards);
  const certificateChain = config.authorities.map(({ certificate }) => encodePem('CERTIFICATE', certificate)).join('');
  const app = new Hono();

  app.post('/registration', async (c) => {
    const encryption = contentEncryptionFor(c.req.header(CIPHER) ?? '');
    if (encryption === undefined) return problemResponse('cipher-not-accepted');
    const identity = parseIdentity(c.req.header(CALE_IDENTITY) ?? '');
    if (identity === undefined) return problemResponse('identity-required');
    // Nobody is given a GUID that no certificate could be issued for.
    await certificates.issuer();
    const body = new Uint8Array(await c.req.arrayBuffer());
    const sealed = await register(config, shards, body, identity, encryption);
    if ('fault' in sealed) {
      console.log(JSON.stringify({ event: 'registration-refused', owner: identity.owner, reason: sealed.fault }));
      return problemResponse(sealed.fault);
    }
    console.log(JSON.stringify({ event: 'registered', owner: identity.owner }));
    return sealedResponse(answerForm(encryption, c.req.header('Accept') ?? null), sealed, 'POST');
  });

  app.get('/validate', async (c) => {
    const pem = await certificates.forRequest(c.req.header(CALE_GUID) ?? '');
    return pem === undefined ? c.body(null, 403) : c.body(pem, 200, { 'Content-Type': CERTIFICATE_TYPE });
  });

  app.get('/whoami', async (c) => {
    const encryption = contentEncryptionFor(c.req.header(CIPHER) ?? '');
    if (encryption === undefined) return problemResponse('cipher-not-accepted');
    const sealed = await certificates.whoami(c.req.header(CALE_GUID) ?? '', encryption);
    return sealedResponse(answerForm(encryption, c.req.header('Accept') ?? null), sealed, c.req.method);
  });

  app.get('/certificates', (c) => c.body(certificateChain, 200, { 'Content-Type': 'application/x-pem-file' }));
  app.route('/admin', admin(shards));
  app.notFound(() => problemResponse('not-found'));
  app.onError((error) => {
    console.error(JSON.stringify({ event: 'failed', reason: String(error) }));
    return problemResponse('unavailable');
  });
  return app;
}
