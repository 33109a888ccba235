import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseUtf8, utf8 } from '../../../shared/encoding/bytes.ts';
import { EncodingError } from '../../../shared/encoding/error.ts';
import { parseLatin1 } from '../../../shared/encoding/latin1.ts';
import { fromHex } from '../../support/bytes.ts';

describe('UTF-8', () => {
  test('is read as a strict TextDecoder reads it, whatever the bytes', () => {
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const outcome = (read: () => string): string => {
      try {
        return `read: ${read()}`;
      } catch {
        return 'refused';
      }
    };
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).map(utf8);
    const damaged = fc
      .tuple(text, fc.nat(), fc.nat(255))
      .map(([bytes, at, byte]) => bytes.with(at % bytes.length, byte));
    const bytes = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(fc.oneof(text, bytes, damaged), (input) => {
        expect(outcome(() => parseUtf8(input))).toBe(outcome(() => strict.decode(input)));
      }),
    );
  });

  test.each([
    ['a byte that begins nothing', 'ff'],
    ['a character that is cut off', 'e282'],
    ['a zero in two bytes', 'c080'],
    ['a surrogate', 'eda080'],
    ['a pair of surrogates', 'eda080edb080'],
    ['a character beyond Unicode', 'f4908080'],
  ])('has not %s', (_, digits) => {
    expect(() => parseUtf8(fromHex(digits))).toThrow(EncodingError);
  });
});

test('ISO 8859-1 is one character a byte, of texts of any length', () => {
  const bytes = Uint8Array.from({ length: 300_000 }, (_, at) => at % 256);
  const text = parseLatin1(bytes);
  expect(text).toHaveLength(bytes.length);
  expect(Uint8Array.from(text, (character) => character.charCodeAt(0))).toEqual(bytes);
});
