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
   * @returns a length from halfway to the next smaller one to halfway to the next larger one.
   */
  drawNear(length: number): number {
    const below = this.#lengths[this.#placeOf(length) - 1] ?? length;
    const above = this.#lengths[this.#placeOf(length + 1)] ?? length;
    const [least = length] = this.#lengths;
    const widest = (PARTING_GAPS * ((this.#lengths.at(-1) ?? length) - least)) / this.#lengths.length;
    const down = length - below > widest ? 0 : (length - below) / 2;
    const up = above - length > widest ? 0 : (above - length) / 2;
    return Math.round(length - down + Math.random() * (down + up));
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

/** A gap of so many times the mean one parts two kinds of lengths. None is drawn inside of it. */
const PARTING_GAPS = 8;
