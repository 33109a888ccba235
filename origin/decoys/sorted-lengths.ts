/** Lengths in their order, so that one near another is found at once, however many there are. */
export class SortedLengths {
  readonly #lengths: number[] = [];

  add(length: number): void {
    this.#lengths.splice(this.#placeOf(length), 0, length);
  }

  /** @param length one that was added. */
  remove(length: number): void {
    this.#lengths.splice(this.#placeOf(length), 1);
  }

  /**
   * @param length one of the lengths.
   * @returns a length between those around it. The more there are, the more of them are around: so none is drawn much
   *   more often than the one beside it, only because it was there twice by chance.
   */
  drawNear(length: number): number {
    const lengths = this.#lengths;
    const widest = (PARTING_GAPS * ((lengths.at(-1) ?? length) - (lengths[0] ?? length))) / lengths.length;
    const around = Math.max(1, Math.floor(lengths.length / SHARE_AROUND));
    const middle = (this.#placeOf(length) + this.#placeOf(length + 1)) >> 1;
    const least = lengthAt(lengths, middle, -1, around, widest) ?? length;
    const most = lengthAt(lengths, middle, 1, around, widest) ?? length;
    return least + Math.floor(Math.random() * (most - least + 1));
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

/** @returns the length so many steps from a place, or that in front of a gap which is wider than may be. */
function lengthAt(
  lengths: readonly number[],
  place: number,
  step: 1 | -1,
  steps: number,
  widest: number,
): number | undefined {
  let at = place;
  for (let taken = 0; taken < steps; taken++) {
    const [here, next] = [lengths[at], lengths[at + step]];
    if (here === undefined || next === undefined || Math.abs(next - here) > widest) break;
    at += step;
  }
  return lengths[at];
}

/** One part of so many of all lengths is around one of them, on each side. */
const SHARE_AROUND = 64;
/** A gap of so many times the mean one parts two kinds of lengths. None is drawn inside of it. */
const PARTING_GAPS = 8;
