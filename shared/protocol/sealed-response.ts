/** A sealed answer as HTTP carries it (draft B.1.3, B.2.7, B.3.3). */

import { type ContentEncryptionName, contentEncryptionOf } from '../cms/content-encryption.ts';
import { encodeBase64Lines, encodeBase64LinesAsBytes } from '../encoding/base64.ts';
import { concat } from '../encoding/bytes.ts';
import { CMS_BASE64_TYPE, CMS_TYPE, mediaTypeOf } from './media-types.ts';

/** The two types of message (RFC 8551 3.2.2). */
type SmimeType = 'enveloped-data' | 'authEnveloped-data';

export interface SealedFormat {
  readonly smimeType: SmimeType;
  /** True for DER, false for base64 in lines of 64 characters. */
  readonly binary: boolean;
}

/** @param accept value of the request's Accept: `application/pkcs7-mime` asks for DER, all else for base64. */
export function negotiateFormat(encryption: ContentEncryptionName, accept: string | null): SealedFormat {
  const binary = (accept ?? '').split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    return type === CMS_TYPE && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
  return { smimeType: contentEncryptionOf(encryption).isAead ? 'authEnveloped-data' : 'enveloped-data', binary };
}

/**
 * @param accept value of the request's Accept, for which an envelope may be among the types.
 * @returns the types that the application behind the envelope is asked for: any, where the envelope is the only one.
 */
export function acceptedInside(accept: string): string {
  const ranges = accept.split(',').filter((range) => !ENVELOPE_TYPES.includes(mediaTypeOf(range)));
  return ranges.every((range) => range.trim() === '') ? '*/*' : ranges.join(',').trim();
}

const ENVELOPE_TYPES = [CMS_TYPE, CMS_BASE64_TYPE];

/** @returns the media type that asks for this format, where no other one stands beside it. */
export const envelopeType = ({ binary }: SealedFormat): string => (binary ? CMS_TYPE : CMS_BASE64_TYPE);

const contentType = (format: SealedFormat): string =>
  `${envelopeType(format)}; smime-type=${format.smimeType}; name="smime.p7m"`;

/** All header fields of a sealed answer, the same from every party. */
export function sealedHeaders(format: SealedFormat): Record<string, string> {
  return {
    'MIME-Version': '1.0',
    'Content-Disposition': 'attachment; filename="smime.p7m"',
    'Content-Type': contentType(format),
    'Content-Transfer-Encoding': format.binary ? 'binary' : 'base64',
    'Cache-Control': 'no-store',
  };
}

/** Size from which on a body is not made as a text, in bytes. */
const LARGE = 64 * 1024;

/**
 * @param parts of the DER of a ContentInfo.
 * @returns the body that HTTP carries: DER in one piece, or lines of base64.
 */
export function encodeSealedBody({ binary }: SealedFormat, parts: readonly Uint8Array[]): BodyInit {
  const der = concat(parts);
  if (binary) return der;
  return der.length < LARGE ? encodeBase64Lines(der) : encodeBase64LinesAsBytes(der);
}

/**
 * @param parts of the DER of a ContentInfo.
 * @param method of the request: HEAD is answered without a body.
 */
export function createSealedResponse(format: SealedFormat, parts: readonly Uint8Array[], method: string): Response {
  const body = method === 'HEAD' ? null : encodeSealedBody(format, parts);
  return new Response(body, { status: 200, headers: sealedHeaders(format) });
}

const FORMATS: ReadonlyMap<string | null, SealedFormat> = new Map(
  [true, false]
    .flatMap((binary): SealedFormat[] => [
      { smimeType: 'enveloped-data', binary },
      { smimeType: 'authEnveloped-data', binary },
    ])
    .map((format) => [contentType(format), format]),
);

/** @returns the format of an answer that another party sealed, or undefined when it is not sealed. */
export function formatOfSealed(response: Response): SealedFormat | undefined {
  return response.status === 200 ? FORMATS.get(response.headers.get('Content-Type')) : undefined;
}
