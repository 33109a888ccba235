/** Counting failures in memory. */

/** A failure that was counted before it was known to be one; or the seconds after which the next one is counted. */
export type Charge = { readonly ok: true; cancel(): void } | { readonly ok: false; readonly retryAfterSeconds: number };

interface FailureCountsOptions {
  /** Number of failures of a key in one window. */
  readonly limit: number;
  /** Length of a window, which begins with its first failure. */
  readonly windowSeconds: number;
  /** Number of keys that are counted. Beyond it the window that began first is dropped. */
  readonly capacity: number;
}

interface CountWindow {
  count: number;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
}

/** Failures by key, such as a network. */
export class FailureCounts {
  /** In the order of their beginnings, which is that of their ends. */
  readonly #windows = new Map<string, CountWindow>();
  readonly #options: FailureCountsOptions;

  constructor(options: FailureCountsOptions) {
    this.#options = options;
  }

  /**
   * Counts an attempt as a failure before it is made, so that attempts at the same time do not all pass. One that
   * succeeds is to be cancelled.
   */
  charge(key: string): Charge {
    const now = Date.now();
    const current = this.#windows.get(key);
    const window = current !== undefined && now < current.endsAt ? current : this.#begin(key, now);
    if (window.count >= this.#options.limit) {
      return { ok: false, retryAfterSeconds: Math.ceil((window.endsAt - now) / 1000) };
    }
    window.count++;
    return {
      ok: true,
      cancel() {
        window.count--;
      },
    };
  }

  #begin(key: string, now: number): CountWindow {
    const window = { count: 0, endsAt: now + this.#options.windowSeconds * 1000 };
    this.#windows.delete(key);
    this.#windows.set(key, window);
    const [first] = this.#windows.keys();
    if (this.#windows.size > this.#options.capacity && first !== undefined) this.#windows.delete(first);
    return window;
  }
}
