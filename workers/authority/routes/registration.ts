import type { Handler } from 'hono';
import { log } from '../../../shared/log.ts';
import { CALE_IDENTITY, CIPHER } from '../../../shared/protocol/headers.ts';
import { tryParseIdentityHeader } from '../../../shared/protocol/identity-header.ts';
import { problemResponse } from '../../../shared/protocol/problem.ts';
import { createSealedResponse, negotiateFormat } from '../../../shared/protocol/sealed-response.ts';
import { contentEncryptionFor } from '../../../shared/protocol/tls-ciphers.ts';
import type { Certificates } from '../certificates.ts';
import type { AuthorityConfig } from '../config.ts';
import type { Shards } from '../credentials/shards.ts';
import { csrProblemResponse } from '../registration/csr-rules.ts';
import { register } from '../registration/register.ts';

/** `POST /registration` (draft B.1.2): the sealed GUID (B.1.3), or the rule that the CSR broke. */
export function registration(config: AuthorityConfig, shards: Shards, certificates: Certificates): Handler {
  return async (c) => {
    const encryption = contentEncryptionFor(c.req.header(CIPHER) ?? '');
    if (encryption === undefined) return problemResponse('cipher-not-accepted');
    const identity = tryParseIdentityHeader(c.req.header(CALE_IDENTITY) ?? '');
    if (identity === undefined) return problemResponse('identity-required');
    // First, so that no client gets a GUID for which no certificate could be issued.
    await certificates.issuer();
    const body = new Uint8Array(await c.req.arrayBuffer());
    const registered = await register(config, shards, { body, identity, encryption });
    if (!registered.ok) {
      const { fault, detail } = registered;
      log({ event: 'registration-refused', owner: identity.owner, reason: `${fault}: ${detail}` });
      return csrProblemResponse(fault, {}, { detail });
    }
    log({ event: 'registered', owner: identity.owner });
    const format = negotiateFormat(encryption, c.req.header('Accept') ?? null);
    return createSealedResponse(format, registered.value, c.req.method);
  };
}
