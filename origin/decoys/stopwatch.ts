/**
 * Times how long an application waits for others. Time that it computes, or is kept waiting by other requests of the same
 * process, is left out as well as it can be: a decoy is kept waiting by them itself.
 */
export class Stopwatch {
  readonly #startedAt = Date.now();
  readonly #timer: ReturnType<typeof setTimeout>;
  /** Time until a timer of no time came, in milliseconds. */
  #lag: number | undefined;

  constructor() {
    this.#timer = setTimeout(() => {
      this.#lag = Date.now() - this.#startedAt;
    }, 0);
  }

  /** @returns milliseconds; 0 when nothing was waited for. */
  stop(): number {
    clearTimeout(this.#timer);
    return this.#lag === undefined ? 0 : Math.max(0, Date.now() - this.#startedAt - this.#lag);
  }
}
