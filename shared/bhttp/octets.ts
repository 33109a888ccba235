/** What Binary HTTP is made of (RFC 9292 3): variable-length integers (RFC 9000 16) and octets counted by them. */

/** The message is not Binary HTTP. The message says what was wrong, never what the octets were. */
export class BinaryHttpError extends Error {
  override name = 'BinaryHttpError';
}

/** @returns octets that the integer takes. */
export function integerLength(value: number): 1 | 2 | 4 | 8 {
  if (value < 2 ** 6) return 1;
  if (value < 2 ** 14) return 2;
  return value < 2 ** 30 ? 4 : 8;
}

/** First two bits of an integer, by its length in octets. */
const PREFIXES = { 1: 0x00, 2: 0x40, 4: 0x80, 8: 0xc0 } as const;

/** Writes from first to last into a buffer that is long enough. */
export class OctetWriter {
  readonly bytes: Uint8Array<ArrayBuffer>;
  #at = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
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

  octets(octets: Uint8Array): void {
    this.bytes.set(octets, this.#at);
    this.#at += octets.length;
  }

  /** Octets behind their number. */
  counted(octets: Uint8Array): void {
    this.integer(octets.length);
    this.octets(octets);
  }
}

/** Reads from first to last; what it gives are views. */
export class OctetReader {
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
    const [first = 0, ...others] = this.octets(2 ** ((this.#bytes[this.#at] ?? 0) >> 6));
    let value = first & 0x3f;
    for (const octet of others) value = value * 256 + octet;
    if (!Number.isSafeInteger(value)) throw new BinaryHttpError('integer out of range');
    return value;
  }

  /** @throws {BinaryHttpError} when there are fewer. */
  octets(length: number): Uint8Array<ArrayBuffer> {
    if (length > this.#bytes.length - this.#at) throw new BinaryHttpError('message cut off');
    const start = this.#at;
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }

  /** An integer; 0 at the end, since a message may leave out what is empty at its end (RFC 9292 3.8). */
  integerOrEnd(): number {
    return this.done ? 0 : this.integer();
  }

  /** What is left. */
  rest(): Uint8Array<ArrayBuffer> {
    return this.octets(this.#bytes.length - this.#at);
  }
}
