/**
 * The shape of a credential: all of it that outsiders see, or could measure. Decoys have the shapes of credentials that
 * there are, as often as those have them.
 */

import { encodeBase64 } from '../../../shared/encoding/base64.ts';
import { utf8 } from '../../../shared/encoding/bytes.ts';
import { DerReader } from '../../../shared/encoding/der/reader.ts';
import {
  BMP_STRING,
  CONSTRUCTED,
  IA5_STRING,
  NUMERIC_STRING,
  PRINTABLE_STRING,
  TELETEX_STRING,
  UTF8_STRING,
  VISIBLE_STRING,
} from '../../../shared/encoding/der/tag.ts';
import { parseSubjectAltName } from '../../../shared/protocol/subject-alt-name.ts';
import { type Weighted, weigh } from '../../../shared/protocol/weighted-draw.ts';
import { parseExtensions, SUBJECT_ALT_NAME } from '../../../shared/x509/extensions.ts';
import { parseSubjectTemplate, type SubjectTemplate } from '../issuance/subject-template.ts';

export interface Shape {
  /** A curve, or `RSA-` and a number of bits. */
  readonly keyType: string;
  /** DER of the device's Name in base64, with all text made the same. */
  readonly subject: string;
  /** Bytes of the owner's name. */
  readonly owner: number;
  /** Bytes of each scope. */
  readonly scopes: readonly number[];
}

/** The shape of decoys before there is any credential: that of the client library's defaults. */
export const FIRST_SHAPES = weigh<Shape>([{ keyType: 'P-256', subject: 'MAA=', owner: 6, scopes: [4, 5] }]);

/** @throws {DerError} when it is no template. */
export function shapeOf(keyType: string, template: SubjectTemplate): Shape {
  const { subject, extensions } = parseSubjectTemplate(template);
  const subjectAltName = parseExtensions(new DerReader(extensions)).get(SUBJECT_ALT_NAME)?.value;
  const { owner, scopes } = parseSubjectAltName(subjectAltName ?? new Uint8Array(0));
  return {
    keyType,
    subject: encodeBase64(withoutText(subject)),
    owner: utf8(owner).length,
    scopes: scopes.map((scope) => utf8(scope).length),
  };
}

/** Zero as a digit, which all types of strings have. */
const FILLER = 0x30;
const STRING_TYPES: readonly number[] = [
  UTF8_STRING,
  NUMERIC_STRING,
  PRINTABLE_STRING,
  TELETEX_STRING,
  IA5_STRING,
  VISIBLE_STRING,
  BMP_STRING,
];

/** @returns a copy of a Name whose texts are filled with one character. */
function withoutText(name: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const copy = name.slice();
  fill(new DerReader(copy));
  return copy;
}

function fill(elements: DerReader): void {
  while (!elements.done) {
    const element = elements.next();
    if ((element.tag & CONSTRUCTED) !== 0) fill(element.enter());
    else if (STRING_TYPES.includes(element.tag)) element.content.fill(FILLER);
  }
}

/** Shares of the types of keys among shapes; they add up to 1. */
export function keyTypeShares(shapes: readonly Weighted<Shape>[]): Map<string, number> {
  const shares = new Map<string, number>();
  const total = shapes.reduce((sum, { weight }) => sum + weight, 0);
  for (const { value, weight } of shapes) {
    shares.set(value.keyType, (shares.get(value.keyType) ?? 0) + weight / total);
  }
  return shares;
}
