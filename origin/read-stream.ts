/** Reading streams as a whole, up to a limit. */

import { concat } from '../shared/encoding/bytes.ts';

/** A chunk of a stream, or its end, as the platform's readers give them. */
interface ReadResult {
  readonly done: boolean;
  readonly value?: Uint8Array | undefined;
}

export interface ChunkReader {
  /** @param size bytes that are wanted; there may be more or fewer. */
  read(size: number): Promise<ReadResult>;
  /** True when a chunk with fewer bytes than are wanted is the last one. */
  readonly endsShort: boolean;
  /** Gives the rest up. A read that waits ends as at the end of the stream, or fails. */
  cancel(): void;
}

/** Bytes that are asked for by the first read, by the second one, and by all others. Most answers end in the first. */
const SIZES = [4096, 65_536] as const;
const LARGE = 1_048_576;

/**
 * @returns the whole stream, or undefined when it is longer than `max` bytes; the rest is given up then.
 * @throws {TypeError} when a chunk is not bytes; what the stream fails with.
 */
export async function readAll(reader: ChunkReader, max: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const size = Math.min(SIZES[chunks.length] ?? LARGE, max - length + 1);
    const { done, value } = await reader.read(size);
    if (value !== undefined) {
      const chunk = bytesOf(value);
      chunks.push(chunk);
      length += chunk.length;
    }
    if (length > max) {
      reader.cancel();
      return undefined;
    }
    if (done || (reader.endsShort && (value?.length ?? 0) < size)) return concat(chunks);
  }
}

/** @returns the whole body; undefined when it is longer than `max` bytes. @throws as {@link readAll}. */
export const readWhole = async (
  body: ReadableStream<Uint8Array> | null,
  max: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> =>
  body === null ? new Uint8Array(0) : readAll(createChunkReader(body), max);

/** Workers have it beside the standard's reader: it waits for as many bytes as are wanted, and gives fewer only at the end. */
interface AtLeastReader {
  readAtLeast(min: number, view: Uint8Array): Promise<ReadResult>;
  cancel(): Promise<void>;
}

/** @throws {TypeError} when the stream is locked. */
export function createChunkReader(stream: ReadableStream<Uint8Array>): ChunkReader {
  const byteReader = hasReadAtLeast ? tryByteReader(stream) : undefined;
  return byteReader === undefined ? standardReader(stream) : atLeastReader(byteReader);
}

const hasReadAtLeast =
  typeof ReadableStreamBYOBReader === 'function' && 'readAtLeast' in ReadableStreamBYOBReader.prototype;

/** Streams that are made in JavaScript have none, unless they are made for bytes. */
function tryByteReader(stream: ReadableStream<Uint8Array>): AtLeastReader | undefined {
  try {
    return stream.getReader({ mode: 'byob' }) as unknown as AtLeastReader;
  } catch {
    return undefined;
  }
}

/** The standard's reader of a Worker gives 4 KiB at a time, which makes large bodies slow. */
const atLeastReader = (reader: AtLeastReader): ChunkReader => ({
  read: (size) => reader.readAtLeast(size, new Uint8Array(size)),
  endsShort: true,
  cancel: () => giveUp(reader),
});

function standardReader(stream: ReadableStream<Uint8Array>): ChunkReader {
  const reader = stream.getReader();
  return { read: () => reader.read(), endsShort: false, cancel: () => giveUp(reader) };
}

/** A stream that fails while it is given up is given up all the same. */
const giveUp = (reader: { cancel(): Promise<void> }): void => void reader.cancel().catch(() => undefined);

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  throw new TypeError('a chunk of the body is not bytes');
}
