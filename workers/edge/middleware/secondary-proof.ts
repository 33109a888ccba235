import type { MiddlewareHandler } from 'hono';
import { tryParse } from '../../../shared/encoding/error.ts';
import { parseSignature } from '../../../shared/protocol/http-signature.ts';
import { problemResponse } from '../../../shared/protocol/problem.ts';
import { hasRequestForm, isSafeMethod } from '../../../shared/protocol/signed-request.ts';
import type { EdgeConfig } from '../config.ts';
import type { EdgeContext } from '../context.ts';

/**
 * Refuses methods that can change something on the proof of a GUID (draft 1.6, 4.2), unless a setting allows them. Signed
 * ones need a nonce and a signature of good form, which the origin verifies; the answer is the same for every GUID.
 */
export function secondaryProof({ unsafeMethods }: Pick<EdgeConfig, 'unsafeMethods'>): MiddlewareHandler<EdgeContext> {
  return async (c, next) => {
    const isLetThrough =
      isSafeMethod(c.req.method) ||
      unsafeMethods === 'allow' ||
      (unsafeMethods === 'signed' && c.var.nonce !== undefined && isSigned(c.req.raw));
    return isLetThrough ? next() : problemResponse('secondary-proof-required');
  };
}

function isSigned({ body, headers }: Request): boolean {
  const [input, signature] = [headers.get('Signature-Input'), headers.get('Signature')];
  if (input === null || signature === null) return false;
  const parsed = tryParse(() => parseSignature(input, signature));
  const hasContent = body !== null && headers.get('Content-Length') !== '0';
  return parsed !== undefined && hasRequestForm(parsed, [...headers], hasContent);
}
