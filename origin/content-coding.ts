/**
 * Content codings (RFC 9110 8.4). What is sealed is the content itself, because neither a client that gets only the body
 * nor a `Response` that is made of the message would decode it.
 */

import { AnswerError } from './failure.ts';
import { readWhole } from './read-stream.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** @returns the decoded content; undefined when it is not in this coding. @throws {AnswerError} `answer-too-large`. */
type Decode = (content: Bytes, max: number) => Promise<Bytes | undefined>;

/**
 * Platforms decode the answers of their `fetch`, and leave `Content-Encoding` on them. The same field on a Response that
 * the application made says that it is still to be decoded. Nothing else tells the two apart: so what can be decoded is.
 * @param codings value of `Content-Encoding`: the last one was applied last.
 * @throws {AnswerError} `answer-too-large` when it has more than `max` bytes; `origin-failed` for a broken content.
 */
export async function decodeContent(content: Bytes, codings: string, max: number): Promise<Bytes> {
  const names = codings.split(',').map((name) => name.trim().toLowerCase());
  let decoded = content;
  for (const name of names.reverse()) {
    const next = await DECODERS[name]?.(decoded, max);
    if (next === undefined) break;
    decoded = next;
  }
  return decoded;
}

const gunzip: Decode = async (content, max) => {
  if (content[0] !== 0x1f || content[1] !== 0x8b) return undefined;
  const decoded = await decompress('gzip', content, max);
  if (decoded === undefined) throw new AnswerError('origin-failed', 'the content of the answer is broken gzip');
  return decoded;
};

const DECODERS: Readonly<Record<string, Decode>> = {
  gzip: gunzip,
  'x-gzip': gunzip,
  deflate: (content, max) => decompress('deflate', content, max),
  br: (content, max) => decompressByZlib('brotliDecompress', content, max),
  zstd: (content, max) => decompressByZlib('zstdDecompress', content, max),
};

async function decompress(format: 'gzip' | 'deflate', content: Bytes, max: number): Promise<Bytes | undefined> {
  const stream = new Blob([content]).stream().pipeThrough(new DecompressionStream(format));
  let decoded: Bytes | undefined;
  try {
    decoded = await readWhole(stream, max);
  } catch {
    return undefined;
  }
  if (decoded === undefined) throw tooLarge(max);
  return decoded;
}

/** The part of `node:zlib` that is used. Platforms without it decode the answers of their `fetch` themselves. */
type Zlib = Partial<
  Record<
    'brotliDecompress' | 'zstdDecompress',
    (
      content: Bytes,
      options: { readonly info: true; readonly maxOutputLength: number },
      done: (error: Error | null, result: { buffer: Bytes; engine: { bytesWritten: number } }) => void,
    ) => void
  >
>;

/** Asked for when it is needed, and not imported: not every platform has it. */
const zlib = (): Zlib | undefined =>
  (globalThis as { process?: { getBuiltinModule?(name: string): Zlib | undefined } }).process?.getBuiltinModule?.(
    'node:zlib',
  );

function decompressByZlib(name: keyof Zlib, content: Bytes, max: number): Promise<Bytes | undefined> {
  return new Promise((resolve, reject) => {
    const decode = zlib()?.[name];
    if (decode === undefined) return resolve(undefined);
    return decode(content, { info: true, maxOutputLength: max }, (error, result) => {
      if (error instanceof RangeError) return reject(tooLarge(max));
      // A text can begin with what Brotli takes for a whole content.
      const isWhole = error === null && result.buffer.length > 0 && result.engine.bytesWritten === content.length;
      return resolve(isWhole ? result.buffer : undefined);
    });
  });
}

export const tooLarge = (max: number): AnswerError =>
  new AnswerError('answer-too-large', `the answer has more than ${max} bytes`);
