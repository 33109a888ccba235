/**
 * Reading DER (X.690 section 10), strictly: definite lengths in their shortest form, single-octet tags, nothing left
 * over. What is read are views into the input; nothing is copied.
 */

/** The input is not the DER that was asked for. The message says what was wrong, never what the bytes were. */
export class DerError extends Error {
  override name = 'DerError';
}

/** An element of the input. */
export interface Element {
  /** The identifier octet. */
  readonly tag: number;
  readonly content: Uint8Array<ArrayBuffer>;
  /** The whole element, identifier and length included. */
  readonly encoding: Uint8Array<ArrayBuffer>;
}

/** Reads the elements of `bytes` from first to last. */
export class DerReader {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #at = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
  }

  /** True when all has been read. */
  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Identifier octet of the next element; undefined at the end. */
  get tag(): number | undefined {
    return this.#bytes[this.#at];
  }

  /**
   * The next element, of any type.
   * @throws {DerError} on indefinite, overlong or excessive lengths, multi-octet tags, or at the end.
   */
  next(): Element {
    const start = this.#at;
    const tag = this.#octet();
    if ((tag & 0x1f) === 0x1f) throw new DerError('multi-octet tag');
    const length = this.#length();
    const contentStart = this.#at;
    if (length > this.#bytes.length - contentStart) throw new DerError('element longer than what holds it');
    this.#at += length;
    return {
      tag,
      content: this.#bytes.subarray(contentStart, this.#at),
      encoding: this.#bytes.subarray(start, this.#at),
    };
  }

  /**
   * The next element, which must have the identifier octet `tag`.
   * @throws {DerError} when it has another, or as {@link next}.
   */
  expect(tag: number): Element {
    if (this.tag !== tag) throw new DerError(`expected tag 0x${tag.toString(16)}`);
    return this.next();
  }

  /** The next element if it has the identifier octet `tag`, else undefined. */
  optional(tag: number): Element | undefined {
    return this.tag === tag ? this.next() : undefined;
  }

  /** A reader of what the next element holds, which must have the identifier octet `tag`. */
  enter(tag: number): DerReader {
    return new DerReader(this.expect(tag).content);
  }

  /**
   * A non-negative INTEGER.
   * @returns its magnitude, big-endian, without the sign octet.
   */
  unsignedInteger(): Uint8Array<ArrayBuffer> {
    const { content } = this.expect(0x02);
    const [first, second] = content;
    if (first === undefined) throw new DerError('empty INTEGER');
    if (first & 0x80) throw new DerError('negative INTEGER');
    if (first === 0 && second !== undefined) {
      if (!(second & 0x80)) throw new DerError('INTEGER not in its shortest form');
      return content.subarray(1);
    }
    return content;
  }

  /** An INTEGER from 0 to 127. */
  smallInteger(): number {
    const { content } = this.expect(0x02);
    const [value] = content;
    if (content.length !== 1 || value === undefined || value > 0x7f) throw new DerError('INTEGER out of range');
    return value;
  }

  /** A BIT STRING of whole octets. */
  bitString(): Uint8Array<ArrayBuffer> {
    const { content } = this.expect(0x03);
    if (content[0] !== 0) throw new DerError('BIT STRING with unused bits');
    return content.subarray(1);
  }

  /** An OBJECT IDENTIFIER in dotted form. */
  objectIdentifier(): string {
    const { content } = this.expect(0x06);
    if (content.length === 0 || (content.at(-1) ?? 0) & 0x80) throw new DerError('malformed OBJECT IDENTIFIER');
    const arcs: number[] = [];
    let arc = 0;
    for (const octet of content) {
      if (arc === 0 && octet === 0x80) throw new DerError('OBJECT IDENTIFIER not in its shortest form');
      arc = arc * 128 + (octet & 0x7f);
      if (arc > Number.MAX_SAFE_INTEGER / 128) throw new DerError('OBJECT IDENTIFIER out of range');
      if (octet & 0x80) continue;
      if (arcs.length === 0) {
        const first = Math.min(Math.floor(arc / 40), 2);
        arcs.push(first, arc - first * 40);
      } else arcs.push(arc);
      arc = 0;
    }
    return arcs.join('.');
  }

  /** @throws {DerError} when something is left. */
  end(): void {
    if (!this.done) throw new DerError('trailing bytes');
  }

  #octet(): number {
    const octet = this.#bytes[this.#at];
    if (octet === undefined) throw new DerError('unexpected end');
    this.#at++;
    return octet;
  }

  #length(): number {
    const first = this.#octet();
    if (first < 0x80) return first;
    const octets = first & 0x7f;
    if (octets === 0) throw new DerError('indefinite length');
    if (octets > 4) throw new DerError('length out of range');
    let length = 0;
    for (let i = 0; i < octets; i++) length = length * 256 + this.#octet();
    if (length < 0x80 || length < 256 ** (octets - 1)) throw new DerError('length not in its shortest form');
    return length;
  }
}

/**
 * The one element that `bytes` consist of, which must have the identifier octet `tag`.
 * @throws {DerError} when it has another, or when bytes follow it.
 */
export function readWhole(bytes: Uint8Array<ArrayBuffer>, tag: number): DerReader {
  const reader = new DerReader(bytes);
  const inner = reader.enter(tag);
  reader.end();
  return inner;
}
