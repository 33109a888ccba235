/** Going over elements of DER (X.690 8.1, 10.1), strictly: single-byte tags, definite lengths in their shortest form. */

import { DerError } from './error.ts';
import { TAG_NUMBER } from './tag.ts';

/** A place in a part of `bytes`, at the beginning of an element or at the end. Every method throws {@link DerError}. */
export class DerCursor {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array<ArrayBuffer>, start: number, end: number) {
    this.bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get at(): number {
    return this.#at;
  }

  get end(): number {
    return this.#end;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#end;
  }

  /** Identifier byte of the element that it is at; undefined at the end. */
  get tag(): number | undefined {
    return this.isAtEnd ? undefined : this.bytes[this.#at];
  }

  /** Makes sure that it is at an element of this tag. */
  expect(tag: number): void {
    if (this.tag !== tag) this.fail(`expected tag ${hexOf(tag)}, found ${hexOf(this.tag)}`);
  }

  /** Goes past the element. @returns where its content begins; it ends where the cursor then is. */
  skip(): number {
    const start = this.#at;
    const tag = this.#byte();
    if ((tag & TAG_NUMBER) === TAG_NUMBER) this.fail('tag of several bytes', start);
    const length = this.#length();
    const contentStart = this.#at;
    if (length > this.#end - contentStart) this.fail('element longer than the one around it', start);
    this.#at += length;
    return contentStart;
  }

  /** @param at the byte of the input that the fault is at. */
  fail(fault: string, at = this.#at): never {
    throw new DerError(`${fault} at byte ${at}`);
  }

  #byte(): number {
    const byte = this.tag;
    if (byte === undefined) this.fail('unexpected end');
    this.#at++;
    return byte;
  }

  #length(): number {
    const start = this.#at;
    const first = this.#byte();
    if (first < 0x80) return first;
    const bytes = first & 0x7f;
    if (bytes === 0) this.fail('indefinite length', start);
    if (bytes > 4) this.fail('length out of range', start);
    let length = 0;
    for (let i = 0; i < bytes; i++) length = length * 256 + this.#byte();
    if (length < 0x80 || length < 256 ** (bytes - 1)) this.fail('length not in its shortest form', start);
    return length;
  }
}

const hexOf = (byte: number | undefined): string =>
  byte === undefined ? 'the end' : `0x${byte.toString(16).padStart(2, '0')}`;
