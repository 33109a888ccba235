import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { EncodingError } from '../../../shared/encoding/error.ts';
import { isLatin1, parseLatin1, writeLatin1 } from '../../../shared/encoding/latin1.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** Lengths on both sides of those from which on the platform's codecs are asked. */
const LENGTHS = [0, 1, 23, 24, 63, 64, 65, 300];
const everyByte = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 7) % 256);
const charactersOf = (bytes: Uint8Array) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');

test('every byte is the character of its number', () => {
  for (const length of LENGTHS) {
    const bytes = everyByte(length);
    const out = new Uint8Array(length + 2).fill(9);
    expect(parseLatin1(bytes)).toBe(charactersOf(bytes));
    writeLatin1(charactersOf(bytes), out, 1);
    expect([...out]).toEqual([9, ...bytes, 9]);
  }
});

test('texts are written and read back as they were', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const out = new Uint8Array(bytes.length);
      writeLatin1(parseLatin1(bytes), out, 0);
      expect(out).toEqual(bytes);
    }),
  );
});

test('bytes behind a text stay as they were, where its UTF-8 would be longer', () => {
  const out = new Uint8Array(200);
  writeLatin1('é'.repeat(100), out, 0);
  expect(out.subarray(0, 100).every((byte) => byte === 0xe9)).toBe(true);
  expect(out.subarray(100).every((byte) => byte === 0)).toBe(true);
});

test('a text that does not fit is refused', () => {
  expect(() => writeLatin1('abc', new Uint8Array(3), 1)).toThrow(EncodingError);
});

test('other texts are told', () => {
  expect([isLatin1(''), isLatin1('\0\xff'), isLatin1('\u0100'), isLatin1('😀')]).toEqual([true, true, false, false]);
});

test('it reads where the platform decodes UTF-8 only', async () => {
  const asked: string[] = [];
  class Utf8Only extends TextDecoder {
    constructor(label = 'utf-8') {
      asked.push(label);
      if (label !== 'utf-8') throw new RangeError(`unknown encoding ${label}`);
      super(label);
    }
  }
  vi.stubGlobal('TextDecoder', Utf8Only);
  vi.resetModules();
  const { parseLatin1: parse } = await import('../../../shared/encoding/latin1.ts');
  const bytes = everyByte(300);
  expect(parse(bytes)).toBe(charactersOf(bytes));
  expect(asked).toContain('latin1');
});
