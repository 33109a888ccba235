/** Computing one at a time, for a bounded number of callers. */

/** Number that wait behind the one that is computed. */
const MAX_WAITING = 4;
/** Number that one network may have in the queue, so that it leaves places to others. */
const MAX_OF_NETWORK = 3;

export class HashQueue {
  #last: Promise<unknown> = Promise.resolve();
  /** The network of each one that waits or is computed. */
  readonly #networks: string[] = [];

  /** @returns the result of `compute`, in its turn; undefined at once when there is no place. */
  tryRun<T>(network: string, compute: () => Promise<T>): Promise<T> | undefined {
    const ofNetwork = this.#networks.filter((each) => each === network).length;
    if (this.#networks.length > MAX_WAITING || ofNetwork >= MAX_OF_NETWORK) return undefined;
    this.#networks.push(network);
    const result = this.#last.then(async () => {
      try {
        // A hash holds the thread: what came in meanwhile goes before the next one.
        await scheduler.wait(0);
        return await compute();
      } finally {
        this.#networks.splice(this.#networks.indexOf(network), 1);
      }
    });
    this.#last = result.catch(() => undefined);
    return result;
  }
}
