/** The problems that come sealed, and not signed, from an honest edge and origin. */

import type { BinaryResponse } from '../../shared/encoding/bhttp/response.ts';
import { CaleError } from '../errors.ts';
import { refusalOf } from './send.ts';

/**
 * `unavailable` of an edge whose origin failed at this request only: it is sealed, because a status outside would tell that
 * the GUID is known. `origin-failed` of an origin that cannot sign.
 */
const PROBLEM = /^(unavailable|origin-failed)$/;

/**
 * @param answer without a good signature, whose content was authenticated.
 * @returns the error that the same problem in the clear is, because whoever can seal one can send that too.
 */
export async function unsignedError({ status, headers, content }: BinaryResponse): Promise<CaleError> {
  try {
    const refusal = await refusalOf(new Response(content, { status, headers: headers as [string, string][] }));
    if (status >= 500 && PROBLEM.test(refusal.problem ?? '')) return new CaleError('refused', { refusal });
  } catch {
    // It is none that a Response can be.
  }
  return new CaleError('unreadable');
}
