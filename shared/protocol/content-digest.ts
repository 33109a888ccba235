/** `Content-Digest` with SHA-256 (RFC 9530 2). */

import { encodeBase64 } from '../encoding/base64.ts';

/** @returns the value of the field for a content. */
export async function encodeContentDigest(
  content: Uint8Array<ArrayBuffer>,
  subtle: SubtleCrypto = crypto.subtle,
): Promise<string> {
  return `sha-256=:${encodeBase64(new Uint8Array(await subtle.digest('SHA-256', content)))}:`;
}
