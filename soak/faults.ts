/** Faults that are injected one after the other, and the moments in which they may show. */

import type { ServedSystem } from '../test/support/served-system.ts';

/** Time after a fault in which a request that began in it may still end. */
const AFTER_MS = 2000;

export class Faults {
  readonly #system: ServedSystem;
  #isOver = true;
  #overAt = Number.NEGATIVE_INFINITY;
  /** How many of each there were. */
  readonly counts = { kills: 0, 'KV refusals': 0 };

  constructor(system: ServedSystem) {
    this.#system = system;
  }

  /** @param since when a request began. @returns true when a fault may have met it. */
  mayHaveMet(since: number): boolean {
    return !this.#isOver || since < this.#overAt + AFTER_MS;
  }

  /** Kills workerd, and starts it again. */
  async kill(): Promise<void> {
    this.counts.kills += 1;
    await this.#during(async () => {
      await this.#system.kill();
      await this.#system.restart();
    });
  }

  /** KV refuses everything for so long. */
  async refuseKv(milliseconds: number): Promise<void> {
    this.counts['KV refusals'] += 1;
    await this.#during(async () => {
      this.#system.catalogue.refuse(true);
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      this.#system.catalogue.refuse(false);
    });
  }

  async #during(fault: () => Promise<void>): Promise<void> {
    this.#isOver = false;
    try {
      await fault();
    } finally {
      this.#overAt = performance.now();
      this.#isOver = true;
    }
  }
}
