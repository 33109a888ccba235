/**
 * The fields `Signature-Input` and `Signature` (RFC 9421 4) as dictionaries of RFC 8941, read in the one form that its
 * section 4.1 has senders write. Own code and no library, because every byte of it is downloaded by browsers and every
 * write waits for it.
 */

import { parseBase64 } from '../encoding/base64.ts';
import { EncodingError } from '../encoding/error.ts';

/** The signature fields are not those of this protocol. */
export class HttpSignatureError extends EncodingError {
  override name = 'HttpSignatureError';
}

/** Stands for a token, which this protocol has no use for, and which is no string. */
const ANY_TOKEN = Symbol('token');

/** A bare item of RFC 8941 3.3: a string, a number, a boolean, bytes, or a token. */
type BareItem = string | number | boolean | Uint8Array<ArrayBuffer> | typeof ANY_TOKEN;

/** Parameters, each name once. */
export type Parameters = readonly (readonly [name: string, value: BareItem])[];

export interface InnerList {
  readonly items: readonly (readonly [BareItem, Parameters])[];
  readonly parameters: Parameters;
  /** The list as it is serialised. */
  readonly text: string;
}

/** @returns the value of a parameter; undefined when there is none of that name. */
export function parameterOf(parameters: Parameters, name: string): BareItem | undefined {
  for (const [each, value] of parameters) if (each === name) return value;
  return undefined;
}

/** Maximum length of a field, in characters: an answer may have many fields. */
const MAX_FIELD_LENGTH = 8192;

/**
 * @returns the inner list under the label.
 * @throws {HttpSignatureError} when there is not just one, or the field is malformed.
 */
export function parseInnerList(field: string, label: string): InnerList {
  const member = findMember(field, label);
  if (!('items' in member)) throw new HttpSignatureError('not a list of components');
  return member;
}

/**
 * @returns the bytes under the label.
 * @throws {HttpSignatureError} when there are not just one time bytes, or the field is malformed.
 */
export function parseBytes(field: string, label: string): Uint8Array<ArrayBuffer> {
  const member = findMember(field, label);
  if ('items' in member || !(member.item instanceof Uint8Array) || member.parameters.length > 0) {
    throw new HttpSignatureError('not the bytes of a signature');
  }
  return member.item;
}

type Member = InnerList | { readonly item: BareItem; readonly parameters: Parameters };

function findMember(field: string, label: string): Member {
  if (field.length > MAX_FIELD_LENGTH) throw new HttpSignatureError('signature field too long');
  const reader = new FieldReader(field);
  let found: Member | undefined;
  do {
    const key = reader.key();
    const member = reader.member();
    if (key !== label) continue;
    // The last of two members would win (RFC 8941 4.2.2): a signature that is doubled is refused instead.
    if (found !== undefined) throw new HttpSignatureError('signature twice');
    found = member;
  } while (reader.comma());
  if (found === undefined) throw new HttpSignatureError('no signature');
  return found;
}

const NUMBER = /-?[0-9]{1,15}(?:\.[0-9]{1,3})?/y;
const COMMA = /[ \t]*,[ \t]*/y;
const STRING = /"(?:[ !#-[\]-~]|\\["\\])*"/y;
const BYTES = /:[A-Za-z0-9+/]*={0,2}:/y;
const BOOLEAN = /\?[01]/y;
const TOKEN = /[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*/y;
const KEY = /[a-z*][a-z0-9_.*-]*/y;
/** As many as every reader has to take (RFC 8941 3.1.2). */
const MAX_PARAMETERS = 256;

/** Reads a dictionary from first to last. Every method throws {@link HttpSignatureError}. */
class FieldReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  key(): string {
    return this.#take(KEY);
  }

  /** The value of a member with its parameters (RFC 8941 3.2). */
  member(): Member {
    if (this.#next() !== '=') return { item: true, parameters: this.#parameters() };
    this.#at++;
    if (this.#next() === '(') return this.#innerList();
    return { item: this.#item(), parameters: this.#parameters() };
  }

  /** @returns false at the end. */
  comma(): boolean {
    if (this.#at === this.#text.length) return false;
    this.#take(COMMA);
    return true;
  }

  #innerList(): InnerList {
    const start = this.#at++;
    const items: (readonly [BareItem, Parameters])[] = [];
    while (this.#next() !== ')') {
      if (items.length > 0) this.#expect(' ');
      items.push([this.#item(), this.#parameters()]);
    }
    this.#at++;
    const parameters = this.#parameters();
    return { items, parameters, text: this.#text.slice(start, this.#at) };
  }

  #parameters(): Parameters {
    const parameters: (readonly [string, BareItem])[] = [];
    while (this.#next() === ';') {
      this.#at++;
      const key = this.key();
      if (parameters.length === MAX_PARAMETERS || parameterOf(parameters, key) !== undefined) {
        throw new HttpSignatureError('parameter twice or too many');
      }
      const hasValue = this.#next() === '=';
      if (hasValue) this.#at++;
      parameters.push([key, hasValue ? this.#item() : true]);
    }
    return parameters;
  }

  #item(): BareItem {
    const first = this.#next();
    if (first === '"') return this.#string();
    if (first === ':') return parseBase64(this.#take(BYTES).slice(1, -1));
    if (first === '?') return this.#take(BOOLEAN) === '?1';
    if (first === '-' || (first >= '0' && first <= '9')) return Number(this.#take(NUMBER));
    this.#take(TOKEN);
    return ANY_TOKEN;
  }

  #string(): string {
    const start = this.#at + 1;
    let end = start;
    while (isPlain(this.#text.charCodeAt(end))) end++;
    if (this.#text[end] !== '"') return unescaped(this.#take(STRING).slice(1, -1));
    this.#at = end + 1;
    return this.#text.slice(start, end);
  }

  /** The next character; an empty text at the end. */
  #next(): string {
    return this.#text.charAt(this.#at);
  }

  #expect(character: string): void {
    if (this.#next() !== character) throw new HttpSignatureError('signature field malformed');
    this.#at++;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) throw new HttpSignatureError('signature field malformed');
    const start = this.#at;
    this.#at = pattern.lastIndex;
    return this.#text.slice(start, this.#at);
  }
}

/** True for a character that stands for itself in a string. */
const isPlain = (code: number): boolean => code >= 0x20 && code <= 0x7e && code !== 0x22 && code !== 0x5c;

const unescaped = (text: string): string => (text.includes('\\') ? text.replace(/\\(.)/g, '$1') : text);
