/** Welch's t, as dudect uses it for times (Reparaz, Balasch, Verbauwhede 2017). */

/** Shares of the times that are kept, the longest cropped: interruptions make tails that hide small differences. */
const CROPS = [1, 0.99, 0.95, 0.9, 0.8, 0.5];

/** @returns the largest |t| over all crops. Beyond 4.5, the times depend on the class. */
export function croppedT(a: readonly number[], b: readonly number[]): number {
  const sorted = [...a, ...b].sort((x, y) => x - y);
  return Math.max(
    ...CROPS.map((share) => {
      const most = sorted[Math.ceil(share * sorted.length) - 1] ?? Number.POSITIVE_INFINITY;
      const [keptA, keptB] = [a, b].map((times) => times.filter((time) => time <= most));
      return Math.abs(welchT(keptA ?? [], keptB ?? []));
    }),
  );
}

export function welchT(a: readonly number[], b: readonly number[]): number {
  const [first, second] = [momentsOf(a), momentsOf(b)];
  const error = Math.sqrt(first.variance / a.length + second.variance / b.length);
  return error === 0 ? 0 : (first.mean - second.mean) / error;
}

function momentsOf(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, variance };
}
