/** Sealed answers as people save them: DER; base64; those with header fields before them, as of `curl -i`; and PEM. */

import { type EnvelopedMessage, parseEnvelopedMessage } from '../../shared/cms/enveloped-data.ts';
import { parseBase64 } from '../../shared/encoding/base64.ts';
import { EncodingError, tryParse } from '../../shared/encoding/error.ts';
import { tryParseJsonObject } from '../../shared/encoding/json.ts';
import { encodeLatin1, parseLatin1 } from '../../shared/encoding/latin1.ts';
import { UsageError } from './usage-error.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export interface SavedAnswer {
  /** DER of the ContentInfo. */
  readonly der: Bytes;
  readonly message: EnvelopedMessage;
}

/**
 * @param name of the file, for the error.
 * @throws {UsageError} that says what is there in place of a sealed answer.
 */
export function parseSavedAnswer(saved: Bytes, name: string): SavedAnswer {
  try {
    const der = derOf(saved);
    if (der[1] === INDEFINITE) throw new EncodingError('it is in BER, which is not read');
    return { der, message: parseEnvelopedMessage(der) };
  } catch (error) {
    if (!(error instanceof EncodingError)) throw error;
    throw new UsageError(`${name} is no sealed answer (CMS in DER, base64, MIME or PEM): ${error.message}.`);
  }
}

const SEQUENCE = 0x30;
const INDEFINITE = 0x80;

function derOf(saved: Bytes): Bytes {
  if (saved.length === 0) throw new EncodingError('it is empty');
  return isDer(saved) ? saved : parseText(textOf(saved));
}

/** No text has a byte above 0x7f in this place, and no shorter message holds a key. */
const isDer = (bytes: Bytes): boolean => bytes[0] === SEQUENCE && (bytes[1] ?? 0) >= INDEFINITE;

/** One character a byte, so that a binary body behind header fields stays what it is. Windows also saves UTF-16. */
function textOf(saved: Bytes): string {
  const [first, second] = saved;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(saved);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(saved);
  return parseLatin1(saved).replace(/^\xef\xbb\xbf/, '');
}

/** A status line of HTTP, or a field of MIME, begins the text; the fields end with an empty line. */
const FIELDS = /^(?:HTTP\/[0-9.]+ [^\n]*\n|[A-Za-z0-9-]+:[^\n]*\n)(?:[^\r\n][^\n]*\n)*\r?\n/;
const PEM = /^-----BEGIN ([^-\r\n]+)-----([^-]*)-----END \1-----/m;

function parseText(text: string): Bytes {
  let body = text.trimStart();
  // More than one block, where curl follows redirects, or an interim answer came first.
  for (let fields = FIELDS.exec(body); fields !== null; fields = FIELDS.exec(body)) body = body.slice(fields[0].length);
  if (isDer(encodeLatin1(body.slice(0, 2)))) return encodeLatin1(body);
  const [, label, pem] = PEM.exec(body) ?? [];
  if (label !== undefined && label !== 'CMS' && label !== 'PKCS7') throw new EncodingError(`it is PEM of a ${label}`);
  const der = tryParse(() => parseBase64(pem ?? body));
  if (der === undefined || der.length === 0) throw new EncodingError(kindOf(body));
  return der;
}

function kindOf(text: string): string {
  const { title, status } = tryParseJsonObject(text) ?? {};
  if (typeof title === 'string') return `it is a refusal, ${status}: ${title.replace(/\.$/, '')}`;
  if (text.trim() === '') return 'it has no body';
  if (/^\s*</.test(text)) return 'it is HTML or XML';
  return /^\s*[{[]/.test(text) ? 'it is JSON' : 'it is something else';
}
