/** Writing Binary HTTP (RFC 9292 3): variable-length integers (RFC 9000 16), and bytes behind their number. */

import { writeLatin1 } from '../latin1.ts';

/** @returns bytes that the integer takes. */
export function integerLength(value: number): 1 | 2 | 4 | 8 {
  if (value < 2 ** 6) return 1;
  if (value < 2 ** 14) return 2;
  return value < 2 ** 30 ? 4 : 8;
}

/** First two bits of an integer, by its length in bytes. */
const PREFIXES = { 1: 0x00, 2: 0x40, 4: 0x80, 8: 0xc0 } as const;

/** Gives so many bytes, of any values, to write into. */
export type Allocate = (length: number) => Uint8Array<ArrayBuffer>;

export const allocate: Allocate = (length) => new Uint8Array(length);

/** Writes from first to last into a buffer that is long enough. */
export class BinaryWriter {
  readonly bytes: Uint8Array<ArrayBuffer>;
  #at = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.bytes = bytes;
  }

  integer(value: number): void {
    const length = integerLength(value);
    let rest = value;
    for (let at = this.#at + length - 1; at >= this.#at; at--) {
      this.bytes[at] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.bytes[this.#at] = (this.bytes[this.#at] ?? 0) | PREFIXES[length];
    this.#at += length;
  }

  /** @param content bytes, or a text of one byte a character. */
  append(content: Uint8Array | string): void {
    if (typeof content === 'string') writeLatin1(content, this.bytes, this.#at);
    else this.bytes.set(content, this.#at);
    this.#at += content.length;
  }

  /** Content behind the number of its bytes. */
  counted(content: Uint8Array | string): void {
    this.integer(content.length);
    this.append(content);
  }

  /** Padding: zeros up to the end. */
  pad(): void {
    this.bytes.fill(0, this.#at);
  }
}
