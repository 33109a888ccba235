/**
 * Reading DER (X.690 section 10), strictly: definite lengths in their shortest form, single-byte tags, nothing left
 * over. Nothing is copied: elements know where they are in the input, and give views into it when asked.
 */

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
  TAG_NUMBER,
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

const hexOf = (byte: number | undefined): string =>
  byte === undefined ? 'the end' : `0x${byte.toString(16).padStart(2, '0')}`;

/** Reads the elements of `bytes`, or of a part of them, from first to last. Every method throws {@link DerError}. */
export class DerReader {
  readonly #bytes: Bytes;
  readonly #end: number;
  #at: number;

  constructor(bytes: Bytes, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** True when all has been read. */
  get done(): boolean {
    return this.#at === this.#end;
  }

  /** Identifier byte of the next element; undefined at the end. */
  get tag(): number | undefined {
    return this.done ? undefined : this.#bytes[this.#at];
  }

  /** The next element, of any type. */
  next(): Element {
    const start = this.#at;
    const contentStart = this.#skip();
    return new Element(this.#bytes, start, contentStart, this.#at);
  }

  /** A SEQUENCE or SEQUENCE OF: a reader of what it holds. */
  sequence(): DerReader {
    return this.#enter(SEQUENCE);
  }

  /** A SEQUENCE as one element, not looked into. */
  wholeSequence(): Element {
    this.#expect(SEQUENCE);
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
    this.#expect(OBJECT_IDENTIFIER);
    const start = this.#skip();
    return readOid(this.#bytes, start, this.#at);
  }

  /** The bytes of all elements that are left; they are not read. */
  rest(): Bytes {
    return this.#bytes.subarray(this.#at, this.#end);
  }

  /** Makes sure that nothing is left. */
  end(): void {
    if (!this.done) this.#fail('trailing bytes', this.#at);
  }

  #expect(tag: number): void {
    if (this.tag !== tag) this.#fail(`expected tag ${hexOf(tag)}, found ${hexOf(this.tag)}`, this.#at);
  }

  /** @param at the byte of the input that the fault is at. */
  #fail(fault: string, at: number): never {
    throw new DerError(`${fault} at byte ${at}`);
  }

  #enter(tag: number): DerReader {
    this.#expect(tag);
    const contentStart = this.#skip();
    return new DerReader(this.#bytes, contentStart, this.#at);
  }

  #contentOf(tag: number): Bytes {
    this.#expect(tag);
    const contentStart = this.#skip();
    return this.#bytes.subarray(contentStart, this.#at);
  }

  /** Goes past the next element. @returns where its content begins; it ends where the reader then is. */
  #skip(): number {
    const start = this.#at;
    const tag = this.#byte();
    if ((tag & TAG_NUMBER) === TAG_NUMBER) this.#fail('tag of several bytes', start);
    const length = this.#length();
    const contentStart = this.#at;
    if (length > this.#end - contentStart) this.#fail('element longer than the one around it', start);
    this.#at += length;
    return contentStart;
  }

  #byte(): number {
    const byte = this.tag;
    if (byte === undefined) this.#fail('unexpected end', this.#at);
    this.#at++;
    return byte;
  }

  #length(): number {
    const start = this.#at;
    const first = this.#byte();
    if (first < 0x80) return first;
    const bytes = first & 0x7f;
    if (bytes === 0) this.#fail('indefinite length', start);
    if (bytes > 4) this.#fail('length out of range', start);
    let length = 0;
    for (let i = 0; i < bytes; i++) length = length * 256 + this.#byte();
    if (length < 0x80 || length < 256 ** (bytes - 1)) this.#fail('length not in its shortest form', start);
    return length;
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
