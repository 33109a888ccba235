/**
 * Reading the types of ASN.1 in DER (X.690 section 8 and 10). Nothing is copied: elements know where they are in the
 * input, and give views into it when asked.
 */

import { DerCursor } from './cursor.ts';
import { DerError } from './error.ts';
import { readOid } from './oid.ts';
import {
  BIT_STRING,
  BOOLEAN,
  CONSTRUCTED,
  contextTag,
  IA5_STRING,
  INTEGER,
  implicitTag,
  NULL,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  SEQUENCE,
  SET,
} from './tag.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** An element of the input. */
export class Element {
  /** The identifier byte. */
  readonly tag: number;
  readonly #bytes: Bytes;
  readonly #start: number;
  readonly #contentStart: number;
  readonly #end: number;

  constructor(bytes: Bytes, start: number, contentStart: number, end: number) {
    this.tag = bytes[start] ?? 0;
    this.#bytes = bytes;
    this.#start = start;
    this.#contentStart = contentStart;
    this.#end = end;
  }

  /** Where it begins in the input, in bytes. */
  get offset(): number {
    return this.#start;
  }

  /** True when it holds other elements. */
  get isConstructed(): boolean {
    return (this.tag & CONSTRUCTED) !== 0;
  }

  get content(): Bytes {
    return this.#bytes.subarray(this.#contentStart, this.#end);
  }

  /** The whole element, identifier and length included. */
  get encoding(): Bytes {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** A reader of the elements that this one holds. */
  enter(): DerReader {
    return new DerReader(this.#bytes, this.#contentStart, this.#end);
  }
}

/** Reads the elements of `bytes`, or of a part of them, from first to last. Every method throws {@link DerError}. */
export class DerReader {
  readonly #cursor: DerCursor;

  constructor(bytes: Bytes, start = 0, end = bytes.length) {
    this.#cursor = new DerCursor(bytes, start, end);
  }

  /** True when all has been read. */
  get done(): boolean {
    return this.#cursor.isAtEnd;
  }

  /** Identifier byte of the next element; undefined at the end. */
  get tag(): number | undefined {
    return this.#cursor.tag;
  }

  /** The next element, of any type. */
  next(): Element {
    const cursor = this.#cursor;
    const start = cursor.at;
    const contentStart = cursor.skip();
    return new Element(cursor.bytes, start, contentStart, cursor.at);
  }

  /** A SEQUENCE or SEQUENCE OF: a reader of what it holds. */
  sequence(): DerReader {
    return this.#enter(SEQUENCE);
  }

  /** A SEQUENCE as one element, not looked into. */
  wholeSequence(): Element {
    this.#cursor.expect(SEQUENCE);
    return this.next();
  }

  /** A SET or SET OF: a reader of what it holds. */
  set(): DerReader {
    return this.#enter(SET);
  }

  /** [number] around other elements: a reader of them. */
  context(number: number): DerReader {
    return this.#enter(contextTag(number));
  }

  /** As {@link context}; undefined when the next element is another one. */
  optionalContext(number: number): DerReader | undefined {
    return this.tag === contextTag(number) ? this.context(number) : undefined;
  }

  /** [number] IMPLICIT on a primitive type: its content. */
  implicit(number: number): Bytes {
    return this.#contentOf(implicitTag(number));
  }

  /** An OCTET STRING. */
  octetString(): Bytes {
    return this.#contentOf(OCTET_STRING);
  }

  /** An IA5String: ASCII. */
  ia5String(): string {
    const content = this.#contentOf(IA5_STRING);
    if (content.some((byte) => byte > 0x7f)) throw new DerError('IA5String outside its character set');
    return String.fromCharCode(...content);
  }

  /** A BIT STRING of whole bytes. */
  bitString(): Bytes {
    const content = this.#contentOf(BIT_STRING);
    if (content[0] !== 0) throw new DerError('BIT STRING with unused bits');
    return content.subarray(1);
  }

  /** A BOOLEAN DEFAULT FALSE, which DER writes only when it is true. */
  booleanDefaultFalse(): boolean {
    if (this.tag !== BOOLEAN) return false;
    const content = this.#contentOf(BOOLEAN);
    if (content.length !== 1 || content[0] !== 0xff) throw new DerError('BOOLEAN not in DER');
    return true;
  }

  null(): void {
    if (this.#contentOf(NULL).length !== 0) throw new DerError('malformed NULL');
  }

  /**
   * A non-negative INTEGER.
   * @returns its magnitude, big-endian, without the sign byte.
   */
  unsignedInteger(): Bytes {
    const content = this.#contentOf(INTEGER);
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
    const content = this.#contentOf(INTEGER);
    const [value] = content;
    if (content.length !== 1 || value === undefined || value > 0x7f) throw new DerError('INTEGER out of range');
    return value;
  }

  /** An OBJECT IDENTIFIER in dotted form. */
  objectIdentifier(): string {
    const cursor = this.#cursor;
    cursor.expect(OBJECT_IDENTIFIER);
    const start = cursor.skip();
    return readOid(cursor.bytes, start, cursor.at);
  }

  /** The bytes of all elements that are left; they are not read. */
  rest(): Bytes {
    const { bytes, at, end } = this.#cursor;
    return bytes.subarray(at, end);
  }

  /** Makes sure that nothing is left. */
  end(): void {
    if (!this.done) this.#cursor.fail('trailing bytes');
  }

  #enter(tag: number): DerReader {
    const cursor = this.#cursor;
    cursor.expect(tag);
    const contentStart = cursor.skip();
    return new DerReader(cursor.bytes, contentStart, cursor.at);
  }

  #contentOf(tag: number): Bytes {
    const cursor = this.#cursor;
    cursor.expect(tag);
    const contentStart = cursor.skip();
    return cursor.bytes.subarray(contentStart, cursor.at);
  }
}

/**
 * The one SEQUENCE that `bytes` consist of: a reader of what it holds.
 * @throws {DerError} when they are no SEQUENCE, or when bytes follow it.
 */
export function parseSequence(bytes: Bytes): DerReader {
  const reader = new DerReader(bytes);
  const sequence = reader.sequence();
  reader.end();
  return sequence;
}
