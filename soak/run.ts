/**
 * npm run soak -- MINUTES: all Workers under mixed traffic at capacity, while faults are injected: workerd is killed, KV
 * refuses. Fails for any wrong answer, and for any failure that no fault explains. -- --seed N as in another run.
 */

import { parseArgs } from 'node:util';
import { serveSystem } from '../test/support/served-system.ts';
import { createRandom } from '../test/support/statistics/random.ts';
import { Faults } from './faults.ts';
import { Ledger } from './ledger.ts';
import { Refused, trafficOf, type Work } from './traffic.ts';

const AT_ONCE = 8;
/** Times between two faults, and of a refusal. */
const BETWEEN_MS = 10_000;
const REFUSAL_MS = 3000;
const UNAVAILABLE = 503;
/** Too many passwords of one name at once, which traffic at capacity brings about. */
const TOO_MANY = 429;

const { values, positionals } = parseArgs({ options: { seed: { type: 'string' } }, allowPositionals: true });
const minutes = Number(positionals[0] ?? 10);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
if (!(minutes > 0) || !Number.isInteger(seed)) {
  console.error('npm run soak -- MINUTES [--seed N]');
  process.exit(2);
}
console.log(`${minutes} minutes, seed ${seed}`);

const random = createRandom(seed);
const system = await serveSystem();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const faults = new Faults(system);
const ledger = new Ledger();
const traffic = trafficOf(system, random);
const kinds = Object.entries(traffic).flatMap(([kind, [weight, work]]) =>
  Array<[string, Work]>(weight).fill([kind, work]),
);
const end = performance.now() + minutes * 60_000;

async function ask(kind: string, work: Work): Promise<void> {
  const start = performance.now();
  try {
    const wrong = await work();
    ledger.note(kind, wrong === undefined ? 'right' : 'WRONG', performance.now() - start, wrong);
  } catch (error) {
    const milliseconds = performance.now() - start;
    const isInjected = faults.mayHaveMet(start);
    if (!(error instanceof Refused)) {
      // A connection that broke, or an answer that did not open: only the first may come of a fault.
      const isBroken = /fetch failed|terminated|ECONN|socket/i.test(String(error));
      const outcome = isBroken ? (isInjected ? 'broken, injected' : 'BROKEN') : 'WRONG';
      ledger.note(kind, outcome, milliseconds, String(error));
    } else if (error.status === TOO_MANY) await new Promise((resolve) => setTimeout(resolve, 200));
    else if (error.status === UNAVAILABLE && isInjected) ledger.note(kind, 'unavailable, injected', milliseconds);
    else ledger.note(kind, 'FAILED', milliseconds, `status ${error.status}`);
  }
}

async function loop(): Promise<void> {
  while (performance.now() < end) {
    const [kind, work] = kinds[Math.floor(random() * kinds.length)] ?? [];
    if (kind !== undefined && work !== undefined) await ask(kind, work);
    // While workerd is down each request fails at once.
    if (faults.mayHaveMet(performance.now())) await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function inject(): Promise<void> {
  while (performance.now() + BETWEEN_MS + REFUSAL_MS < end) {
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    await (random() < 0.5 ? faults.kill() : faults.refuseKv(REFUSAL_MS));
  }
}

const mib = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MiB`;
const before = await system.memory();
await Promise.all([inject(), ...Array.from({ length: AT_ONCE }, loop)]);
const after = await system.memory();
await system.close();

for (const line of ledger.format()) console.log(line);
console.log(`faults: ${JSON.stringify(faults.counts)}; memory: ${mib(before)} at the start, ${mib(after)} at the end`);
for (const bad of ledger.bad.slice(0, 20)) console.error(bad);
process.exitCode = ledger.bad.length > 0 ? 1 : 0;
