import { expect, test } from 'vitest';
import { chiSquared } from '../../../support/statistics/chi-squared.ts';
import { createRandom } from '../../../support/statistics/random.ts';
import { croppedT, welchT } from '../../../support/statistics/welch.ts';

const random = createRandom(2);
const COUNT = 2000;
const LABELS = {
  isOurs: Array.from({ length: 2 * COUNT }, (_, at) => at < COUNT),
  groups: Array.from({ length: 2 * COUNT }, (_, at) => at),
};
const bins = () => Array.from({ length: COUNT }, () => Math.floor(random() * 16));

test('chi-squared of one distribution is what chance gives, and tells a missing bin', () => {
  for (let run = 0; run < 20; run++) {
    const { perDegree, chance } = chiSquared([...bins(), ...bins()], LABELS);
    expect(perDegree).toBeLessThan(chance);
  }
  const { perDegree, chance } = chiSquared([...bins(), ...bins().map((bin) => bin | 1)], LABELS);
  expect(perDegree).toBeGreaterThan(chance);
});

test("Welch's t is as worked out by hand", () => {
  // Means 2 and 4, variances 1 and 4, three each: -2 / sqrt(5 / 3).
  expect(welchT([1, 2, 3], [2, 4, 6])).toBeCloseTo(-1.5492, 4);
});

const noisy = (more = 0) => Array.from({ length: 5000 }, () => 100 + random() + more + (random() < 0.03 ? 900 : 0));

test('times of one distribution stay below 4.5', () => {
  for (let run = 0; run < 10; run++) expect(croppedT(noisy(), noisy())).toBeLessThan(4.5);
});

test('a difference that long tails hide is found once they are cropped', () => {
  const [a, b] = [noisy(), noisy(0.1)];
  expect(Math.abs(welchT(a, b))).toBeLessThan(4.5);
  expect(croppedT(a, b)).toBeGreaterThan(4.5);
});
