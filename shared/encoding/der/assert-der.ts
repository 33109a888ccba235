/**
 * The rules of DER for elements that no reader reads by their type (X.690 10 and 11). What needs to know more of a type
 * than its tag is not looked at: defaults that are written out, the form of times, character sets.
 */

import { tryParse } from '../error.ts';
import { DerError } from './error.ts';
import { parseOid } from './oid.ts';
import type { DerReader, Element } from './reader.ts';
import { BIT_STRING, BOOLEAN, CONSTRUCTED, INTEGER, NULL, OBJECT_IDENTIFIER, SET, TAG_CLASS } from './tag.ts';

const ENUMERATED = 0x0a;
/** EXTERNAL, EMBEDDED PDV, SEQUENCE, SET, CHARACTER STRING: the universal types that hold other elements. */
const CONSTRUCTED_TAGS = [0x28, 0x2b, 0x30, 0x31, 0x3d];

/** Elements inside of elements: attributes of real CSRs have some eight levels. */
const MAX_DEPTH = 16;

/**
 * Looks at all elements that are left, at any depth.
 * @param isSet true when they are those of a SET OF.
 * @throws {DerError} when one is not in DER, or lies deeper than 16 levels.
 */
export function assertDer(reader: DerReader, isSet = false, depth = MAX_DEPTH): void {
  let previous: Element | undefined;
  while (!reader.done) {
    const element = reader.next();
    if (depth === 0) throw new DerError(`elements nested more than ${MAX_DEPTH} deep at byte ${element.offset}`);
    assertForm(element);
    if (isSet && previous !== undefined && isOutOfOrder(previous, element)) {
      throw new DerError(`SET not in its order at byte ${element.offset}`);
    }
    previous = element;
    if (element.isConstructed) assertDer(element.enter(), element.tag === SET, depth - 1);
  }
}

/** Contents of the universal types that have more than one encoding in BER, by their tags. */
const CONTENTS: Readonly<Record<number, (content: Uint8Array<ArrayBuffer>) => boolean>> = {
  [BOOLEAN]: ({ length, 0: value }) => length === 1 && (value === 0 || value === 0xff),
  [INTEGER]: isShortestInteger,
  [ENUMERATED]: isShortestInteger,
  [BIT_STRING]: hasZeroPadding,
  [NULL]: ({ length }) => length === 0,
  [OBJECT_IDENTIFIER]: (content) => tryParse(() => parseOid(content)) !== undefined,
};

function assertForm({ tag, content, offset, isConstructed }: Element): void {
  if ((tag & TAG_CLASS) !== 0) return;
  const isRight = tag !== 0 && CONSTRUCTED_TAGS.includes(tag | CONSTRUCTED) === isConstructed;
  if (!isRight || CONTENTS[tag]?.(content) === false) {
    throw new DerError(`element of tag 0x${tag.toString(16).padStart(2, '0')} not in DER at byte ${offset}`);
  }
}

/** X.690 8.3.2. */
function isShortestInteger([first, second]: Uint8Array): boolean {
  if (first === undefined) return false;
  if (second === undefined) return true;
  return !(first === 0 && second < 0x80) && !(first === 0xff && second >= 0x80);
}

/** X.690 8.6.2 and 11.2.1. */
function hasZeroPadding(content: Uint8Array): boolean {
  const [unused = 8] = content;
  if (unused > 7) return false;
  return content.length === 1 ? unused === 0 : ((content[content.length - 1] ?? 0) & ((1 << unused) - 1)) === 0;
}

/** By encodings (SET OF, X.690 11.6), and for elements of several tags also by tags (SET, 10.3). */
function isOutOfOrder(first: Element, second: Element): boolean {
  return (first.tag & ~CONSTRUCTED) >= (second.tag & ~CONSTRUCTED) && compareBytes(first.encoding, second.encoding) > 0;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
