/** Content codings (RFC 9110 8.4) of an API's answer. The library takes them off; some the runtime has taken off before. */

import { GatewayError } from './problems.ts';

/** Codings that the runtime takes off a body while it is read, and leaves in the field; in just this spelling. */
const DECODED_BY_RUNTIME = ['gzip', 'br'];

/** Codings that are taken off later, by `origin/content-coding.ts`. */
const DECODED_LATER = ['gzip', 'x-gzip', 'br', 'deflate', 'zstd', 'identity', ''];

/** Fields that say something of the encoded bytes. */
const OF_ENCODED_BYTES = ['Content-Encoding', 'Content-Length', 'Content-Digest', 'Content-MD5', 'Digest'];

/**
 * Makes the fields of an answer true of its body as it is read.
 * @throws {GatewayError} for a coding that was not asked for and is not known, in which no client could read the body.
 */
export function removeDecoded(headers: Headers): void {
  const field = headers.get('Content-Encoding');
  if (field === null) return;
  const unknown = field.split(',').find((coding) => !DECODED_LATER.includes(coding.trim().toLowerCase()));
  if (unknown !== undefined) throw new GatewayError('upstream-failed', 'its answer is in a coding that is not known');
  if (!DECODED_BY_RUNTIME.includes(field)) return;
  for (const name of OF_ENCODED_BYTES) headers.delete(name);
}
