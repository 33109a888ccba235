/** What the start of each Worker costs, beyond that of a Worker that does nothing. */

import { caleWorkers } from '../chain/stage.ts';
import { median, type Row } from '../measure.ts';
import { type ServedWorker, serve } from '../workerd.ts';

const ROUNDS = 15;
const EMPTY = { config: 'bench/startup/wrangler.toml' };

/** Rows `startup-…`: octets of the bundle, and microseconds of CPU until the first request is answered. */
export async function measureStartups(): Promise<Row[]> {
  const workers = await caleWorkers();
  // Each in its place among the others, which do nothing, so that its bindings lead somewhere.
  const alone = (name: string) => {
    const others = workers.map((each) => (each.name === name ? each : { name: each.name, ...EMPTY }));
    return others.toSorted((a, b) => Number(b.name === name) - Number(a.name === name));
  };
  const nothing = workers.map(({ name }) => ({ name, ...EMPTY }));
  const times = new Map(workers.map(({ name }) => [name, [] as number[]]));
  const lengths = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    const { us: empty } = await start(nothing);
    for (const { name } of workers) {
      const { us, bundleLength } = await start(alone(name));
      times.get(name)?.push(us - empty);
      lengths.set(name, bundleLength);
    }
  }
  return workers.map(({ name }) => ({
    work: `startup-${name}`,
    bytes: lengths.get(name) ?? 0,
    subject: 'cale',
    us: median(times.get(name) ?? []),
  }));
}

async function start(workers: readonly ServedWorker[]): Promise<{ us: number; bundleLength: number }> {
  const served = await serve(workers);
  try {
    return { us: await served.cpuTime(), bundleLength: served.bundleLength };
  } finally {
    await served.close();
  }
}
