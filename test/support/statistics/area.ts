/**
 * How well two sides can be told apart by one figure: the area under the ROC curve. 0.5 is not at all, 1 is always. It is
 * the probability that a value of ours is above one of theirs; ties count half (Mann and Whitney 1947).
 */

import { countOurs, type Labels } from './labels.ts';
import { createRandom, shuffle } from './random.ts';

/** @returns below 0.5 where theirs are above ours. */
export function areaUnderRoc(values: ArrayLike<number>, labels: Labels): number {
  const ranks = ranksOf(values);
  let rankSum = 0;
  for (const [at, isOurs] of labels.isOurs.entries()) if (isOurs) rankSum += ranks[at] ?? 0;
  return areaOfRankSum(rankSum, countOurs(labels), values.length);
}

/** @returns the same for an adversary who is free to guess the other way round: 0.5 to 1. */
export function areaEitherWay(values: ArrayLike<number>, labels: Labels): number {
  const area = areaUnderRoc(values, labels);
  return Math.max(area, 1 - area);
}

const areaOfRankSum = (rankSum: number, ours: number, all: number): number =>
  ours === 0 || ours === all ? 0.5 : (rankSum - (ours * (ours + 1)) / 2) / (ours * (all - ours));

/** Ranks from 1 up. Equal values share the mean of theirs. */
function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, at) => at).sort(
    (a, b) => at(values, a) - at(values, b),
  );
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && at(values, order[end]) === at(values, order[start])) end++;
    for (let place = start; place < end; place++) ranks[order[place] ?? 0] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}

const at = (values: ArrayLike<number>, place = 0): number => values[place] ?? 0;

/** Standard deviations beyond which chance is ruled out: one comparison in 16,000. */
const DEVIATIONS = 4;
const RELABELLINGS = 400;

/**
 * The area that chance stays below. Whole groups are dealt to the two sides at random, many times, so that a value which
 * all answers to one GUID share counts once.
 */
export function chanceArea(values: ArrayLike<number>, labels: Labels): number {
  const ranks = ranksOf(values);
  const groups = new Map<number, { rankSum: number; count: number }>();
  for (const [place, group] of labels.groups.entries()) {
    const { rankSum, count } = groups.get(group) ?? { rankSum: 0, count: 0 };
    groups.set(group, { rankSum: rankSum + (ranks[place] ?? 0), count: count + 1 });
  }
  const dealt = [...groups.values()];
  const ours = countOurs(labels);
  const random = createRandom(1);
  let squares = 0;
  for (let time = 0; time < RELABELLINGS; time++) {
    let [rankSum, count] = [0, 0];
    for (const group of shuffle(dealt, random)) {
      if (count >= ours) break;
      rankSum += group.rankSum;
      count += group.count;
    }
    squares += (areaOfRankSum(rankSum, count, values.length) - 0.5) ** 2;
  }
  return 0.5 + DEVIATIONS * Math.sqrt(squares / RELABELLINGS);
}
