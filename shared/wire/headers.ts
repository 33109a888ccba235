/** Header fields between the parties (draft Appendix B), and what of a message goes from hop to hop. */

import { decodeBase64 } from './base64.ts';

export const CALE_GUID = 'CALE-GUID';
/** What the content of the answer is to be: `message/bhttp` for the whole answer, else its body. */
export const CALE_ACCEPT = 'CALE-Accept';
export const CALE_PEM = 'CALE-PEM';
export const CALE_IDENTITY = 'CALE-Identity';
export const CIPHER = 'Cipher';

export const CSR_TYPE = 'application/pkcs10';
export const CERTIFICATE_TYPE = 'application/x509';
const BINARY_HTTP_TYPE = 'message/bhttp';

/** @param caleAccept value of `CALE-Accept`, if there is one. */
export const wantsBinaryHttp = (caleAccept: string | null | undefined): boolean =>
  caleAccept?.trim().toLowerCase() === BINARY_HTTP_TYPE;

/** Octets of the longest certificate that `CALE-PEM` is read for. */
const MAX_CERTIFICATE_OCTETS = 8 * 1024;

const PEM_CERTIFICATE = /^-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=\n]+)-----END CERTIFICATE-----\n$/;

/**
 * `CALE-PEM` (draft B.2.4), base64 on one line in double quotes, out of what `/validate` answered: the armour and the
 * line ends go, the base64 stays as it is.
 * @returns undefined when it is not one certificate in PEM.
 */
export function calePemOf(pem: string): string | undefined {
  const [, base64] = PEM_CERTIFICATE.exec(pem) ?? [];
  return base64 && `"${base64.replaceAll('\n', '')}"`;
}

/** @returns DER of what should be a certificate, or undefined; quotes may be absent. */
export function parseCalePem(value: string): Uint8Array<ArrayBuffer> | undefined {
  const text = value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
  if (text.length === 0 || text.length > (MAX_CERTIFICATE_OCTETS / 3) * 4) return undefined;
  try {
    return decodeBase64(text);
  } catch {
    return undefined;
  }
}

/** Fields that end at each hop (RFC 9110 7.6.1), beside those that Connection names. */
const HOP_BY_HOP = [
  'Connection',
  'Keep-Alive',
  'Proxy-Authenticate',
  'Proxy-Authorization',
  'Proxy-Connection',
  'TE',
  'Trailer',
  'Transfer-Encoding',
  'Upgrade',
];

/** A copy of the header fields without those that end at this hop. */
export function endToEndHeaders(headers: Headers): Headers {
  const kept = new Headers(headers);
  const named = (headers.get('Connection') ?? '').split(',').map((name) => name.trim());
  for (const name of [...HOP_BY_HOP, ...named]) if (FIELD_NAME.test(name)) kept.delete(name);
  return kept;
}

/** token of RFC 9110 5.6.2. */
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
