/** The start of each Worker, beyond that of a Worker that does nothing. */

import { caleWorkers } from '../../test/support/serving/cale.ts';
import type { ServedWorker } from '../../test/support/serving/configuration.ts';
import { serve } from '../../test/support/serving/workerd.ts';
import { median, type Row } from '../measuring/measure.ts';

const ROUNDS = 15;
const EMPTY = { config: 'bench/startup/wrangler.toml' };

/** @returns rows `startup-…`: bytes of the bundle, and microseconds of CPU until the first request is answered. */
export async function measureStartups(): Promise<Row[]> {
  const workers = await caleWorkers();
  const nothing = workers.map(({ name }) => ({ name, ...EMPTY }));
  const times = new Map(workers.map(({ name }) => [name, [] as number[]]));
  const lengths = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    const { us: empty } = await start(nothing);
    for (const { name } of workers) {
      const { us, bundleLength } = await start(amongEmpty(name, workers));
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

/** One Worker, reachable, in its place among others that do nothing, so that its bindings lead somewhere. */
function amongEmpty(name: string, workers: readonly ServedWorker[]): ServedWorker[] {
  const all = workers.map((each) => (each.name === name ? each : { name: each.name, ...EMPTY }));
  return all.toSorted((a, b) => Number(b.name === name) - Number(a.name === name));
}

async function start(workers: readonly ServedWorker[]): Promise<{ us: number; bundleLength: number }> {
  const served = await serve(workers);
  try {
    return { us: await served.cpuTime(), bundleLength: served.bundleLength };
  } finally {
    await served.close();
  }
}
