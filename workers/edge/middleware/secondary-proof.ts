import type { MiddlewareHandler } from 'hono';
import { EncodingError } from '../../../shared/encoding/error.ts';
import { parseSignature } from '../../../shared/protocol/http-signature.ts';
import type { Nonce } from '../../../shared/protocol/nonce.ts';
import { problemResponse } from '../../../shared/protocol/problem.ts';
import { faultOfRequestForm, isSafeMethod } from '../../../shared/protocol/signed-request.ts';
import type { EdgeConfig } from '../config.ts';
import type { EdgeContext } from '../context.ts';

const HOW_TO_SIGN =
  'Sign @method, @target-uri and cale-nonce, with a body also content-digest and content-type, by the registered key ' +
  'under the label cale with tag="cale-request". docs/protocol/signatures.md has an example.';
const REFUSED =
  'The setting UNSAFE_METHODS of the edge is "refuse": it takes no methods but GET, HEAD and OPTIONS, except in sealed requests.';

/**
 * Refuses methods that can change something on the proof of a GUID (draft 1.6, 4.2), unless a setting allows them. Signed
 * ones need a nonce and a signature of good form, which the origin verifies; the answer is the same for every GUID.
 */
export function secondaryProof({ unsafeMethods }: Pick<EdgeConfig, 'unsafeMethods'>): MiddlewareHandler<EdgeContext> {
  return async (c, next) => {
    if (isSafeMethod(c.req.method) || unsafeMethods === 'allow') return next();
    if (unsafeMethods === 'refuse') return problemResponse('secondary-proof-required', {}, { detail: REFUSED });
    return refusalOfForm(c.req.raw, c.var.nonce) ?? next();
  };
}

/** @returns the refusal of a request that has no nonce, or no signature of good form; undefined when it has both. */
export function refusalOfForm(request: Request, nonce: Nonce | undefined): Response | undefined {
  const fault = nonce === undefined ? 'there is no CALE-Nonce' : faultOfForm(request);
  return fault === undefined ? undefined : signatureRequired(fault);
}

/** @param fault a part of a sentence that says what is wrong with the form of the request. */
const signatureRequired = (fault: string): Response =>
  problemResponse(
    'secondary-proof-required',
    {},
    {
      detail: `The request is not signed: ${fault}. ${HOW_TO_SIGN}`,
    },
  );

/** @returns what is wrong with the form of the signature; undefined when it is good. */
function faultOfForm({ body, headers }: Request): string | undefined {
  const [input, signature] = [headers.get('Signature-Input'), headers.get('Signature')];
  if (input === null || signature === null) return 'there is no Signature-Input or no Signature';
  const hasContent = body !== null && headers.get('Content-Length') !== '0';
  try {
    return faultOfRequestForm(parseSignature(input, signature), [...headers], hasContent);
  } catch (error) {
    if (error instanceof EncodingError) return `Signature-Input and Signature are not in good form (${error.message})`;
    throw error;
  }
}
