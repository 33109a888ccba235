/** Taking content codings (RFC 9110 8.4) off an API's answer: an answer that is sealed as a body has no place to name them. */

/** Codings that the runtime takes off a body by itself, while the field stays; in just this spelling. */
const DECODED_BY_RUNTIME = ['gzip', 'br'];

const FORMATS: Readonly<Record<string, 'gzip' | 'deflate'>> = { gzip: 'gzip', 'x-gzip': 'gzip', deflate: 'deflate' };

/** Fields that say something of the encoded bytes. */
const OF_ENCODED_BYTES = ['Content-Encoding', 'Content-Length', 'Content-Digest', 'Content-MD5', 'Digest'];

/**
 * @param headers of the answer, which lose what is not true of the body any more. A coding that is not known stays in them.
 * @returns the body without its codings.
 */
export function decodeBody({ body, headers: received }: Response, headers: Headers): ReadableStream | null {
  const field = received.get('Content-Encoding');
  if (field === null) return body;
  const codings = DECODED_BY_RUNTIME.includes(field) ? [] : parseCodings(field);
  let decoded = body;
  for (let format = formatOf(codings); format !== undefined; format = formatOf(codings)) {
    decoded = decoded?.pipeThrough(new DecompressionStream(format)) ?? null;
    codings.pop();
  }
  for (const name of OF_ENCODED_BYTES) headers.delete(name);
  if (codings.length > 0) headers.set('Content-Encoding', codings.join(', '));
  return decoded;
}

const parseCodings = (field: string): string[] =>
  field
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');

/** The format of the coding that was applied last. */
const formatOf = (codings: readonly string[]): 'gzip' | 'deflate' | undefined => FORMATS[codings.at(-1) ?? ''];
