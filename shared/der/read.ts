/**
 * Reading DER (X.690 section 10), strictly: definite lengths in their shortest form, single-octet tags, nothing left
 * over. Nothing is copied: elements know where they are in the input, and give views into it when asked.
 */

/** The input is not the DER that was asked for. The message says what was wrong, never what the bytes were. */
export class DerError extends Error {
  override name = 'DerError';
}

type Octets = Uint8Array<ArrayBuffer>;

/** An element of the input. */
export class Element {
  /** The identifier octet. */
  readonly tag: number;
  readonly #bytes: Octets;
  readonly #start: number;
  readonly #contentStart: number;
  readonly #end: number;

  constructor(bytes: Octets, start: number, contentStart: number, end: number) {
    this.tag = bytes[start] ?? 0;
    this.#bytes = bytes;
    this.#start = start;
    this.#contentStart = contentStart;
    this.#end = end;
  }

  get content(): Octets {
    return this.#bytes.subarray(this.#contentStart, this.#end);
  }

  /** The whole element, identifier and length included. */
  get encoding(): Octets {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** A reader of the elements that this one holds. */
  enter(): DerReader {
    return new DerReader(this.#bytes, this.#contentStart, this.#end);
  }
}

/** Reads the elements of `bytes`, or of a part of them, from first to last. */
export class DerReader {
  readonly #bytes: Octets;
  readonly #end: number;
  #at: number;

  constructor(bytes: Octets, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** True when all has been read. */
  get done(): boolean {
    return this.#at === this.#end;
  }

  /** Identifier octet of the next element; undefined at the end. */
  get tag(): number | undefined {
    return this.done ? undefined : this.#bytes[this.#at];
  }

  /**
   * The next element, of any type.
   * @throws {DerError} on indefinite, overlong or excessive lengths, multi-octet tags, or at the end.
   */
  next(): Element {
    const start = this.#at;
    const contentStart = this.#contentOfNext();
    return new Element(this.#bytes, start, contentStart, this.#at);
  }

  /**
   * The next element, which must have the identifier octet `tag`.
   * @throws {DerError} when it has another, or as {@link next}.
   */
  expect(tag: number): Element {
    this.#expectTag(tag);
    return this.next();
  }

  /** The next element if it has the identifier octet `tag`, else undefined. */
  optional(tag: number): Element | undefined {
    return this.tag === tag ? this.next() : undefined;
  }

  /** A reader of what the next element holds, which must have the identifier octet `tag`. */
  enter(tag: number): DerReader {
    this.#expectTag(tag);
    const contentStart = this.#contentOfNext();
    return new DerReader(this.#bytes, contentStart, this.#at);
  }

  /**
   * A non-negative INTEGER.
   * @returns its magnitude, big-endian, without the sign octet.
   */
  unsignedInteger(): Octets {
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
  bitString(): Octets {
    const { content } = this.expect(0x03);
    if (content[0] !== 0) throw new DerError('BIT STRING with unused bits');
    return content.subarray(1);
  }

  /** An OBJECT IDENTIFIER in dotted form. */
  objectIdentifier(): string {
    this.#expectTag(0x06);
    const start = this.#contentOfNext();
    const end = this.#at;
    const alike = knownOids[end - start];
    const known = alike?.find(({ octets }) => endsWith(this.#bytes, end, octets));
    if (known !== undefined) return known.dotted;
    const octets = this.#bytes.slice(start, end);
    const dotted = dottedForm(octets);
    if (alike !== undefined && alike.length < MAX_KNOWN_OIDS) alike.push({ octets, dotted });
    return dotted;
  }

  /** The octets of all elements that are left; they are not read. */
  rest(): Octets {
    return this.#bytes.subarray(this.#at, this.#end);
  }

  /** @throws {DerError} when something is left. */
  end(): void {
    if (!this.done) throw new DerError('trailing bytes');
  }

  #expectTag(tag: number): void {
    if (this.tag !== tag) throw new DerError(`expected tag 0x${tag.toString(16)}`);
  }

  /** Goes past the next element. @returns where its content begins; it ends where the reader then is. */
  #contentOfNext(): number {
    const tag = this.#octet();
    if ((tag & 0x1f) === 0x1f) throw new DerError('multi-octet tag');
    const length = this.#length();
    const contentStart = this.#at;
    if (length > this.#end - contentStart) throw new DerError('element longer than what holds it');
    this.#at += length;
    return contentStart;
  }

  #octet(): number {
    const octet = this.tag;
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

/** The OIDs that were read before, by the number of their octets: messages say the same few over and over. */
const knownOids = Array.from({ length: 16 }, (): { readonly octets: Octets; readonly dotted: string }[] => []);
const MAX_KNOWN_OIDS = 32;
/** Octets of the longest OID that is read. */
const MAX_OID_OCTETS = 64;

/** Whether the octets before `end` are those of `suffix`, from the last one on: OIDs differ at their ends. */
function endsWith(bytes: Octets, end: number, suffix: Octets): boolean {
  for (let back = 1; back <= suffix.length; back++) {
    if (bytes[end - back] !== suffix[suffix.length - back]) return false;
  }
  return true;
}

function dottedForm(content: Octets): string {
  if (content.length === 0 || (content.at(-1) ?? 0) & 0x80) throw new DerError('malformed OBJECT IDENTIFIER');
  if (content.length > MAX_OID_OCTETS) throw new DerError('OBJECT IDENTIFIER out of range');
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

/**
 * The one element that `bytes` consist of, which must have the identifier octet `tag`.
 * @throws {DerError} when it has another, or when bytes follow it.
 */
export function readWhole(bytes: Octets, tag: number): DerReader {
  const reader = new DerReader(bytes);
  const inner = reader.enter(tag);
  reader.end();
  return inner;
}
