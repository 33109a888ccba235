import { describe, expect, test } from 'vitest';
import { areaEitherWay, areaUnderRoc, chanceArea, isOfGroups } from '../../../support/statistics/area.ts';
import { classify } from '../../../support/statistics/classifier.ts';
import type { Labels } from '../../../support/statistics/labels.ts';
import { scoreNames } from '../../../support/statistics/names.ts';
import { createRandom } from '../../../support/statistics/random.ts';

const COUNT = 2000;
const random = createRandom(1);

/** @param perGroup number of rows of each group. */
const labels = (ours: number, theirs: number, perGroup = 1): Labels => ({
  isOurs: Array.from({ length: ours + theirs }, (_, at) => at < ours),
  groups: Array.from({ length: ours + theirs }, (_, at) => Math.floor(at / perGroup)),
});
const BOTH = labels(COUNT, COUNT);
const evenly = (from = 0) => Array.from({ length: COUNT }, () => from + random());

test('values that are the same in a group tell no more when there are more of them', () => {
  const PER_GROUP = 20;
  const of = labels(COUNT, COUNT, PER_GROUP);
  const byGroup = Array.from({ length: (2 * COUNT) / PER_GROUP }, () => random());
  expect(
    isOfGroups(
      of.groups.map((group) => byGroup[group] ?? 0),
      of,
    ),
  ).toBe(true);
  expect(isOfGroups([...evenly(), ...evenly()], of)).toBe(false);
});

describe('the area under the ROC curve', () => {
  test('is 1 where the values are apart, and 0 where they are so the other way round', () => {
    expect(areaUnderRoc([3, 4, 1, 2], labels(2, 2))).toBe(1);
    expect(areaUnderRoc([1, 2, 3, 4], labels(2, 2))).toBe(0);
    expect(areaEitherWay([1, 2, 3, 4], labels(2, 2))).toBe(1);
  });

  test('is 0.5 where all are equal', () => {
    expect(areaUnderRoc([5, 5, 5, 5, 5], labels(3, 2))).toBe(0.5);
  });

  test('counts ties half', () => {
    // Of the four pairs one is above, two are ties.
    expect(areaUnderRoc([1, 2, 1, 1], labels(2, 2))).toBe(0.75);
  });

  test('of two even distributions, one a tenth above the other, is what it should be', () => {
    // 1 - (1 - d)^2 / 2 with d = 0.1.
    expect(Math.abs(areaUnderRoc([...evenly(0.1), ...evenly()], BOTH) - 0.595)).toBeLessThan(0.03);
  });
});

describe('what chance gives', () => {
  test('is not passed by one distribution, and is near what theory has for it', () => {
    for (let run = 0; run < 20; run++) {
      const values = [...evenly(), ...evenly()];
      expect(areaEitherWay(values, BOTH)).toBeLessThan(chanceArea(values, BOTH));
    }
    // Four deviations of sqrt((m + n + 1) / (12 m n)).
    expect(Math.abs(chanceArea([...evenly(), ...evenly()], BOTH) - 0.5365)).toBeLessThan(0.006);
  });

  test('is more where all values of a group are the same', () => {
    const grouped = labels(COUNT, COUNT, 20);
    const perGroup = Array.from({ length: COUNT / 10 }, random);
    const values = grouped.groups.map((group) => perGroup[group] ?? 0);
    // As if there were a twentieth of the rows.
    expect(Math.abs(chanceArea(values, grouped) - 0.663)).toBeLessThan(0.03);
  });

  test('is 0.5 where all values are the same', () => {
    expect(chanceArea(Array(2 * COUNT).fill(7), BOTH)).toBe(0.5);
  });
});

describe('names', () => {
  const areaOfNames = (names: readonly string[], of: Labels) => areaUnderRoc(scoreNames(names, of), of);
  const some = (...names: string[]) => Array.from({ length: COUNT }, (_, at) => names[at % names.length] ?? '');

  test('that are the same tell nothing, those of one side only tell all', () => {
    expect(areaOfNames([...some('a'), ...some('a')], BOTH)).toBe(0.5);
    expect(areaOfNames([...some('a'), ...some('b')], BOTH)).toBe(1);
  });

  test('tell by their shares', () => {
    expect(Math.abs(areaOfNames([...some('a', 'b'), ...some('a')], BOTH) - 0.75)).toBeLessThan(0.01);
  });

  test('of which each row has its own tell nothing', () => {
    const names = BOTH.isOurs.map((_, at) => String(at));
    expect(areaOfNames(names, BOTH)).toBe(0.5);
  });

  test('that a group has to itself tell nothing of other groups', () => {
    const grouped = labels(COUNT, COUNT, 20);
    expect(areaOfNames(grouped.groups.map(String), grouped)).toBe(0.5);
  });

  test('out of many, of which one side has only a few, tell', () => {
    const drawn = (of: number) => Array.from({ length: COUNT }, () => String(Math.floor(random() * of)));
    expect(areaOfNames([...drawn(1024), ...drawn(64)], BOTH)).toBeGreaterThan(0.9);
    expect(Math.abs(areaOfNames([...drawn(1024), ...drawn(1024)], BOTH) - 0.5)).toBeLessThan(0.0365);
  });
});

describe('the classifier', () => {
  const areaOfClassifier = (columns: readonly number[][], of = BOTH) => areaEitherWay(classify(columns, of), of);
  const both = (shift: number) => [...evenly(shift), ...evenly()];

  test('finds nothing where there is nothing', () => {
    const steps = both(0).map((value) => Math.floor(value * 3));
    expect(areaOfClassifier([both(0), both(0), steps])).toBeLessThan(0.5365);
  });

  test('finds one feature among others', () => {
    expect(areaOfClassifier([both(0), both(0.3), Array(2 * COUNT).fill(7)])).toBeGreaterThan(0.7);
  });

  test('finds two that tell more together than either does', () => {
    const [first, second] = [both(0.2), both(0.2)];
    expect(areaOfClassifier([first, second])).toBeGreaterThan(areaUnderRoc(first, BOTH) + 0.03);
  });

  test('learns no group by heart', () => {
    const grouped = labels(COUNT, COUNT, 100);
    const perGroup = Array.from({ length: COUNT / 50 }, random);
    const values = grouped.groups.map((group) => perGroup[group] ?? 0);
    expect(areaOfClassifier([values], grouped)).toBeLessThan(chanceArea(values, grouped));
  });
});
