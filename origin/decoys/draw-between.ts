/** A gap of so many times the mean one parts two kinds of lengths. None is drawn inside of it. */
const PARTING_GAPS = 8;

/**
 * @param length one of the lengths.
 * @returns a length from halfway to the next smaller one to halfway to the next larger one.
 */
export function drawBetween(lengths: readonly number[], length: number): number {
  let [least, most, below, above] = [length, length, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const other of lengths) {
    if (other < least) least = other;
    if (other > most) most = other;
    if (other < length && other > below) below = other;
    if (other > length && other < above) above = other;
  }
  const widest = (PARTING_GAPS * (most - least)) / lengths.length;
  const down = length - below > widest ? 0 : (length - below) / 2;
  const up = above - length > widest ? 0 : (above - length) / 2;
  return Math.round(length - down + Math.random() * (down + up));
}
