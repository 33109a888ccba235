/** A sealed answer as HTTP carries it (draft B.1.3, B.2.7, B.3.3). */

import { concat } from '../bytes.ts';
import type { ContentEncryption } from '../ciphers.ts';
import { encodeBase64Lines } from './base64.ts';

const BINARY_TYPE = 'application/pkcs7-mime';
const BASE64_TYPE = 'application/x-pkcs7-mime';

/** The two types of message (RFC 8551 3.2.2). */
type SmimeType = 'enveloped-data' | 'authEnveloped-data';

export interface AnswerForm {
  readonly smimeType: SmimeType;
  /** True for DER, false for base64 in lines of 64 characters. */
  readonly binary: boolean;
}

/** @param accept value of the request's Accept: `application/pkcs7-mime` asks for DER, all else for base64. */
export function answerForm(encryption: ContentEncryption, accept: string | null): AnswerForm {
  const binary = (accept ?? '').split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    return type === BINARY_TYPE && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
  return { smimeType: encryption.endsWith('-CBC') ? 'enveloped-data' : 'authEnveloped-data', binary };
}

const contentType = ({ smimeType, binary }: AnswerForm): string =>
  `${binary ? BINARY_TYPE : BASE64_TYPE}; smime-type=${smimeType}; name="smime.p7m"`;

/** The header fields of a sealed answer: all of them, whoever sends it. */
export function answerHeaders(form: AnswerForm): Record<string, string> {
  return {
    'MIME-Version': '1.0',
    'Content-Disposition': 'attachment; filename="smime.p7m"',
    'Content-Type': contentType(form),
    'Content-Transfer-Encoding': form.binary ? 'binary' : 'base64',
    'Cache-Control': 'no-store',
  };
}

/**
 * @param parts of the DER of a ContentInfo.
 * @param method of the request: HEAD is answered without a body.
 */
export function sealedResponse(form: AnswerForm, parts: readonly Uint8Array[], method: string): Response {
  const der = concat(parts);
  const body = form.binary ? der : encodeBase64Lines(der);
  return new Response(method === 'HEAD' ? null : body, { status: 200, headers: answerHeaders(form) });
}

const FORMS: ReadonlyMap<string | null, AnswerForm> = new Map(
  [true, false]
    .flatMap((binary): AnswerForm[] => [
      { smimeType: 'enveloped-data', binary },
      { smimeType: 'authEnveloped-data', binary },
    ])
    .map((form) => [contentType(form), form]),
);

/** @returns the form of an answer that another party sealed, or undefined when it is none. */
export function formOfSealed(response: Response): AnswerForm | undefined {
  return response.status === 200 ? FORMS.get(response.headers.get('Content-Type')) : undefined;
}
