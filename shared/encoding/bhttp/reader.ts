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

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** @throws {BinaryHttpError} at the end, or when the integer is beyond 2^53. */
  integer(): number {
    const [first = 0, ...others] = this.take(2 ** ((this.#bytes[this.#at] ?? 0) >> 6));
    let value = first & 0x3f;
    for (const byte of others) value = value * 256 + byte;
    if (!Number.isSafeInteger(value)) throw new BinaryHttpError('integer out of range');
    return value;
  }

  /** @throws {BinaryHttpError} when there are fewer bytes. */
  take(length: number): Uint8Array<ArrayBuffer> {
    if (length > this.#bytes.length - this.#at) throw new BinaryHttpError('message cut off');
    const start = this.#at;
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
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
