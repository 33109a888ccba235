/** What a soak counts: requests by what came of them, and how long they took. */

/** Outcomes that are no failure: while a fault is injected, a broken connection and 503 are what is promised. */
export type Outcome = 'right' | 'WRONG' | 'broken, injected' | 'unavailable, injected' | 'BROKEN' | 'FAILED';

const isBad = (outcome: Outcome): boolean => outcome === outcome.toUpperCase();

export class Ledger {
  readonly #counts = new Map<string, number>();
  readonly #times = new Map<string, number[]>();
  readonly #bad: string[] = [];

  /** @param detail of what is bad. */
  note(kind: string, outcome: Outcome, milliseconds: number, detail = ''): void {
    const name = `${kind}\t${outcome}`;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    if (outcome === 'right') this.#times.set(kind, [...(this.#times.get(kind) ?? []).slice(-10_000), milliseconds]);
    if (isBad(outcome)) this.#bad.push(`${kind}: ${outcome} ${detail}`);
  }

  /** What must not have happened; the first of each. */
  get bad(): readonly string[] {
    return [...new Set(this.#bad)];
  }

  /** @returns lines of a table. */
  format(): string[] {
    const kinds = [...new Set([...this.#counts.keys()].map((name) => name.split('\t')[0] ?? ''))].sort();
    return kinds.map((kind) => {
      const counts = [...this.#counts]
        .filter(([name]) => name.startsWith(`${kind}\t`))
        .map(([name, count]) => `${count} ${name.split('\t')[1]}`);
      const times = (this.#times.get(kind) ?? []).toSorted((a, b) => a - b);
      const at = (share: number) => `${Math.round(times[Math.floor(times.length * share)] ?? Number.NaN)} ms`;
      return `${kind.padEnd(26)} p50 ${at(0.5).padStart(8)}  p99 ${at(0.99).padStart(8)}  ${counts.join(', ')}`;
    });
  }
}
