import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../../shared/encoding/bytes.ts';
import { DerError } from '../../../../shared/encoding/der/error.ts';
import { DerReader } from '../../../../shared/encoding/der/reader.ts';
import { GENERALIZED_TIME, UTC_TIME } from '../../../../shared/encoding/der/tag.ts';
import { encodeTime, parseTime } from '../../../../shared/encoding/der/time.ts';
import { element, encode } from '../../../../shared/encoding/der/writer.ts';

const parse = (tag: number, text: string): number => parseTime(new DerReader(encode(element(tag, utf8(text)))));

test('a time is read back to the second, from 1950 to 9999', () => {
  const time = fc.integer({ min: Date.UTC(1950, 0), max: Date.UTC(9999, 11, 31, 23, 59, 59) });
  fc.assert(
    fc.property(time, (time) => {
      expect(parseTime(new DerReader(encode(encodeTime(time))))).toBe(Math.floor(time / 1000) * 1000);
    }),
  );
});

test.each([
  [UTC_TIME, '491231235959Z', '2049-12-31T23:59:59Z'],
  [UTC_TIME, '500101000000Z', '1950-01-01T00:00:00Z'],
  [GENERALIZED_TIME, '20500101000000Z', '2050-01-01T00:00:00Z'],
  [GENERALIZED_TIME, '20000229120000Z', '2000-02-29T12:00:00Z'],
])('tag %i, %s is %s', (tag, text, expected) => {
  expect(parse(tag, text)).toBe(Date.parse(expected));
});

describe('is no time:', () => {
  test.each([
    [UTC_TIME, '2701010000Z'],
    [UTC_TIME, '270101000000+0100'],
    [UTC_TIME, '20270101000000Z'],
    [UTC_TIME, '270230000000Z'],
    [UTC_TIME, '271301000000Z'],
    [UTC_TIME, '270001000000Z'],
    [UTC_TIME, '270100000000Z'],
    [UTC_TIME, '270101240000Z'],
    [UTC_TIME, '270101006000Z'],
    [UTC_TIME, '270101000060Z'],
    [UTC_TIME, '27010100000 Z'],
    [GENERALIZED_TIME, '270101000000Z'],
    [GENERALIZED_TIME, '20270229000000Z'],
    [GENERALIZED_TIME, '20270101000000.5Z'],
    [0x0c, '270101000000Z'],
  ])('tag %i, %j', (tag, text) => {
    expect(() => parse(tag, text)).toThrow(DerError);
  });
});
