/** The chi-squared test of two samples: whether they are of one distribution, of any form. */

import type { Labels } from './labels.ts';

/** Bins with fewer values than this on both sides together are left out. */
const MIN_COUNT = 10;
const DEVIATIONS = 4;

export interface ChiSquared {
  /** By degree of freedom; about 1 for one distribution. */
  readonly perDegree: number;
  /** The figure that chance stays below. */
  readonly chance: number;
}

/** @param bins the number of the bin of each row. */
export function chiSquared(bins: ArrayLike<number>, { isOurs }: Labels): ChiSquared {
  const counts = new Map<number, [ours: number, theirs: number]>();
  const totals: [number, number] = [0, 0];
  for (const [at, ours] of isOurs.entries()) {
    const count = counts.get(bins[at] ?? 0) ?? [0, 0];
    counts.set(bins[at] ?? 0, count);
    count[ours ? 0 : 1]++;
    totals[ours ? 0 : 1]++;
  }
  const [ours, theirs] = totals;
  const kept = [...counts.values()].filter(([a, b]) => a + b >= MIN_COUNT);
  const degrees = kept.length - 1;
  if (degrees < 1 || ours === 0 || theirs === 0) return { perDegree: 1, chance: 1 };
  // Of two samples of different sizes (Press et al., Numerical Recipes 14.3).
  const [scaleOurs, scaleTheirs] = [Math.sqrt(theirs / ours), Math.sqrt(ours / theirs)];
  const sum = kept.reduce((total, [a, b]) => total + (a * scaleOurs - b * scaleTheirs) ** 2 / (a + b), 0);
  // Chi-squared has the mean of its degrees and twice that as variance (Wilson and Hilferty 1931 for its tail).
  const ninth = 2 / (9 * degrees);
  return { perDegree: sum / degrees, chance: (1 - ninth + DEVIATIONS * Math.sqrt(ninth)) ** 3 };
}
