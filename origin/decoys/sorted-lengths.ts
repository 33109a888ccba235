/** Lengths in their order, so that one near another is found at once, however many there are. */
export class SortedLengths {
  readonly #lengths: number[] = [];
  /** Number of lengths that are not that of another one. */
  #distinct = 0;

  add(length: number): void {
    const place = this.#placeOf(length);
    if (this.#lengths[place] !== length) this.#distinct++;
    this.#lengths.splice(place, 0, length);
  }

  /** @param length one that was added. */
  remove(length: number): void {
    const place = this.#placeOf(length);
    this.#lengths.splice(place, 1);
    if (this.#lengths[place] !== length) this.#distinct--;
  }

  /**
   * @param length one of the lengths.
   * @returns a length that could be among those around it; the same one where they say too little of others. The more
   *   there are, the more of them are around: so none is drawn more often than the one beside it by chance. All are whole
   *   steps apart, such as four bytes in base64.
   */
  drawNear(length: number): number {
    if (this.#lengths.length < MIN_LENGTHS) return length;
    const around = this.#around(length);
    const [least = length] = around;
    const gaps = around.slice(1).map((each, at) => each - (around[at] ?? each));
    const step = gaps.reduce(greatestCommonDivisor, 0);
    if (step === 0) return length;
    const choices = ((around.at(-1) ?? least) - least) / step + 1;
    const seen = 1 + gaps.filter((gap) => gap > 0).length;
    // The mean number of choices that as many draws meet.
    const expected = choices * (1 - (1 - 1 / choices) ** around.length);
    if (seen < MIN_SEEN * expected) return length;
    return least + step * Math.floor(Math.random() * choices);
  }

  /** @returns the lengths around one, up to gaps that part two kinds of them. */
  #around(length: number): number[] {
    const lengths = this.#lengths;
    const widest = (PARTING_GAPS * ((lengths.at(-1) ?? length) - (lengths[0] ?? length))) / this.#distinct;
    const steps = Math.max(1, Math.floor(lengths.length / SHARE_AROUND));
    const middle = (this.#placeOf(length) + this.#placeOf(length + 1)) >> 1;
    const [from, to] = [placeAway(lengths, middle, -1, steps, widest), placeAway(lengths, middle, 1, steps, widest)];
    return lengths.slice(from, to + 1);
  }

  /** Number of the lengths below this one. */
  #placeOf(length: number): number {
    let [from, to] = [0, this.#lengths.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#lengths[middle] ?? 0) < length) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

/** @returns the place so many steps away, or that in front of a gap which is wider than may be. */
function placeAway(lengths: readonly number[], place: number, step: 1 | -1, steps: number, widest: number): number {
  let at = place;
  for (let taken = 0; taken < steps; taken++) {
    const [here, next] = [lengths[at], lengths[at + step]];
    if (here === undefined || next === undefined || Math.abs(next - here) > widest) break;
    at += step;
  }
  return at;
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));

/** The fewest lengths from which others are drawn. */
const MIN_LENGTHS = 16;
/** Where fewer than this share of those that were to be expected were seen, there are only those. */
const MIN_SEEN = 3 / 4;
/** One part of so many of all lengths is around one of them, on each side. */
const SHARE_AROUND = 64;
/** A gap of so many times the mean one parts two kinds of lengths. None is drawn inside of it. */
const PARTING_GAPS = 8;
