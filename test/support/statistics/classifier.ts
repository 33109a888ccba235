/** One guess by all figures together: boosted stumps (Friedman 2001). */

import { FOLDS, foldsOf, type Labels } from './labels.ts';

const BINS = 16;
const ROUNDS = 40;
const SHRINKAGE = 0.2;

/**
 * @param columns the figures, each a column with a value for each row.
 * @returns a score for each row, of stumps that were trained on the other folds.
 */
export function classify(columns: readonly ArrayLike<number>[], labels: Labels): Float64Array {
  const bins = columns.map(binned);
  const folds = foldsOf(labels);
  const rows = Uint32Array.from(labels.isOurs, (_, at) => at);
  const scores = new Float64Array(rows.length);
  for (let fold = 0; fold < FOLDS; fold++) {
    const training = rows.filter((at) => folds[at] !== fold);
    for (const { feature, bin, below, above } of boost(bins, labels.isOurs, training)) {
      for (const at of rows) {
        if (folds[at] === fold) scores[at] = (scores[at] ?? 0) + ((bins[feature]?.[at] ?? 0) <= bin ? below : above);
      }
    }
  }
  return scores;
}

/** A tree of one question. */
interface Stump {
  readonly feature: number;
  /** Values up to this bin get `below`. */
  readonly bin: number;
  readonly below: number;
  readonly above: number;
}

/** Gradient boosting of the logistic loss. */
function boost(bins: readonly Uint8Array[], isOurs: readonly boolean[], training: Uint32Array): Stump[] {
  const scores = new Float64Array(isOurs.length);
  const stumps: Stump[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const residuals = scores.map((score, at) => (isOurs[at] ? 1 : 0) - 1 / (1 + Math.exp(-score)));
    const stump = bestStump(bins, residuals, training);
    if (stump === undefined) break;
    stumps.push(stump);
    const column = bins[stump.feature] ?? new Uint8Array(0);
    for (const at of training) {
      scores[at] = (scores[at] ?? 0) + ((column[at] ?? 0) <= stump.bin ? stump.below : stump.above);
    }
  }
  return stumps;
}

function bestStump(bins: readonly Uint8Array[], residuals: Float64Array, training: Uint32Array): Stump | undefined {
  let best: { readonly stump: Stump; readonly gain: number } | undefined;
  for (const [feature, column] of bins.entries()) {
    const sums = new Float64Array(BINS);
    const counts = new Float64Array(BINS);
    for (const at of training) {
      const bin = column[at] ?? 0;
      sums[bin] = (sums[bin] ?? 0) + (residuals[at] ?? 0);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    const total = sums.reduce((sum, each) => sum + each, 0);
    let [below, countBelow] = [0, 0];
    for (let bin = 0; bin < BINS - 1; bin++) {
      below += sums[bin] ?? 0;
      countBelow += counts[bin] ?? 0;
      const countAbove = training.length - countBelow;
      if (countBelow === 0 || countAbove === 0) continue;
      const above = total - below;
      const gain = below ** 2 / countBelow + above ** 2 / countAbove;
      if (best !== undefined && gain <= best.gain) continue;
      // The residuals of a fair coin have a variance of a quarter: one Newton step.
      const step = (sum: number, count: number) => (4 * SHRINKAGE * sum) / count;
      best = { gain, stump: { feature, bin, below: step(below, countBelow), above: step(above, countAbove) } };
    }
  }
  return best?.stump;
}

/** @returns the number of the bin of each value; bins hold as many values each as ties allow. */
function binned(values: ArrayLike<number>): Uint8Array {
  const sorted = Float64Array.from(values).sort();
  const edges = Array.from({ length: BINS - 1 }, (_, at) => sorted[Math.floor(((at + 1) * sorted.length) / BINS)] ?? 0);
  return Uint8Array.from(values, (value) => edges.filter((edge) => value > edge).length);
}
