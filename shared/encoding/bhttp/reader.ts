/** Reading Binary HTTP (RFC 9292 3): variable-length integers (RFC 9000 16), and bytes that are counted by them. */

import { EncodingError } from '../error.ts';

/** The message is not Binary HTTP. */
export class BinaryHttpError extends EncodingError {
  override name = 'BinaryHttpError';
}

/** Reads from first to last. Results are views of the input. */
export class BinaryReader {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #at = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
  }

  /** Number of bytes that are read. */
  get at(): number {
    return this.#at;
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** @throws {BinaryHttpError} at the end, or when the integer is beyond 2^53. */
  integer(): number {
    const start = this.#at;
    const first = this.#bytes[start] ?? 0;
    const length = 1 << (first >> 6);
    this.skip(length);
    let value = first & 0x3f;
    for (let at = start + 1; at < this.#at; at++) value = value * 256 + (this.#bytes[at] ?? 0);
    if (!Number.isSafeInteger(value)) throw new BinaryHttpError('integer out of range');
    return value;
  }

  /** @throws {BinaryHttpError} when there are fewer bytes. */
  take(length: number): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(this.skip(length), this.#at);
  }

  /** Goes past so many bytes. @returns where they begin. @throws {BinaryHttpError} when there are fewer. */
  skip(length: number): number {
    const start = this.#at;
    if (length > this.#bytes.length - start) throw new BinaryHttpError('message cut off');
    this.#at += length;
    return start;
  }

  /** An integer; 0 at the end, since a message may leave out what is empty at its end (RFC 9292 3.8). */
  integerOrEnd(): number {
    return this.done ? 0 : this.integer();
  }

  /** The bytes that are left. */
  rest(): Uint8Array<ArrayBuffer> {
    return this.take(this.#bytes.length - this.#at);
  }
}
