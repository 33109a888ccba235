/** Taking times from outside, in rounds that go through all subjects in turn, so that a slow moment hits them alike. */

/** A figure of the bench. */
export interface Row {
  readonly work: string;
  readonly bytes: number;
  readonly subject: string;
  /** Microseconds: the median of the rounds. */
  readonly us: number;
}

/** A subject that does one work on content of one size. */
export interface Measured extends Omit<Row, 'us'> {
  /** Microseconds of one round. */
  readonly round: () => Promise<number>;
}

export async function measure(subjects: readonly Measured[], rounds: number): Promise<Row[]> {
  const times = new Map(subjects.map((subject) => [subject, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    // Each round begins with another subject and every other goes backwards, so that none always follows the same one.
    const start = round % subjects.length;
    const order = [...subjects.slice(start), ...subjects.slice(0, start)];
    for (const subject of round % 2 === 0 ? order : order.reverse()) times.get(subject)?.push(await subject.round());
  }
  return subjects.map((subject) => {
    const { work, bytes, subject: name } = subject;
    return { work, bytes, subject: name, us: median(times.get(subject) ?? []) };
  });
}

/**
 * Measures several times, each with processes of its own: the place of a process in memory, and the choices of its
 * compiler, last as long as it does.
 * @returns the rows of all passes, each figure the median of theirs.
 */
export async function medianOf(count: number, measureOnce: () => Promise<Row[]>): Promise<Row[]> {
  const passes: Row[][] = [];
  for (let pass = 0; pass < count; pass++) passes.push(await measureOnce());
  return (passes[0] ?? []).map((row, at) => ({ ...row, us: median(passes.map((rows) => rows[at]?.us ?? Number.NaN)) }));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** @returns microseconds until the answer is there in full. */
export async function timeOf(url: URL): Promise<number> {
  const start = performance.now();
  await expectText(url);
  return (performance.now() - start) * 1000;
}

/** @throws {Error} when the answer is not 200. */
export async function expectText(url: URL): Promise<string> {
  const response = await fetch(url);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${url.pathname}: ${response.status} ${text}`);
  return text;
}
