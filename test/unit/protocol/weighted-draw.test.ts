import { expect, test } from 'vitest';
import { drawWeighted, weigh } from '../../../shared/protocol/weighted-draw.ts';

const seeds = Array.from(crypto.getRandomValues(new Int32Array(2000)));

test('equal values are gathered', () => {
  expect(weigh([{ a: 1 }, { a: 2 }, { a: 1 }]).map(({ value, weight }) => [value.a, weight])).toEqual([
    [1, 2],
    [2, 1],
  ]);
});

test('each value is drawn as often as it was there, and the same one each time for a seed', () => {
  const choices = weigh(['a', 'b', 'b', 'b']);
  const drawn = seeds.map((seed) => drawWeighted(choices, seed));
  expect(seeds.map((seed) => drawWeighted(choices, seed))).toEqual(drawn);
  // A quarter of 2,000, within six standard deviations of 19.4.
  expect(Math.abs(drawn.filter((value) => value === 'a').length - 500)).toBeLessThan(117);
});

test('a value that comes or goes changes the draw of no seed but its own', () => {
  const [less, more] = [weigh(['a', 'b']), weigh(['b', 'c', 'a'])];
  for (const seed of seeds) {
    const [before, after] = [drawWeighted(less, seed), drawWeighted(more, seed)];
    if (after !== 'c') expect(after).toBe(before);
  }
  expect(seeds.some((seed) => drawWeighted(more, seed) === 'c')).toBe(true);
});

test('of nothing nothing is drawn', () => {
  expect(() => drawWeighted([], 1)).toThrow(TypeError);
});
