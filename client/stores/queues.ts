/** Work by name, one after the other, within this program. */
export class Queues {
  /** The last work of each name; it never fails. */
  readonly #last = new Map<string, Promise<unknown>>();

  /** Does the work when all that was given before under the same name is done. @returns what it gives. */
  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name);
    const running = before === undefined ? work() : before.then(work);
    const last = running.catch(() => undefined);
    this.#last.set(name, last);
    try {
      return await running;
    } finally {
      if (this.#last.get(name) === last) this.#last.delete(name);
    }
  }
}
