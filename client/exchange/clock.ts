/** The clock of an edge, as its answers tell: nonces are by it, so that a device with a wrong clock can write. */
export class EdgeClock {
  #offset = 0;
  #isKnown = false;

  /** True when an answer told the time. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** Takes the time from an answer (RFC 9110 6.6.1). */
  observe(headers: Headers): void {
    const time = Date.parse(headers.get('Date') ?? '');
    if (Number.isNaN(time)) return;
    this.#offset = time - Date.now();
    this.#isKnown = true;
  }

  /** @returns milliseconds since 1970. */
  now(): number {
    return Date.now() + this.#offset;
  }
}
