import { expect, test } from 'vitest';
import { padme } from '../../../shared/protocol/padding.ts';

test('Padmé adds at most 12 percent, and leaves a length few values', () => {
  const lengths = Array.from({ length: 100_000 }, (_, at) => at + 1);
  const outside = lengths.filter((length) => padme(length) < length || padme(length) > length * 1.12 + 1);
  expect(outside).toEqual([]);
  expect(new Set(lengths.map(padme)).size).toBeLessThan(200);
  // Worked by hand from the paper's algorithm: E = 9, S = 4, so that the last five bits are zero.
  expect(padme(1000)).toBe(1024);
  expect(padme(513)).toBe(544);
});
