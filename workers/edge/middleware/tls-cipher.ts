import type { MiddlewareHandler } from 'hono';
import { contentEncryptionOf } from '../../../shared/cms/content-encryption.ts';
import { problemResponse } from '../../../shared/protocol/problem.ts';
import { contentEncryptionFor } from '../../../shared/protocol/tls-ciphers.ts';
import type { EdgeConfig } from '../config.ts';
import type { EdgeContext, NegotiatedCipher } from '../context.ts';

/** Sets the cipher that the connection negotiated, unless a setting fixes one. Refuses ciphers that are not accepted. */
export function tlsCipher({
  cbcCiphersAllowed,
  tlsCipher: fixed,
}: Pick<EdgeConfig, 'cbcCiphersAllowed' | 'tlsCipher'>): MiddlewareHandler<EdgeContext> {
  return async (c, next) => {
    const cipher = fixed ?? negotiatedCipher(c.req.raw);
    const isAccepted = cipher !== undefined && (cbcCiphersAllowed || contentEncryptionOf(cipher.encryption).isAead);
    if (!isAccepted) return problemResponse('cipher-not-accepted');
    c.set('cipher', cipher);
    c.env.trace.cipher = cipher.encryption;
    return next();
  };
}

function negotiatedCipher(request: Request): NegotiatedCipher | undefined {
  const name = (request as { cf?: { tlsCipher?: unknown } }).cf?.tlsCipher;
  if (typeof name !== 'string') return undefined;
  const encryption = contentEncryptionFor(name);
  return encryption && { name, encryption };
}
