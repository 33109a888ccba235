/**
 * The body of a registration in any of its forms: DER; PEM (RFC 7468), also when its line ends were lost, as `curl -d` does
 * it; base64 of the DER (RFC 7030 4.2.1); and text in UTF-16 or behind a byte order mark, as Windows writes it.
 */

import { parseBase64 } from '../../../shared/encoding/base64.ts';
import { SEQUENCE } from '../../../shared/encoding/der/tag.ts';
import { tryParse } from '../../../shared/encoding/error.ts';
import { MAX_CSR_BYTES } from '../../../shared/protocol/problem.ts';
import { CsrError } from './csr-rules.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * @returns DER of what should be one CSR.
 * @throws {CsrError} when it is in none of the forms.
 */
export function parseCsrBody(body: Bytes): Bytes {
  if (body.length > MAX_CSR_BYTES) throw new CsrError('csr-too-large', `The body has ${body.length} bytes.`);
  if (body.length === 0) throw malformed('The body is empty.');
  if (isDer(body)) return body;
  const text = decodeText(body);
  const blocks = text.split('-----BEGIN ').length - 1;
  if (blocks > 1) throw new CsrError('csr-several-pem-blocks', `The body has ${blocks} PEM blocks.`);
  return blocks === 0
    ? parseText('The body is no DER, no PEM and', text)
    : parseText('The PEM block', parseBlock(text));
}

const malformed = (detail: string): CsrError => new CsrError('csr-malformed', detail);

/** The digit zero has the code of a SEQUENCE: text may begin with it, and goes on with text. */
const isDer = ([first, second = 0]: Bytes): boolean =>
  first === SEQUENCE && !/[\t\n\r\x20-\x7e]/.test(String.fromCharCode(second));

/** Byte order marks, and the encodings that they stand for. */
const MARKS = [
  { label: 'utf-8', mark: [0xef, 0xbb, 0xbf] },
  { label: 'utf-16le', mark: [0xff, 0xfe] },
  { label: 'utf-16be', mark: [0xfe, 0xff] },
];

/** The text without its byte order mark. */
function decodeText(body: Bytes): string {
  const marked = MARKS.find(({ mark }) => mark.every((byte, at) => body[at] === byte));
  return new TextDecoder(marked?.label ?? unmarkedEncoding(body)).decode(body);
}

/** In UTF-16 every second byte of ASCII is zero. Latin-1 takes any byte, and a PEM file may have any text around its block. */
function unmarkedEncoding([first, second]: Bytes): string {
  if (second === 0) return 'utf-16le';
  return first === 0 ? 'utf-16be' : 'latin1';
}

const LABELS = ['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST'];
const QUOTABLE = /^[A-Z0-9 ]{1,64}$/;

/** @returns the text between the boundaries of the one block. */
function parseBlock(text: string): string {
  const [, label = '', rest = ''] = /-----BEGIN ([^\r\n-]*)-----(.*)/s.exec(text) ?? [];
  if (!LABELS.includes(label)) {
    const found = QUOTABLE.test(label) ? label : 'something else';
    throw malformed(`The PEM block is labelled ${found}, and has to be labelled ${LABELS[0]}.`);
  }
  const end = rest.indexOf(`-----END ${label}-----`);
  if (end < 0) throw malformed(`The PEM block has no end: a line of -----END ${label}-----.`);
  return rest.slice(0, end);
}

/** @param what the beginning of a sentence. */
function parseText(what: string, base64: string): Bytes {
  const der = tryParse(() => parseBase64(base64));
  if (der !== undefined) return der;
  const at = base64.search(/[^A-Za-z0-9+/=\s]/);
  const code = base64.codePointAt(at)?.toString(16).toUpperCase().padStart(4, '0');
  throw malformed(`${what} is not base64: ${at < 0 ? 'its length or its padding is wrong' : `it has U+${code}`}.`);
}
