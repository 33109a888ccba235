/** Media types on the wire. */

/** A CSR (RFC 5967). */
export const CSR_TYPE = 'application/pkcs10';
/** A certificate in PEM (draft B.2.3). */
export const CERTIFICATE_TYPE = 'application/x509';
/** Certificates in PEM, one behind the other. */
export const PEM_TYPE = 'application/x-pem-file';
/** A request or response as Binary HTTP (RFC 9292). */
export const BINARY_HTTP_TYPE = 'message/bhttp';
/** CMS in DER (RFC 8551). */
export const CMS_TYPE = 'application/pkcs7-mime';
/** CMS in base64, under the name that the draft has for it (B.1.3). */
export const CMS_BASE64_TYPE = 'application/x-pkcs7-mime';
/** A problem (RFC 9457). */
export const PROBLEM_TYPE = 'application/problem+json';

/** @returns the media type of a Content-Type, in lower case and without parameters. */
export const mediaTypeOf = (contentType: string | null): string =>
  (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
