/** `CALE-PEM`: a certificate as a header field (draft B.2.4), base64 of its DER on one line in double quotes. */

import { encodeBase64, parseBase64 } from '../encoding/base64.ts';
import { EncodingError } from '../encoding/error.ts';

/** Maximum size of a certificate in the field, in bytes. */
const MAX_CERTIFICATE_BYTES = 8 * 1024;

/** @param certificate DER. */
export const encodeCalePem = (certificate: Uint8Array): string => `"${encodeBase64(certificate)}"`;

/**
 * @param value of the field; the quotes may be absent.
 * @returns DER of the certificate, which is not looked at.
 * @throws {EncodingError} when it is empty, too long or not base64.
 */
export function parseCalePem(value: string): Uint8Array<ArrayBuffer> {
  const text = value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
  if (text.length === 0 || text.length > (MAX_CERTIFICATE_BYTES / 3) * 4) throw new EncodingError('length of CALE-PEM');
  return parseBase64(text);
}
