/**
 * How well two sides can be told apart by one figure: the area under the ROC curve. 0.5 is not at all, 1 is always. It is
 * the probability that a value of ours is above one of theirs; ties count half (Mann and Whitney 1947).
 */

import { countGroups, countOurs, type Labels } from './labels.ts';

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

/**
 * The area that chance stays below, if whole groups are dealt to the two sides at random: a value that all answers to one
 * GUID share counts once. The deviation of a sum over groups that are drawn without replacement (Cochran 1977, 2.4).
 */
export function chanceArea(values: ArrayLike<number>, labels: Labels): number {
  const ranks = ranksOf(values);
  const meanRank = (values.length + 1) / 2;
  const groups = new Map<number, number>();
  for (const [place, group] of labels.groups.entries()) {
    groups.set(group, (groups.get(group) ?? 0) + (ranks[place] ?? 0) - meanRank);
  }
  const ours = countOurs(labels);
  const { ours: drawn, theirs: left } = countGroups(labels);
  if (drawn === 0 || left === 0) return 0.5;
  let squares = 0;
  for (const deviation of groups.values()) squares += deviation ** 2;
  const all = drawn + left;
  const variance = ((drawn * left) / (all * (all - 1))) * squares;
  return 0.5 + (DEVIATIONS * Math.sqrt(variance)) / (ours * (values.length - ours));
}

/** How much more chance may give in whole groups than in single values, where more values of the same groups would help. */
const MOST_OF_VALUES = 1.5;

/** True where the values of one group are so alike that more of them would tell no more. */
export function isOfGroups(values: ArrayLike<number>, labels: Labels): boolean {
  const apart = { isOurs: labels.isOurs, groups: labels.isOurs.map((_, at) => at) };
  return chanceArea(values, labels) - 0.5 > MOST_OF_VALUES * (chanceArea(values, apart) - 0.5);
}
